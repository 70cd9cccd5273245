"""How a job gets on, told page by page, from any position in the order in which its pages were settled."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from common import logs
from common.domain.account import Account
from common.domain.job import Job
from common.domain.job_parts import JobStatus, PageStatus
from common.errors import NotFound, TooManyStreams, Unavailable
from front.services.jobs import REREAD_S, Jobs, set_within
from front.services.live_feed import LiveFeed
from front.services.places import Places

HEARTBEAT_S = 15.0
# However fast pages are settled, the job is read no more often than this.
GATHER_S = 0.1

log = logs.get("progress")


@dataclass(frozen=True, slots=True)
class PageSettled:
    """``position`` counts settled pages from 1; ``code`` is why the page failed."""

    position: int
    index: int
    page_count: int
    code: str | None


@dataclass(frozen=True, slots=True)
class JobEnded:
    """``position`` follows that of the last page."""

    position: int
    status: JobStatus
    pages_done: int
    page_count: int
    error: str | None


News = PageSettled | JobEnded


class Progress:
    """``max_streams`` may be followed at once by one account, at this replica."""

    def __init__(self, jobs: Jobs, feed: LiveFeed, max_streams: int) -> None:
        self._jobs = jobs
        self._feed = feed
        self._streams = Places(max_streams, TooManyStreams)

    def admitted(self, account: Account) -> AbstractContextManager[None]:
        """One of the account's streams, for as long as the context is open. Raises TooManyStreams."""
        return self._streams.taken(account.id)

    async def follow(self, job: Job, account: Account, after: int) -> AsyncGenerator[Sequence[News]]:
        """What happened to the job beyond position ``after``, then what happens next, until it has ended
        or is deleted; nothing at all now and then, as a sign of life.

        The feed is watched before the job is read, so nothing falls in between; what the feed misses
        is seen when the job is read again anyway.
        """
        after = min(after, job.pages_done)
        loop = asyncio.get_running_loop()
        silent_since = loop.time()
        with self._feed.watch(job.id) as changed:
            while (current := await self._as_it_is_now(job, account, changed)) is not None:
                job = current
                news = _news(job, after)
                if news or loop.time() - silent_since >= HEARTBEAT_S:
                    yield news
                    silent_since = loop.time()
                    after += len(news)
                if job.status.is_terminal:
                    return
                await asyncio.sleep(GATHER_S)
                await set_within(changed, REREAD_S - GATHER_S)

    async def _as_it_is_now(self, job: Job, account: Account, changed: asyncio.Event) -> Job | None:
        """The job, as it was while the store is away; None when it is deleted."""
        changed.clear()
        try:
            return await self._jobs.find(job.id, account)
        except NotFound:
            return None
        except Unavailable as error:
            log.warning("read_postponed", job_id=job.id, reason=error.message)
            return job


def has_been_told(job: Job, after: int) -> bool:
    """Whether whoever has seen position ``after`` has seen the job's end."""
    return job.status.is_terminal and after > job.pages_done


def _news(job: Job, after: int) -> Sequence[News]:
    news: list[News] = [
        _page_settled(job, position, index)
        for position, index in enumerate(job.settled[after:], start=after + 1)
    ]
    if job.status.is_terminal and after <= job.pages_done:
        news.append(JobEnded(job.pages_done + 1, job.status, job.pages_done, job.page_count, job.error))
    return news


def _page_settled(job: Job, position: int, index: int) -> PageSettled:
    is_failed = job.pages[index] == PageStatus.FAILED
    return PageSettled(position, index, job.page_count, job.failures.get(index) if is_failed else None)
