"""From the settled pages of a job to its finished document, page by page."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import IO
from uuid import uuid4

from common.domain.job import Job
from common.domain.job_parts import Document, backstop
from common.ports import BlobStore, PageRepository
from front.services.manuscript import Manuscript

PAGES_AT_ONCE = 50
SPOOL_BYTES = 8 * 1024 * 1024
_READ_BYTES = 1024 * 1024


class Assembly:
    """Builds two blobs for a job whose pages are all settled.

    The *document* is the JSON object ``{"pages": […], "text": …, "markdown": …}`` as the API shows
    it; the *words* are one JSON object a line, one line a page, with the lines and words of every
    block, and behind them the text, the Markdown, and the Markdown with its pages marked. Each try has
    keys of its own, so that replicas may assemble the same job at once.
    """

    def __init__(self, pages: PageRepository, blobs: BlobStore, now: Callable[[], datetime]) -> None:
        self._pages = pages
        self._blobs = blobs
        self._now = now

    async def assemble(self, job: Job) -> Document:
        attempt = uuid4().hex
        key, words_key = f"{job.id}/document/{attempt}", f"{job.id}/words/{attempt}"
        with (
            tempfile.SpooledTemporaryFile(SPOOL_BYTES) as document,
            tempfile.SpooledTemporaryFile(SPOOL_BYTES) as words,
        ):
            manuscript = Manuscript(job, document, words)
            for start in range(0, job.page_count, PAGES_AT_ONCE):
                indexes = range(start, min(start + PAGES_AT_ONCE, job.page_count))
                found = {body.index: body.page for body in await self._pages.read(job.id, indexes)}
                await asyncio.to_thread(manuscript.add, indexes, found)
            await asyncio.to_thread(manuscript.close)
            expires_at = backstop(self._now(), job.retention)
            await self._blobs.write(key, _chunks(document), expires_at=expires_at)
            await self._blobs.write(words_key, _chunks(words), expires_at=expires_at)
        return Document(
            key=key,
            words_key=words_key,
            words_bytes=manuscript.words_bytes,
            text_bytes=manuscript.text_bytes,
            markdown_bytes=manuscript.markdown_bytes,
            mean_confidence=manuscript.mean_confidence,
            detected_languages=manuscript.detected_languages,
        )

    async def discard(self, document: Document) -> None:
        """Remove a document that another replica's was preferred to."""
        await self._blobs.delete(document.key)
        await self._blobs.delete(document.words_key)


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    file.seek(0)
    while chunk := await asyncio.to_thread(file.read, _READ_BYTES):
        yield chunk
