"""Blobs in GridFS. A blob becomes visible when it is complete, never before."""

from collections.abc import AsyncIterable, AsyncIterator, Collection, Sequence
from datetime import datetime

from gridfs.errors import CorruptGridFile, NoFile
from motor.motor_asyncio import AsyncIOMotorGridFSBucket

from common.adapters.mongo_connection import Database, store_errors
from common.errors import SourceMissing

CHUNK_BYTES = 1024 * 1024


class GridFSBlobStore:
    def __init__(self, database: Database) -> None:
        self._files = database["fs.files"]
        self._chunks = database["fs.chunks"]
        self._bucket = AsyncIOMotorGridFSBucket(database, chunk_size_bytes=CHUNK_BYTES)

    async def prepare(self) -> None:
        """Make the indexes that are not there yet."""
        with store_errors():
            await self._files.create_index([("metadata.job_id", 1)])

    async def write(self, key: str, chunks: AsyncIterable[bytes], *, expires_at: datetime) -> int:
        job_id, _, _ = key.partition("/")
        written = 0
        with store_errors():
            upload = self._bucket.open_upload_stream_with_id(
                key, key, metadata={"job_id": job_id, "expires_at": expires_at}
            )
            try:
                async for chunk in chunks:
                    await upload.write(chunk)
                    written += len(chunk)
                await upload.close()
            except BaseException:
                await upload.abort()
                raise
        return written

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        with store_errors():
            try:
                blob = await self._bucket.open_download_stream(key)
            except NoFile:
                raise SourceMissing() from None
            blob.seek(start)
            left = (blob.length if end is None else min(end, blob.length)) - start
            while left > 0:
                try:
                    chunk: bytes = await blob.read(min(CHUNK_BYTES, left))
                except CorruptGridFile:  # it is being deleted, or its deletion was interrupted
                    raise SourceMissing() from None
                if not chunk:
                    raise SourceMissing()
                left -= len(chunk)
                yield chunk

    async def present(self, keys: Sequence[str]) -> Collection[str]:
        with store_errors():
            found = await self._files.find({"_id": {"$in": list(keys)}}, {"_id": 1}).to_list(None)
        return {one["_id"] for one in found}

    async def delete(self, key: str) -> None:
        with store_errors():
            try:
                await self._bucket.delete(key)
            except NoFile:
                return

    async def delete_under(self, prefix: str, *, keep: str | None = None) -> None:
        which = {"$gte": prefix, "$lt": f"{prefix[:-1]}0", "$ne": keep}  # a zero follows the slash
        with store_errors():
            await self._files.delete_many({"_id": which})
            await self._chunks.delete_many({"files_id": which})

    async def delete_all(self, job_id: str) -> None:
        await self.delete_under(f"{job_id}/")
