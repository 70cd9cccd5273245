"""Answers that come before the whole request has been read, and are read by the client all the same.

Many clients read nothing until they have sent everything, and a socket that is closed while bytes
are still arriving is reset, so they would never learn why they were refused. Therefore: answer,
read on for a while without keeping anything, say goodbye with a FIN, and only then close (what
nginx calls lingering close).
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    RequestStartLine,
    ResponseStartLine,
)

LINGER_S = 10.0
LINGER_BYTES = 256 * 1024 * 1024

StartLine = RequestStartLine | ResponseStartLine


class LingeringConnection(HTTPConnection):
    """The connection as a handler sees it, for one request."""

    def __init__(self, connection: HTTP1Connection) -> None:
        self._connection = connection
        self.context = connection.context
        self.is_answered = False
        self._has_body = False
        self._is_received = False
        self._waits_to_send = False
        self._discarded_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    # --- for the handler ---

    def write_headers(
        self, start_line: StartLine, headers: HTTPHeaders, chunk: bytes | None = None
    ) -> "asyncio.Future[None]":
        if self._has_body and not self._is_received:
            headers["Connection"] = "close"
        return self._connection.write_headers(start_line, headers, chunk)

    def write(self, chunk: bytes) -> "asyncio.Future[None]":
        return self._connection.write(chunk)

    def finish(self) -> None:
        self.is_answered = True
        if self._is_received or self._waits_to_send:
            self._connection.finish()
        else:
            self._timer = asyncio.get_running_loop().call_later(LINGER_S, self._hang_up)

    def set_close_callback(self, callback: Callable[[], None] | None) -> None:
        self._connection.set_close_callback(callback)

    def set_max_body_size(self, max_bytes: int) -> None:
        self._connection.set_max_body_size(max_bytes)

    def set_body_timeout(self, limit_s: float) -> None:
        self._connection.set_body_timeout(limit_s)

    def close(self) -> None:
        """Break off, so that the client sees that the answer is not whole."""
        self._connection.close()

    # --- for the request that arrives ---

    def expect_body(self, headers: HTTPHeaders) -> None:
        """``headers`` have arrived; a client that asks to continue has not sent the body yet."""
        self._has_body = "Transfer-Encoding" in headers or headers.get("Content-Length", "0") != "0"
        self._waits_to_send = self._has_body and headers.get("Expect", "").lower() == "100-continue"

    def body_begins(self) -> None:
        self._waits_to_send = False

    def discard(self, chunk: bytes) -> None:
        self._discarded_bytes += len(chunk)
        if self._discarded_bytes > LINGER_BYTES:
            self._hang_up()

    def request_ended(self) -> None:
        """Nothing more will arrive: all of it is here, or the client is gone."""
        self._is_received = True
        if self._timer is not None:
            self._close_orderly()

    def _hang_up(self) -> None:
        """Send a FIN before the reset: so even a client that is still sending can read the answer."""
        stream = self._connection.stream
        if stream.socket is not None and not stream.writing():
            with contextlib.suppress(OSError):
                stream.socket.shutdown(socket.SHUT_WR)
        self._close_orderly()

    def _close_orderly(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._connection.finish()


class LingeringRequest(HTTPMessageDelegate):
    """Passes a request on to the application until that has answered it."""

    def __init__(
        self, application: HTTPMessageDelegate, connection: LingeringConnection, begins: Callable[[], None]
    ) -> None:
        self._application = application
        self._connection = connection
        self._begins = begins

    def headers_received(self, start_line: StartLine, headers: HTTPHeaders) -> Awaitable[None] | None:
        self._begins()
        self._connection.expect_body(headers)
        return self._application.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        self._connection.body_begins()
        if self._connection.is_answered:
            self._connection.discard(chunk)
            return None
        return self._application.data_received(chunk)

    def finish(self) -> None:
        was_answered = self._connection.is_answered
        self._connection.request_ended()
        if was_answered:
            self._application.on_connection_close()
        else:
            self._application.finish()

    def on_connection_close(self) -> None:
        self._connection.request_ended()
        self._application.on_connection_close()
