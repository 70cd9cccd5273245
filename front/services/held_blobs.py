"""Blobs for as long as an answer takes: whole to its last byte, whatever is deleted meanwhile."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from common.ports import BlobStore, SourceFiles

# Smaller ones are held in memory, as most documents are; the others as local files.
_IN_MEMORY_BYTES: Final = 1024 * 1024
_READ_BYTES: Final = 1024 * 1024


class Held:
    """Blobs by key, as bytes or as the local files that hold them."""

    def __init__(self, contents: Mapping[str, bytes | Path]) -> None:
        self._contents = contents

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from ``start`` up to ``end`` (exclusive), in chunks."""
        content = self._contents[key]
        if isinstance(content, bytes):
            yield content[start:end]
            return
        async for chunk in _chunks(content, start, end):
            yield chunk


class HeldBlobs:
    def __init__(self, blobs: BlobStore, files: SourceFiles) -> None:
        self._blobs = blobs
        self._files = files

    @asynccontextmanager
    async def hold(self, *keys: str) -> AsyncGenerator[Held]:
        """The blobs, none of which is lost before the context is left.

        Raises SourceMissing where one is gone already, and Unavailable.
        """
        async with AsyncExitStack() as stack:
            yield Held({key: await self._content(key, stack) for key in keys})

    async def _content(self, key: str, stack: AsyncExitStack) -> bytes | Path:
        beginning = [chunk async for chunk in self._blobs.read(key, 0, _IN_MEMORY_BYTES + 1)]
        content = b"".join(beginning)
        if len(content) <= _IN_MEMORY_BYTES:
            return content
        return await stack.enter_async_context(self._files.use(key))


async def _chunks(path: Path, start: int, end: int | None) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        left = path.stat().st_size - start if end is None else end - start
        while chunk := await asyncio.to_thread(file.read, max(0, min(left, _READ_BYTES))):
            left -= len(chunk)
            yield chunk
