"""The rules that keep jobs right when several hands work at once, or one of them fails."""

import asyncio
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest

from common.contracts.job_events import JobAnnounced
from common.contracts.tasks import Tier
from common.domain import account as accounts
from common.domain.account import Account, Token
from common.domain.job import Job
from common.domain.job_changes import PagesSent, WindowOpened
from common.domain.job_parts import JobStatus, Owed
from common.errors import AccountSuspended, StoreUnavailable, Unauthorized
from common.ports import PageBody
from front.services.job_updates import JobUpdates
from front.services.live_feed import LiveFeed
from front.services.tokens import Tokens
from front.services.windows import KNOWN_FOR_S, Windows
from tests.fakes import plans
from tests.fakes.samples import JOB_ID, NOW, job, page
from tests.fakes.stores import (
    FakeAccountRepository,
    FakeBlobStore,
    FakeJobRepository,
    FakePageRepository,
)
from tests.unit.front.services.fleet import ACCOUNT, PATIENCE, PLENTY, FakeBroker, Replica
from tests.unit.front.services.test_job_life import broken, document_of, finish, read, stored


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7 something")
    return path


class ContestedJobRepository(FakeJobRepository):
    """Somebody else saves first, ``contests`` times."""

    contests = 0

    async def save(self, job: Job) -> Job | None:
        if self.contests:
            self.contests -= 1
            stored = self.jobs[job.id]
            self.jobs[job.id] = replace(stored, version=stored.version + 1)
        return await super().save(job)


@dataclass
class ChokingPageRepository(FakePageRepository):
    """Refuses whatever holds the body of the page ``poison``, ``times`` times."""

    poison: int = 1
    times: int = 1_000
    bodies: dict[tuple[str, int], PageBody] = field(default_factory=dict)

    async def add_many(self, bodies: Sequence[PageBody], *, expires_at: datetime) -> None:
        if self.times and any(body.index == self.poison for body in bodies):
            self.times -= 1
            raise ValueError("no such body can be stored")
        await super().add_many(bodies, expires_at=expires_at)


class FullBlobStore(FakeBlobStore):
    """Has no room for documents."""

    full = True

    async def write(self, key: str, chunks: AsyncIterable[bytes], *, expires_at: datetime) -> int:
        if self.full and "/document/" in key:
            raise OSError(28, "No space left on device")
        return await super().write(key, chunks, expires_at=expires_at)


async def test_a_lost_compare_and_set_is_decided_again() -> None:
    jobs = ContestedJobRepository()
    await jobs.add(job(3))
    jobs.contests = 3
    step = await JobUpdates(jobs, lambda: NOW).apply(job(3), [WindowOpened(2)])
    assert step is not None and step.job.pages == b"ddw" and step.job.version == 4
    assert jobs.jobs[JOB_ID] == step.job


async def test_an_update_of_a_job_that_is_gone_is_none() -> None:
    assert await JobUpdates(FakeJobRepository(), lambda: NOW).apply(job(), [WindowOpened(2)]) is None


async def test_one_result_that_cannot_be_kept_does_not_sink_its_neighbours(file: Path) -> None:
    fleet = Replica(pages=ChokingPageRepository())
    running = await fleet.submit(file, page_count=3)
    deliveries = await fleet.track([read(task) for task in fleet.tasks()])
    done = await stored(fleet, running)
    assert done.status is JobStatus.DONE and done.failures == {1: "internal_error"}
    assert done.pages_read == 2 and {one.settlement for one in deliveries} == {"acked"}


async def test_a_batch_that_fails_once_is_recorded_one_by_one(file: Path) -> None:
    fleet = Replica(pages=ChokingPageRepository(times=1))
    running = await fleet.submit(file, page_count=3)
    await fleet.track([read(task) for task in fleet.tasks()])
    assert (await stored(fleet, running)).failures == {}


async def test_a_result_with_a_wrong_ticket_is_not_even_stored(file: Path) -> None:
    fleet = Replica()
    running = await fleet.submit(file, page_count=2)
    forged = read(fleet.tasks()[0]).model_copy(update={"ticket": "guessed", "page": page("forged")})
    await fleet.track([forged])
    assert fleet.pages.bodies == {} and (await stored(fleet, running)).pages_done == 0


async def test_a_page_that_failed_first_stays_failed_in_the_document(file: Path) -> None:
    fleet = Replica()
    running = await fleet.submit(file, page_count=2)
    first, second = fleet.tasks()
    await fleet.track([broken(first), read(first), read(second)])
    done = await stored(fleet, running)
    pages = (await document_of(fleet, done))["pages"]
    assert done.failures == {0: "engine_timeout"}
    assert pages[0]["text"] == "" and pages[0]["error"]["code"] == "engine_timeout"  # type: ignore[index]


async def test_of_two_documents_the_one_that_lost_is_removed(file: Path) -> None:
    one = Replica()
    two = one.twin()
    running = await one.submit(file)
    (task,) = one.tasks()
    await asyncio.gather(one.track([read(task)]), two.track([read(task)], redelivered=True))
    done = await stored(one, running)
    assert done.document is not None
    kept = {key for key in one.blobs.blobs if not key.endswith("/source")}
    assert kept == set(done.document.keys)


async def test_of_two_sweeps_at_the_same_moment_one_claims_the_job(file: Path) -> None:
    one = Replica()
    two = one.twin()
    one.publisher.failures = 1_000
    await one.submit(file, page_count=2)
    one.publisher.failures = 0
    for _ in range(int(PATIENCE.outstanding_s / PATIENCE.sweep_s) + 2):
        await asyncio.gather(one.sweep_for(0), two.sweep_for(0))
    assert len(one.tasks()) == 2


async def test_a_job_that_changes_under_the_eyes_of_a_sweep_is_left_alone(file: Path) -> None:
    fleet = Replica()
    fleet.publisher.failures = 1_000
    running = await fleet.submit(file, page_count=2)
    fleet.publisher.failures = 0
    await fleet.sweep_for(PATIENCE.outstanding_s - PATIENCE.sweep_s)
    restless = fleet.jobs.restless

    async def then_changed() -> dict[str, int]:
        found = dict(await restless())
        moved = (await stored(fleet, running)).apply(PagesSent((0,)), NOW).job
        await fleet.jobs.save(moved)
        return found

    fleet.jobs.restless = then_changed  # type: ignore[method-assign]
    await fleet.recovery.sweep()
    assert fleet.tasks() == []


async def test_a_document_that_cannot_be_stored_ends_its_job_and_no_front(file: Path) -> None:
    fleet = Replica(blobs=FullBlobStore())
    healthy = await fleet.submit(file)
    ill = await fleet.submit(file)
    of_ill = [task for task in fleet.tasks() if task.job_id == ill.id]
    await fleet.track([read(task) for task in of_ill])
    assert (await stored(fleet, ill)).owed == {Owed.ASSEMBLE}
    await fleet.sweep_for(10 * PATIENCE.outstanding_s)
    ended = await stored(fleet, ill)
    assert ended.status is JobStatus.FAILED and ended.is_at_rest
    assert fleet.credits.balances[ACCOUNT.id] == PLENTY - 1
    assert isinstance(fleet.blobs, FullBlobStore)
    fleet.blobs.full = False
    assert (await finish(fleet, healthy)).status is JobStatus.DONE


async def test_pages_that_were_confirmed_are_not_sent_again_with_those_that_were_not(file: Path) -> None:
    fleet = Replica()
    publish = fleet.publisher.publish

    async def every_second(message: object, *arguments: str, **named: object) -> None:
        if getattr(message, "page_index", 0) % 2:
            raise StoreUnavailable()
        await publish(message, *arguments, **named)  # type: ignore[arg-type]

    fleet.publisher.publish = every_second  # type: ignore[method-assign,assignment]
    running = await fleet.submit(file, page_count=4)
    assert (await stored(fleet, running)).pages == b"sdsd"
    fleet.publisher.publish = publish  # type: ignore[method-assign]
    await fleet.sweep_for(PATIENCE.outstanding_s)
    assert sorted(task.page_index for task in fleet.tasks()) == [0, 1, 2, 3]


async def test_a_hint_that_fails_holds_nothing_up(file: Path) -> None:
    fleet = Replica()
    running = await fleet.submit(file, page_count=6)
    publish = fleet.publisher.publish

    async def no_hints(message: object, *arguments: str, **named: object) -> None:
        if isinstance(message, JobAnnounced) and message.what == "page":
            raise StoreUnavailable()
        await publish(message, *arguments, **named)  # type: ignore[arg-type]

    fleet.publisher.publish = no_hints  # type: ignore[method-assign,assignment]
    assert (await finish(fleet, running)).status is JobStatus.DONE


async def test_a_batch_is_announced_once(file: Path) -> None:
    fleet = Replica()
    await fleet.submit(file, page_count=9)
    before = len(fleet.publisher.sent(JobAnnounced))
    await fleet.track([read(task) for task in fleet.tasks()])
    assert len(fleet.publisher.sent(JobAnnounced)) == before + 1


async def test_a_wait_outlives_a_store_that_is_away(file: Path) -> None:
    fleet = Replica()
    running = await fleet.submit(file)
    get = fleet.jobs.get

    async def away(job_id: str) -> Job | None:
        raise StoreUnavailable()

    fleet.jobs.get = away  # type: ignore[method-assign]
    waiting = await fleet.reading.until_finished(running, ACCOUNT, wait_s=0.05)
    fleet.jobs.get = get  # type: ignore[method-assign]
    assert waiting.id == running.id and not waiting.status.is_terminal


async def test_the_window_is_asked_for_seldom_and_its_last_size_outlives_an_outage() -> None:
    time_s, broker, jobs = [0.0], FakeBroker(slots=8), FakeJobRepository()
    asked: list[float] = []
    live_slots = broker.live_slots

    async def counted(tier: Tier) -> int:
        asked.append(time_s[0])
        await broker.check()
        return await live_slots(tier)

    broker.live_slots = counted  # type: ignore[method-assign]
    windows = Windows(jobs, broker, lambda: time_s[0])
    sizes = await asyncio.gather(*(windows.size(Tier.CPU) for _ in range(50)))
    assert set(sizes) == {16} and asked == [0.0]
    time_s[0], broker.away = KNOWN_FOR_S, True
    assert await windows.size(Tier.CPU) == 16 and len(asked) == 2


async def test_who_no_longer_watches_is_forgotten() -> None:
    feed = LiveFeed()
    with feed.watch("a") as changed, feed.watch("a"):
        feed.notice(
            JobAnnounced(
                job_id="a", account="x", what="page", status="processing", page_count=1, pages_done=0
            )
        )
        assert changed.is_set()
    assert not feed._watchers


async def test_revoked_tokens_and_suspended_accounts_are_turned_away() -> None:
    repository = FakeAccountRepository()
    for name, suspended in (("good", False), ("bad", True)):
        await repository.add(Account(name, plans.PAID, NOW, suspended=suspended))
        await repository.add_token(Token(accounts.digest(f"{name}-secret"), name, name, NOW))
    await repository.add_token(Token(accounts.digest("old"), "old", "good", NOW, revoked_at=NOW))
    await repository.add_token(Token(accounts.digest("lost"), "lost", "nobody", NOW))
    service = Tokens(repository)
    assert (await service.authenticate("good-secret", NOW)).id == "good"
    with pytest.raises(AccountSuspended):
        await service.authenticate("bad-secret", NOW)
    for secret in ("old", "lost", "unknown", "", None):
        with pytest.raises(Unauthorized):
            await service.authenticate(secret, NOW)
