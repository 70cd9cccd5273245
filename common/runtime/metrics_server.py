"""The metrics of this process over HTTP, on a port of their own: no business of the API's callers."""

import contextlib
from collections.abc import Iterator

from prometheus_client import disable_created_metrics, start_http_server


@contextlib.contextmanager
def serving_metrics(address: str, port: int) -> Iterator[None]:
    """``GET /metrics`` is answered by a thread, for as long as the context is open; not with port 0.

    Raises OSError when the port is taken.
    """
    if not port:
        yield
        return
    disable_created_metrics()  # type: ignore[no-untyped-call]
    server, thread = start_http_server(port, address)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
