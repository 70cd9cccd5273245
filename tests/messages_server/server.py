"""The server in a thread of its own, with its own event loop."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from tornado.httpserver import HTTPServer

from tests.messages_server.faults import Fault, Kind
from tests.messages_server.handlers import Mind, application
from tests.messages_server.reading import Reader
from tests.messages_server.transcript import Abandoned, Transcript

_MAX_BODY_BYTES = 64 * 1024 * 1024


class MessagesServer:
    """A server that runs. ``url`` is what goes into ANTHROPIC_BASE_URL."""

    def __init__(self, mind: Mind, server: HTTPServer, port: int, loop: asyncio.AbstractEventLoop) -> None:
        self._mind = mind
        self._server = server
        self._loop = loop
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    @property
    def transcript(self) -> Transcript:
        return self._mind.transcript

    @property
    def requests(self) -> list[dict[str, Any]]:
        return list(self._mind.transcript.requests)

    @property
    def abandoned(self) -> list[Abandoned]:
        """The answers whose clients closed the connection before the end."""
        return list(self._mind.transcript.abandoned)

    def delay(self, delay_s: float) -> None:
        self._mind.delay_s = delay_s

    def misbehave(self, kind: Kind, **how: Any) -> None:
        """Orders a fault, after those in force: see ``faults.Fault`` for how."""
        self._mind.faults.add(Fault(kind, **how))

    def behave(self) -> None:
        self._mind.faults.clear()

    @contextmanager
    def down(self) -> Iterator[None]:
        """Nobody listens, and answers under way are broken off."""
        self._in_loop(self._close())
        try:
            yield
        finally:
            self._in_loop(self._listen())

    async def _close(self) -> None:
        self._server.stop()
        await self._server.close_all_connections()

    async def _listen(self) -> None:
        self._server, _ = listen(self._mind, self.port)

    def _in_loop(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def reset(self) -> None:
        self.behave()
        self.delay(0)
        self._mind.transcript.reset()
        self._mind.cache.clear()


def listen(mind: Mind, port: int) -> tuple[HTTPServer, int]:
    """On this host alone, in the running event loop; port 0: any. Returns the port, too."""
    server = HTTPServer(application(mind), max_body_size=_MAX_BODY_BYTES, max_buffer_size=_MAX_BODY_BYTES)
    server.listen(port, address="127.0.0.1")
    (socket,) = server._sockets.values()
    return server, socket.getsockname()[1]


@contextmanager
def running_messages_server(languages: str = "eng", port: int = 0) -> Iterator[MessagesServer]:
    """Runs until the block ends; answers under way are broken off then."""
    mind = Mind(Reader(languages))
    ready = threading.Event()
    begun: list[tuple[MessagesServer, asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        server, bound = listen(mind, port)
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        running = MessagesServer(mind, server, bound, loop)
        begun.append((running, loop, stop))
        ready.set()
        await stop.wait()
        await running._close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="messages-server", daemon=True)
    thread.start()
    if not ready.wait(10):
        raise TimeoutError("the messages server has not started")
    running, loop, stop = begun[0]
    try:
        yield running
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
