"""A job's progress as it is told: whole, in order, from any position, at any replica."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from common.contracts.job_events import JobAnnounced
from common.domain.account import Account
from common.domain.job import Job
from common.domain.job_changes import CancelRequested, DeleteRequested, DocumentAssembled, Event
from common.domain.job_parts import JobStatus
from common.errors import StoreUnavailable, TooManyStreams
from front.services import progress
from front.services.jobs import Jobs
from front.services.live_feed import LiveFeed
from front.services.progress import JobEnded, News, PageSettled, Progress, has_been_told
from tests.fakes import plans
from tests.fakes.samples import JOB_ID, NOW, document, failed, job, recognized
from tests.fakes.stores import FakeBlobStore, FakeJobRepository, held

ACCOUNT = Account("demo", plans.PAID, NOW)
ENDED = JobEnded(4, JobStatus.DONE, 3, 3, None)
PAGES = [PageSettled(1, 2, 3, None), PageSettled(2, 0, 3, "engine_timeout"), PageSettled(3, 1, 3, None)]
SETTLED = [recognized(2), failed(0), recognized(1)]
FINISHED = [*SETTLED, DocumentAssembled(document())]


class Watched:
    """One job in a store, and what is told of it."""

    def __init__(self) -> None:
        self.jobs = FakeJobRepository()
        self.jobs.jobs[JOB_ID] = job(3)
        self.feed = LiveFeed()
        self.progress = Progress(
            Jobs(self.jobs, held(FakeBlobStore()), self.feed, lambda: NOW), self.feed, max_streams=2
        )

    @property
    def job(self) -> Job:
        return self.jobs.jobs[JOB_ID]

    def happens(self, *events: Event, announced: bool = True) -> None:
        self.jobs.jobs[JOB_ID] = self.job.apply_all(events, NOW).job
        if announced:
            self.feed.notice(
                JobAnnounced(
                    job_id=JOB_ID,
                    account="demo",
                    what="page",
                    status="processing",
                    page_count=3,
                    pages_done=1,
                )
            )

    @asynccontextmanager
    async def stream(self, after: int = 0) -> AsyncIterator["Stream"]:
        stream = Stream(self.progress.follow(self.job, ACCOUNT, after))
        try:
            yield stream
        finally:
            await stream.news.aclose()


class Stream:
    def __init__(self, news: Any) -> None:
        self.news = news

    async def next(self) -> Sequence[News] | None:
        """The next batch of news; None at the end."""
        async with asyncio.timeout(5):
            told: Sequence[News] | None = await anext(self.news, None)
            return told

    async def rest(self) -> list[News]:
        told: list[News] = []
        while (news := await self.next()) is not None:
            told += news
        return told


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    monkeypatch.setattr(progress, "REREAD_S", 0.05)
    monkeypatch.setattr(progress, "GATHER_S", 0.001)
    return Watched()


@pytest.mark.parametrize("after", [0, 1, 2, 3])
async def test_a_finished_job_is_told_from_any_position(watched: Watched, after: int) -> None:
    watched.happens(*FINISHED)
    async with watched.stream(after) as stream:
        assert await stream.rest() == [*PAGES, ENDED][after:]


async def test_pages_are_told_as_they_are_settled(watched: Watched) -> None:
    async with watched.stream() as stream:
        for event, page in zip(SETTLED, PAGES, strict=True):
            waiting = asyncio.create_task(stream.next())
            watched.happens(event)
            assert await waiting == [page]
        watched.happens(DocumentAssembled(document()))
        assert await stream.rest() == [ENDED]


async def test_what_was_not_announced_is_seen_all_the_same(watched: Watched) -> None:
    async with watched.stream() as stream:
        waiting = asyncio.create_task(stream.next())
        await asyncio.sleep(0)
        watched.happens(*FINISHED, announced=False)
        assert await waiting == [*PAGES, ENDED]


async def test_what_happens_between_two_readings_is_not_missed(watched: Watched) -> None:
    watched.happens(recognized(2))
    async with watched.stream() as stream:
        assert await stream.next() == PAGES[:1]
        watched.happens(failed(0))
        assert await stream.next() == PAGES[1:2]


@pytest.mark.parametrize(
    ("events", "end"),
    [
        ([recognized(0), CancelRequested()], JobEnded(2, JobStatus.CANCELED, 1, 3, None)),
        ([failed(0), failed(1), failed(2)], JobEnded(4, JobStatus.FAILED, 3, 3, "engine_timeout")),
    ],
)
async def test_the_end_is_told_by_its_kind(watched: Watched, events: list[Event], end: JobEnded) -> None:
    watched.happens(*events)
    async with watched.stream() as stream:
        assert (await stream.rest())[-1] == end


async def test_the_story_ends_when_the_job_is_deleted(watched: Watched) -> None:
    watched.happens(recognized(2))
    async with watched.stream() as stream:
        await stream.next()
        watched.happens(DeleteRequested())
        assert await stream.next() is None


async def test_a_position_beyond_what_happened_is_taken_for_the_last_one(watched: Watched) -> None:
    watched.happens(recognized(2))
    async with watched.stream(after=99) as stream:
        waiting = asyncio.create_task(stream.next())
        watched.happens(failed(0))
        assert await waiting == PAGES[1:2]


async def test_while_nothing_happens_there_is_a_sign_of_life(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "HEARTBEAT_S", 0.1)
    async with watched.stream() as stream:
        assert await stream.next() == []
        assert await stream.next() == []


async def test_a_store_that_is_away_is_waited_for(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(job_id: str) -> Job | None:
        monkeypatch.undo()
        monkeypatch.setattr(progress, "REREAD_S", 0.05)
        raise StoreUnavailable()

    monkeypatch.setattr(watched.jobs, "get", away)
    watched.happens(*FINISHED)
    unread = replace(job(3))
    stream = Stream(watched.progress.follow(unread, ACCOUNT, 0))
    assert await stream.rest() == [*PAGES, ENDED]


async def test_nobody_is_watching_once_a_stream_is_closed(watched: Watched) -> None:
    async with watched.stream() as stream:
        waiting = asyncio.create_task(stream.next())
        watched.happens(recognized(2))
        await waiting
    assert not watched.feed._watchers


def test_an_account_has_so_many_streams_at_once_and_no_more(watched: Watched) -> None:
    other = Account("other", plans.FREE, NOW)
    with watched.progress.admitted(ACCOUNT):
        with watched.progress.admitted(ACCOUNT):
            with pytest.raises(TooManyStreams), watched.progress.admitted(ACCOUNT):
                pass
            with watched.progress.admitted(other):
                pass
        with watched.progress.admitted(ACCOUNT):
            pass


def test_whoever_has_seen_the_end_has_seen_it_all(watched: Watched) -> None:
    assert not has_been_told(watched.job, 99)
    watched.happens(*FINISHED)
    assert [has_been_told(watched.job, after) for after in (0, 3, 4)] == [False, False, True]
