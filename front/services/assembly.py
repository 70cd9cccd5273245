"""From the settled pages of a job to its finished document, page by page."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Container
from contextlib import ExitStack
from datetime import datetime
from typing import IO, Any
from uuid import uuid4

import orjson

from common.document.model_usage import ModelUsage
from common.document.page import Page
from common.domain.job import Job
from common.domain.job_parts import Document, backstop
from common.ports import BlobStore, PageRepository
from front.services.extractions import Extractions
from front.services.manuscript import Manuscript

PAGES_AT_ONCE = 50
SPOOL_BYTES = 8 * 1024 * 1024
_READ_BYTES = 1024 * 1024


class Assembly:
    """Builds the blobs of a job whose pages are all settled: what the API shows of it, its transcript, and
    that of its translation where one was asked for.

    Each try has keys of its own, so that replicas may assemble the same job at once.
    """

    def __init__(
        self,
        pages: PageRepository,
        translations: PageRepository,
        blobs: BlobStore,
        now: Callable[[], datetime],
    ) -> None:
        self._pages = pages
        self._translations = translations
        self._blobs = blobs
        self._now = now

    async def assemble(self, job: Job) -> Document:
        with ExitStack() as files:
            draft = _Draft(job, files)
            for start in range(0, job.page_count, PAGES_AT_ONCE):
                indexes = range(start, min(start + PAGES_AT_ONCE, job.page_count))
                found = await _found(self._pages, job, indexes, but=job.failures)
                translated = (
                    await _found(self._translations, job, indexes, but=job.untranslated)
                    if draft.translation
                    else {}
                )
                await asyncio.to_thread(draft.add, indexes, found, translated)
            document = await asyncio.to_thread(draft.close)
            expires_at = backstop(self._now(), job.retention)
            for key, file in draft.files.items():
                await self._blobs.write(key, _chunks(file), expires_at=expires_at)
        return document

    async def discard(self, document: Document) -> None:
        """Remove a document that another replica's was preferred to."""
        for key in document.keys:
            await self._blobs.delete(key)


class _Draft:
    """One try: its ``files`` by the keys of the blobs that they will be."""

    def __init__(self, job: Job, files: ExitStack) -> None:
        attempt = uuid4().hex
        self._job = job
        self._keys = [f"{job.id}/{part}/{attempt}" for part in ("document", "words", "translation")]
        self._overview, words, translated_words = spooled = [
            files.enter_context(tempfile.SpooledTemporaryFile(SPOOL_BYTES))  # noqa: SIM115 - it does
            for _ in self._keys
        ]
        self._manuscript = Manuscript(job, words, self._overview)
        self._extractions = Extractions(job)
        self._usage: ModelUsage | None = None
        is_translated = job.request.translate_to is not None
        self.translation = Manuscript(job, translated_words) if is_translated else None
        self.files: dict[str, IO[bytes]] = dict(zip(self._keys, spooled, strict=True))
        if not is_translated:
            del self.files[self._keys[2]]

    def add(self, indexes: range, found: dict[int, Page], translated: dict[int, Page]) -> None:
        """A page that could not be translated stays as it was read."""
        self._manuscript.add(indexes, found)
        self._extractions.add(found)
        if self.translation is not None:
            self.translation.add(indexes, found | translated)
        for page in (*found.values(), *translated.values()):
            if page.usage is not None:
                self._usage = page.usage if self._usage is None else self._usage + page.usage

    def close(self) -> Document:
        key, words_key, translation_key = self._keys
        transcript = self._manuscript.close(words_key)
        members_at = self._overview.tell()
        translation = self.translation.close(translation_key) if self.translation else None
        rest = {"translation": self._translation_view(), **self._extractions.members()}
        self._overview.write(b"," + orjson.dumps(rest)[1:])
        return Document(
            key=key,
            members_at=members_at,
            transcript=transcript,
            mean_confidence=self._manuscript.mean_confidence,
            detected_languages=self._manuscript.detected_languages,
            translation=translation,
            usage=self._usage,
        )

    def _translation_view(self) -> dict[str, Any] | None:
        if self.translation is None:
            return None
        untranslated = self._job.untranslated
        return {
            "language": self._job.request.translate_to,
            "text": self.translation.text,
            "markdown": self.translation.markdown,
            "failed_pages": [{"index": index, "code": untranslated[index]} for index in sorted(untranslated)],
        }


async def _found(pages: PageRepository, job: Job, indexes: range, *, but: Container[int]) -> dict[int, Page]:
    """``but``: those whose result came after they had failed, and so counts for nothing."""
    return {body.index: body.page for body in await pages.read(job.id, indexes) if body.index not in but}


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    file.seek(0)
    while chunk := await asyncio.to_thread(file.read, _READ_BYTES):
        yield chunk
