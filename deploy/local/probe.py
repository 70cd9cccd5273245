"""Asking a server on this machine how it is."""

from base64 import b64encode
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

_LIMIT_S = 5


def http_status(url: str, *, bearer: str | None = None) -> int | None:
    """The status of a GET, or None when nobody answers. A user and password in ``url`` are sent.

    Never through a proxy, whatever the environment says.
    """
    parts = urlsplit(url)
    headers = {}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    elif parts.username:
        secret = b64encode(f"{parts.username}:{parts.password}".encode()).decode()
        headers["Authorization"] = f"Basic {secret}"
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_LIMIT_S)
    try:
        connection.request("GET", parts.path or "/", headers=headers)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
