"""Metrics and health of this process over HTTP, on a port of their own: no business of the API's callers."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import disable_created_metrics, make_wsgi_app

from common.runtime.health import Health

_StartResponse = Callable[[str, list[tuple[str, str]]], Any]
_Application = Callable[[dict[str, Any], _StartResponse], Iterable[bytes]]


@contextlib.contextmanager
def serving_metrics(address: str, port: int, health: Health | None = None) -> Iterator[None]:
    """``GET /metrics`` is answered in threads, for as long as the context is open; not with port 0.

    With ``health`` also ``/livez`` and ``/readyz``: 200, or 503 with the reason. Raises OSError when the
    port is taken.
    """
    if not port:
        yield
        return
    disable_created_metrics()  # type: ignore[no-untyped-call]
    server = make_server(address, port, _application(health), _server_for(address, port), _QuietHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _application(health: Health | None) -> _Application:
    tell_metrics: _Application = make_wsgi_app()

    def answer(environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].rstrip("/")
        if health is not None and path == "/livez":
            return _tell(start_response, None if health.is_live() else "the event loop is stuck")
        if health is not None and path == "/readyz":
            return _tell(start_response, health.obstacle())
        return tell_metrics(environ, start_response)

    return answer


def _tell(start_response: _StartResponse, obstacle: str | None) -> Iterable[bytes]:
    status = "503 Service Unavailable" if obstacle else "200 OK"
    start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{obstacle or 'ok'}\n".encode()]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def _server_for(address: str, port: int) -> type[_Server]:
    """Of the address's family: IPv6 ones are not the library's default."""
    [(family, *_), *_] = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return type("_Server", (_Server,), {"address_family": family})


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: who asks every few seconds is no news."""
