"""Which partners' queues a front reads, as they come and go and fail."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from common.ports import RequestQueue
from front.services import intakes as intake_queues
from front.services.intakes import Intakes
from tests.fakes.samples import NOW
from tests.unit.front.services.fleet import ACCOUNT
from tests.unit.front.services.intake_front import FILE, FakeRequest, Front, new_front


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Front:
    monkeypatch.setattr(intake_queues, "AGAIN_S", 0.0)
    monkeypatch.setattr(intake_queues, "LOOK_EVERY_S", 0.001)
    return new_front(tmp_path, monkeypatch)


@dataclass
class FakeQueues:
    """Reading the first time fails of ``error``; after that there is one request at a time."""

    request: FakeRequest
    error: Exception | None = None
    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def reading(self, account_id: str) -> AsyncGenerator[RequestQueue]:
        error, self.error = self.error, None
        if error:
            raise error
        self.opened.append(account_id)
        try:
            yield self
        finally:
            self.closed.append(account_id)

    async def next(self) -> FakeRequest:
        while self.request.settlement is not None:
            await asyncio.sleep(3600)
        return self.request


@asynccontextmanager
async def reading(front: Front, queues: FakeQueues) -> AsyncIterator[None]:
    task = asyncio.create_task(Intakes(front.accounts, queues, front.fleet.intake).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not happened():
            await asyncio.sleep(0.005)


async def test_a_reader_that_fails_of_whatever_is_begun_again(front: Front) -> None:
    await front.accounts.set_partner(ACCOUNT.id, NOW)
    queues = FakeQueues(FakeRequest(FILE), AttributeError("amid a reconnect"))
    async with reading(front, queues):
        await until(lambda: queues.request.settlement is not None)
    assert len(front.fleet.jobs.jobs) == 1


async def test_who_is_no_partner_any_more_is_read_no_longer(front: Front) -> None:
    await front.accounts.set_partner(ACCOUNT.id, NOW)
    queues = FakeQueues(FakeRequest(FILE))
    async with reading(front, queues):
        await until(lambda: queues.request.settlement is not None)
        await front.accounts.set_partner(ACCOUNT.id, None)
        await until(lambda: queues.closed == [ACCOUNT.id])


async def test_who_was_made_a_partner_anew_is_read_anew(front: Front) -> None:
    """The queue is another one, though it is called the same."""
    await front.accounts.set_partner(ACCOUNT.id, NOW)
    queues = FakeQueues(FakeRequest(FILE))
    async with reading(front, queues):
        await until(lambda: len(queues.opened) == 1)
        await front.accounts.set_partner(ACCOUNT.id, NOW + timedelta(seconds=1))
        await until(lambda: len(queues.opened) == 2 and len(queues.closed) == 1)
    assert len(queues.closed) == 2
