"""A TCP proxy whose connections can be cut at a moment of the test's choosing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

_READ_BYTES = 64 * 1024


class Proxy:
    """Forwards what it receives on ``port`` of this host to ``target_port``."""

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self._target_port = target_port
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def connections(self) -> int:
        return len(self._writers) // 2

    def cut(self) -> None:
        """End every connection at once, without a goodbye; new ones are taken."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        ends = {writer, onward_writer}
        self._writers |= ends
        await asyncio.gather(_copy(reader, onward_writer), _copy(onward_reader, writer))
        self._writers -= ends


@contextlib.asynccontextmanager
async def proxy_to(target_port: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(target_port)
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
        proxy.port = server.sockets[0].getsockname()[1]
        yield proxy
        proxy.cut()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_READ_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()
