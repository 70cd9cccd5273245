"""Reading jobs: only one's own, waiting for their end, and what they found."""

import asyncio
import re
from collections.abc import AsyncIterator

from common.domain.account import Account
from common.domain.job import Job
from common.domain.job_parts import Document, Transcript
from common.errors import (
    InvalidField,
    JobHasNoResult,
    JobNotFinished,
    NotFound,
    SourceMissing,
    Unauthorized,
    Unavailable,
)
from common.ports import BlobStore, JobRepository
from front.services.live_feed import LiveFeed
from front.services.visitors import is_visitor

REREAD_S = 2.0
_ID = re.compile(r"[0-9a-f]{32}")
NO_JOB = "There is no such job of yours."


class Jobs:
    def __init__(self, jobs: JobRepository, blobs: BlobStore, feed: LiveFeed) -> None:
        self._jobs = jobs
        self._blobs = blobs
        self._feed = feed

    async def find(self, job_id: str, account: Account) -> Job:
        """Raises NotFound for every job that is not this account's, whether there is one or not.

        A visitor may have every visitor's job, by its id; for any other it takes a token: Unauthorized.
        """
        if not _ID.fullmatch(job_id):
            raise NotFound(NO_JOB)
        job = await self._jobs.get(job_id)
        if is_visitor(account.id):
            if job is None or not is_visitor(job.account_id):
                raise Unauthorized("There is no such job without a token: send that of its account.")
        elif job is None or job.account_id != account.id:
            raise NotFound(NO_JOB)
        if not job.status.is_shown:
            raise NotFound(NO_JOB)
        return job

    async def until_finished(self, job: Job, account: Account, wait_s: float) -> Job:
        """The job as soon as it has ended, or as it is after ``wait_s`` seconds.

        Raises NotFound when it is deleted meanwhile.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        async with self._feed.watch(job.id) as changed:
            while True:
                changed.clear()
                job = await self._as_it_is_now(job, account)
                left_s = deadline - loop.time()
                if job.status.is_terminal or left_s <= 0:
                    return job
                await set_within(changed, min(REREAD_S, left_s))

    async def _as_it_is_now(self, job: Job, account: Account) -> Job:
        """The job as it was while the store is away: it was promised, so that is no error."""
        try:
            return await self.find(job.id, account)
        except Unavailable:
            return job

    def document(self, job: Job) -> AsyncIterator[bytes]:
        """The JSON object ``{"pages": […], "text": …, "markdown": …}`` in chunks.

        Raises JobNotFinished or JobHasNoResult, and NotFound when the job was deleted meanwhile.
        """
        return self._read(document_of(job).key)

    def members(self, job: Job) -> AsyncIterator[bytes]:
        """The end of that object: its members behind these three. Raises as ``document`` does."""
        document = document_of(job)
        return self._read(document.key, document.members_at)

    async def pages_with_words(self, job: Job, *, translated: bool = False) -> AsyncIterator[bytes]:
        """Every page's JSON object, its blocks with lines and words. Raises as ``document`` does, and
        InvalidField for the translation of a job that has none.
        """
        found, rest = transcript_of(job, translated=translated), b""
        async for chunk in self._read(found.words_key, 0, found.words_bytes):
            *complete, rest = (rest + chunk).split(b"\n")
            for line in complete:
                yield line

    def text(self, job: Job, *, translated: bool = False) -> AsyncIterator[bytes]:
        """The text in UTF-8, pages separated by a form feed. Raises as ``pages_with_words`` does."""
        found = transcript_of(job, translated=translated)
        return self._read(found.words_key, found.words_bytes, found.words_bytes + found.text_bytes)

    def markdown(self, job: Job, *, with_page_breaks: bool, translated: bool = False) -> AsyncIterator[bytes]:
        """The text as Markdown in UTF-8, with comments between pages or none. Raises as ``pages_with_words``
        does.
        """
        found = transcript_of(job, translated=translated)
        start = found.words_bytes + found.text_bytes
        if with_page_breaks:
            return self._read(found.words_key, start + found.markdown_bytes)
        return self._read(found.words_key, start, start + found.markdown_bytes)

    async def _read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """A document goes with its job alone."""
        try:
            async for chunk in self._blobs.read(key, start, end):
                yield chunk
        except SourceMissing:
            raise NotFound(NO_JOB) from None


def document_of(job: Job) -> Document:
    """Where what it found lies. Raises JobNotFinished or JobHasNoResult."""
    if job.document is not None:
        return job.document
    if job.status.is_terminal:
        raise JobHasNoResult()
    raise JobNotFinished()


def transcript_of(job: Job, *, translated: bool) -> Transcript:
    """What it found, or the translation of that. Raises as ``document_of`` does, and InvalidField."""
    document = document_of(job)
    if not translated:
        return document.transcript
    if document.translation is None:
        raise InvalidField(
            "translated",
            "This job has no translation: leave translated out, or send the file with translate_to.",
        )
    return document.translation


async def set_within(event: asyncio.Event, limit_s: float) -> None:
    """Wait until ``event`` is set, but no longer than that."""
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        return
