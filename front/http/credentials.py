"""The token that a request carries."""

from tornado.httputil import HTTPServerRequest

_SCHEME = "bearer"
_ARGUMENT = "api_token"


def secret_of(request: HTTPServerRequest) -> str | None:
    """From the header ``Authorization: Bearer …``, else from ``?api_token=``; None without either."""
    scheme, _, credentials = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() == _SCHEME:
        return credentials.strip()
    arguments = request.query_arguments.get(_ARGUMENT)
    return arguments[-1].decode("utf-8", "replace").strip() if arguments else None
