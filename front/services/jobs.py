"""Reading jobs: only one's own, waiting for their end, and what they found."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

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
from common.ports import JobRepository
from front.services.held_blobs import HeldBlobs
from front.services.live_feed import LiveFeed
from front.services.results import Results
from front.services.visitors import is_visitor

REREAD_S = 2.0
_ID = re.compile(r"[0-9a-f]{32}")
NO_JOB = "There is no such job of yours."


class Jobs:
    def __init__(
        self, jobs: JobRepository, blobs: HeldBlobs, feed: LiveFeed, now: Callable[[], datetime]
    ) -> None:
        self._jobs = jobs
        self._blobs = blobs
        self._feed = feed
        self._now = now

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
        if not job.status.is_shown or job.is_expired(self._now()):
            raise NotFound(NO_JOB)
        return job

    async def until_finished(self, job: Job, account: Account, wait_s: float) -> Job:
        """The job as soon as it has ended, or as it is after ``wait_s`` seconds.

        Raises NotFound when it is deleted meanwhile.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        with self._feed.watch(job.id) as changed:
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

    @asynccontextmanager
    async def document(self, job: Job) -> AsyncGenerator[Results]:
        """What the API shows of it: ``document`` alone may be read. Raises JobNotFinished or JobHasNoResult,
        and NotFound when the job was deleted meanwhile; once the context is open, nothing is missing.
        """
        found = document_of(job)
        async with self._results(found, found.transcript, found.key) as results:
            yield results

    @asynccontextmanager
    async def transcript(self, job: Job, *, translated: bool = False) -> AsyncGenerator[Results]:
        """Its pages with words, text and Markdown. Raises as ``document`` does, and InvalidField for the
        translation of a job that has none.
        """
        found = transcript_of(job, translated=translated)
        async with self._results(document_of(job), found, found.words_key) as results:
            yield results

    @asynccontextmanager
    async def everything(self, job: Job, *, translated: bool = False) -> AsyncGenerator[Results]:
        """Both. Raises as ``transcript`` does."""
        document, found = document_of(job), transcript_of(job, translated=translated)
        async with self._results(document, found, document.key, found.words_key) as results:
            yield results

    @asynccontextmanager
    async def _results(
        self, document: Document, transcript: Transcript, *keys: str
    ) -> AsyncGenerator[Results]:
        """A document goes with its job alone."""
        async with AsyncExitStack() as stack:
            try:
                held = await stack.enter_async_context(self._blobs.hold(*keys))
            except SourceMissing:
                raise NotFound(NO_JOB) from None
            yield Results(document, transcript, held)


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
