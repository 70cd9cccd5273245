"""Reading jobs: only one's own, waiting for their end, and what they found."""

import asyncio
import re
from collections.abc import AsyncIterator

import orjson

from common.domain.account import Account
from common.domain.job import Job
from common.domain.job_parts import Document
from common.errors import JobHasNoResult, JobNotFinished, NotFound
from common.ports import BlobStore, JobRepository
from front.services.live_feed import LiveFeed

REREAD_S = 2.0
_ID = re.compile(r"[0-9a-f]{32}")


class Jobs:
    def __init__(self, jobs: JobRepository, blobs: BlobStore, feed: LiveFeed) -> None:
        self._jobs = jobs
        self._blobs = blobs
        self._feed = feed

    async def find(self, job_id: str, account: Account) -> Job:
        """Raises NotFound for every job that is not this account's, whether there is one or not."""
        job = await self._jobs.get(job_id) if _ID.fullmatch(job_id) else None
        if job is None or job.account_id != account.id or not job.status.is_shown:
            raise NotFound("There is no such job of yours.")
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
                current = await self.find(job.id, account)
                left_s = deadline - loop.time()
                if current.status.is_terminal or left_s <= 0:
                    return current
                await _set_within(changed, min(REREAD_S, left_s))

    def document(self, job: Job) -> AsyncIterator[bytes]:
        """The JSON object ``{"pages": […], "text": …, "markdown": …}`` in chunks.

        Raises JobNotFinished or JobHasNoResult.
        """
        return self._blobs.read(_document(job).key)

    async def pages_with_words(self, job: Job) -> AsyncIterator[bytes]:
        """Every page's JSON object, its blocks with lines and words. Raises as ``document`` does."""
        rest = b""
        async for chunk in self._blobs.read(_document(job).words_key):
            *complete, rest = (rest + chunk).split(b"\n")
            for line in complete:
                yield line

    async def text(self, job: Job, *, markdown: bool) -> str:
        """The whole text, pages separated by a form feed, or as Markdown. Raises as ``document`` does."""
        chunks = [chunk async for chunk in self.document(job)]
        document = await asyncio.to_thread(lambda: orjson.loads(b"".join(chunks)))
        return str(document["markdown" if markdown else "text"])


def _document(job: Job) -> Document:
    if job.document is not None:
        return job.document
    if job.status.is_terminal:
        raise JobHasNoResult()
    raise JobNotFinished()


async def _set_within(event: asyncio.Event, limit_s: float) -> None:
    try:
        async with asyncio.timeout(limit_s):
            await event.wait()
    except TimeoutError:
        return
