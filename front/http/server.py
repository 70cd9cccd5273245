"""The HTTP server: limits for what clients may do to it, and an orderly end."""

import asyncio
import contextlib
from typing import Any, cast

from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPConnection, HTTPMessageDelegate
from tornado.netutil import bind_sockets
from tornado.web import Application

from common import metrics
from front.http.lingering import LingeringConnection, LingeringRequest
from front.settings import FrontSettings

CHUNK_BYTES = 64 * 1024
MAX_HEADER_BYTES = 32 * 1024
# For handlers that do not say otherwise. Ours do, and read a body piece by piece.
MAX_BODY_BYTES = 1024 * 1024


def start(application: Application, settings: FrontSettings) -> "FrontServer":
    """A server that listens already, as ``settings`` say; port 0 means a free one."""
    server = FrontServer(
        application,
        chunk_size=CHUNK_BYTES,
        max_header_size=MAX_HEADER_BYTES,
        max_body_size=MAX_BODY_BYTES,
        body_timeout=settings.body_timeout_s,
        idle_connection_timeout=settings.idle_timeout_s,
    )
    sockets = bind_sockets(
        settings.front_port, settings.front_address, reuse_port=settings.reuse_port, backlog=1024
    )
    server.add_sockets(sockets)
    server.port = sockets[0].getsockname()[1]
    return server


class FrontServer(HTTPServer):
    """Knows which connections have a request in hand: from its headers until its answer is sent."""

    port: int

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        super().initialize(*args, **kwargs)
        self._busy: set[object] = set()
        self._quiet = asyncio.Event()
        self._quiet.set()

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        self._at_rest(server_conn)
        connection = LingeringConnection(cast(HTTP1Connection, request_conn))
        application = super().start_request(server_conn, connection)
        return LingeringRequest(application, connection, begins=lambda: self._in_hand(server_conn))

    def on_close(self, server_conn: object) -> None:
        self._at_rest(server_conn)
        super().on_close(server_conn)

    async def drain(self, limit_s: float) -> None:
        """Take no more connections, finish the requests in hand within ``limit_s``, close the rest."""
        self.stop()
        self.conn_params.no_keep_alive = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._quiet.wait()
        await self.close_all_connections()

    def _in_hand(self, server_conn: object) -> None:
        self._busy.add(server_conn)
        metrics.REQUESTS_ACTIVE.set(len(self._busy))
        self._quiet.clear()

    def _at_rest(self, server_conn: object) -> None:
        self._busy.discard(server_conn)
        metrics.REQUESTS_ACTIVE.set(len(self._busy))
        if not self._busy:
            self._quiet.set()
