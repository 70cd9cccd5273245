"""The same key gives the same job: whatever is sent twice, breaks off or dies in between."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from common.domain.account import Account
from common.domain.job import Job
from common.domain.job_changes import Abandoned
from common.domain.job_parts import JobStatus
from common.errors import (
    BadRequest,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InvalidField,
    OutOfCredits,
    StoreUnavailable,
)
from front.services import promising
from front.services.forms import SubmitForm
from front.services.idempotency import LEASE, fingerprint
from tests.fakes import plans
from tests.fakes.samples import NOW
from tests.unit.front.services.fleet import ACCOUNT, PLENTY, Replica, uploaded

KEY = "invoice-1"
OVER_S = LEASE.total_seconds() + 1


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7 something")
    return path


@pytest.fixture
def other_file(tmp_path: Path) -> Path:
    path = tmp_path / "other.pdf"
    path.write_bytes(b"%PDF-1.7 something else")
    return path


async def send(
    fleet: Replica, file: Path, form: SubmitForm | None = None, key: str = KEY, account: Account = ACCOUNT
) -> Job:
    """One whole request, as the HTTP layer makes it."""
    async with await fleet.idempotency.hold(account, key) as hold:
        return await fleet.idempotency.submit(hold, uploaded(file), form or SubmitForm())


def promised(fleet: Replica) -> list[str]:
    """The ids of all jobs that somebody was told of, or will be."""
    return [job.id for job in fleet.jobs.jobs.values() if job.is_promised]


class Frozen:
    """Stops the next call of a store's method, as a paused machine does, until it is thawed."""

    def __init__(self, store: object, method: str) -> None:
        self.reached, self.thawed = asyncio.Event(), asyncio.Event()
        self._store, self._method = store, method
        self._go_on = getattr(store, method)
        setattr(store, method, self._wait)

    async def _wait(self, *arguments: object, **named: object) -> object:
        delattr(self._store, self._method)
        self.reached.set()
        await self.thawed.wait()
        return await self._go_on(*arguments, **named)


async def test_the_same_request_again_gives_the_same_job_and_is_charged_once(file: Path) -> None:
    fleet = Replica()
    first = await send(fleet, file)
    assert (await send(fleet, file)).id == first.id
    assert len(fleet.tasks()) == 1 and fleet.credits.balances[ACCOUNT.id] == PLENTY - 1


async def test_a_retry_finds_the_job_at_any_front_and_long_after(file: Path) -> None:
    fleet = Replica()
    first = await send(fleet, file)
    twin = fleet.twin()
    twin.time_s += 3600
    again = await twin.idempotency.hold(ACCOUNT, KEY)
    assert again.has_job
    assert (await twin.idempotency.submit(again, uploaded(file), SubmitForm())).id == first.id


async def test_other_content_under_the_same_key_is_refused(file: Path, other_file: Path) -> None:
    fleet = Replica()
    await send(fleet, file)
    for request in (send(fleet, other_file), send(fleet, file, SubmitForm(language="de"))):
        with pytest.raises(IdempotencyKeyReused):
            await request
    assert len(promised(fleet)) == 1


async def test_keys_belong_to_their_account(file: Path) -> None:
    fleet = Replica()
    other = Account("other", plans.PAID, NOW)
    fleet.credits.balances["other"] = 1
    assert (await send(fleet, file)).id != (await send(fleet, file, account=other)).id


async def test_how_the_request_is_worded_does_not_count_but_what_it_asks_for(file: Path) -> None:
    upload = uploaded(file)
    plain = fingerprint(upload, SubmitForm())
    assert fingerprint(replace(upload, filename="renamed.pdf"), SubmitForm(tier="cpu")) == plain
    assert fingerprint(upload, SubmitForm(language="auto", text_layer="auto")) == plain
    asked = [
        SubmitForm(language="de"),
        SubmitForm(pages="1"),
        SubmitForm(text_layer="ignore"),
        SubmitForm(tool="pdf-to-text"),
    ]
    assert len({plain, *(fingerprint(upload, form) for form in asked)}) == 5


@pytest.mark.parametrize("key", ["", "with blank", "ü", "x" * 256, "a\tb", "a\n"])
async def test_a_key_that_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidField):
        await Replica().idempotency.hold(ACCOUNT, key)


async def test_the_longest_key_is_taken(file: Path) -> None:
    assert await send(Replica(), file, key="~" * 255)


async def test_while_the_first_is_being_received_a_second_is_refused(file: Path) -> None:
    fleet = Replica()
    async with await fleet.idempotency.hold(ACCOUNT, KEY) as hold:
        with pytest.raises(IdempotencyKeyInUse):
            await fleet.twin().idempotency.hold(ACCOUNT, KEY)
        await fleet.idempotency.submit(hold, uploaded(file), SubmitForm())
    assert len(promised(fleet)) == 1


async def test_of_many_at_once_at_two_fronts_there_is_one_job(file: Path) -> None:
    one = Replica()
    fronts = (one, one.twin())
    outcomes = await asyncio.gather(
        *(send(fronts[number % 2], file) for number in range(20)), return_exceptions=True
    )
    made = {outcome.id for outcome in outcomes if isinstance(outcome, Job)}
    assert len(made) == 1 == len(promised(one))
    assert all(isinstance(outcome, Job | IdempotencyKeyInUse) for outcome in outcomes)
    assert one.credits.balances[ACCOUNT.id] == PLENTY - 1


@pytest.mark.parametrize(
    ("form", "error"), [(SubmitForm(language="xx-nope"), BadRequest), (SubmitForm(pages="9"), BadRequest)]
)
async def test_a_request_that_was_refused_frees_its_key(
    file: Path, form: SubmitForm, error: type[Exception]
) -> None:
    fleet = Replica()
    with pytest.raises(error):
        await send(fleet, file, form)
    assert fleet.claims.claims == {}
    assert await send(fleet, file)


async def test_a_request_that_could_not_be_paid_may_be_sent_again_once_it_can(file: Path) -> None:
    fleet = Replica()
    fleet.credits.balances[ACCOUNT.id] = 0
    with pytest.raises(OutOfCredits):
        await send(fleet, file)
    fleet.credits.balances[ACCOUNT.id] = 1
    assert await send(fleet, file) and len(fleet.jobs.jobs) == 1


async def test_an_upload_that_breaks_off_frees_its_key(file: Path) -> None:
    fleet = Replica()
    hold = await fleet.idempotency.hold(ACCOUNT, KEY)
    fleet.idempotency.let_go(hold)
    fleet.idempotency.let_go(hold)
    while fleet.claims.claims:
        await asyncio.sleep(0)
    assert await send(fleet, file)


async def test_letting_go_of_what_has_its_job_changes_nothing(file: Path) -> None:
    fleet = Replica()
    async with await fleet.idempotency.hold(ACCOUNT, KEY) as hold:
        job = await fleet.idempotency.submit(hold, uploaded(file), SubmitForm())
    await hold.release()
    assert (await send(fleet, file)).id == job.id


async def test_a_key_whose_front_died_is_free_after_its_lease(file: Path) -> None:
    dead = Replica()
    await dead.idempotency.hold(ACCOUNT, KEY)
    alive = dead.twin()
    alive.time_s += OVER_S - 2
    with pytest.raises(IdempotencyKeyInUse):
        await alive.idempotency.hold(ACCOUNT, KEY)
    alive.time_s += 2
    assert await send(alive, file)


async def test_a_draft_whose_front_died_is_abandoned_and_paid_back(file: Path) -> None:
    dead = Replica()
    frozen = Frozen(dead.blobs, "write")
    dying = asyncio.create_task(send(dead, file))
    await frozen.reached.wait()
    alive = dead.twin()
    alive.time_s += OVER_S
    job = await send(alive, file)
    assert promised(alive) == [job.id]
    assert alive.credits.balances[ACCOUNT.id] == PLENTY - 1
    dying.cancel()


@pytest.mark.parametrize("step", ["save", "add"])
async def test_a_front_that_was_frozen_while_another_took_its_key_makes_no_second_job(
    file: Path, step: str
) -> None:
    """Thawed, it finds its key, or its draft, gone; what it had reserved is given back."""
    frozen_front = Replica()
    frozen = Frozen(frozen_front.jobs, step)
    waking = asyncio.create_task(send(frozen_front, file))
    await frozen.reached.wait()
    other = frozen_front.twin()
    other.time_s += OVER_S
    job = await send(other, file)
    frozen.thawed.set()
    with pytest.raises(IdempotencyKeyInUse if step == "add" else StoreUnavailable):
        await waking
    assert promised(other) == [job.id]
    assert other.credits.balances[ACCOUNT.id] == PLENTY - 1
    assert (await send(other, file)).id == job.id


async def test_credits_that_were_reserved_after_the_draft_was_abandoned_come_back(file: Path) -> None:
    frozen_front = Replica()
    frozen = Frozen(frozen_front.credits, "reserve")
    waking = asyncio.create_task(send(frozen_front, file))
    await frozen.reached.wait()
    other = frozen_front.twin()
    other.time_s += OVER_S
    await send(other, file)
    frozen.thawed.set()
    with pytest.raises(StoreUnavailable):
        await waking
    assert other.credits.balances[ACCOUNT.id] == PLENTY - 1


async def test_a_retry_after_a_promise_that_nobody_was_told_of_gets_that_job(file: Path) -> None:
    """The front died, or was told of no outcome, right after the job was promised."""
    dead = Replica()
    frozen = Frozen(dead.publisher, "publish")
    dying = asyncio.create_task(send(dead, file))
    await frozen.reached.wait()
    (first,) = promised(dead)
    assert (await send(dead.twin(), file)).id == first
    dying.cancel()


async def test_an_outcome_that_is_unknown_keeps_the_draft_in_the_claim(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promising, "PROMISE_LIMIT_S", 0)
    fleet = Replica()

    async def save_and_lose_the_answer(job: Job) -> Job | None:
        await type(fleet.jobs).save(fleet.jobs, job)
        raise StoreUnavailable()

    hold = await fleet.idempotency.hold(ACCOUNT, KEY)
    fleet.jobs.save = save_and_lose_the_answer  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable):
        async with hold:
            await fleet.idempotency.submit(hold, uploaded(file), SubmitForm())
    del fleet.jobs.save  # type: ignore[method-assign]
    (first,) = promised(fleet)
    assert (await send(fleet, file)).id == first


async def test_a_draft_that_was_swept_up_gives_its_key_back(file: Path) -> None:
    fleet = Replica()
    job = await send(fleet, file)
    draft = replace(job, status=JobStatus.DRAFT)
    fleet.jobs.jobs[job.id] = draft.apply(Abandoned(), NOW).job
    assert (await send(fleet, file)).id != job.id


async def test_a_key_is_free_once_its_job_was_deleted(file: Path) -> None:
    fleet = Replica()
    job = await send(fleet, file)
    await fleet.withdrawal.delete(job)
    assert fleet.claims.claims == {}
    assert (await send(fleet, file)).id != job.id


async def test_a_key_is_free_once_the_time_of_its_job_is_over(file: Path) -> None:
    fleet = Replica()
    first = await send(fleet, file)
    fleet.jobs.jobs[first.id] = replace(first, status=JobStatus.CANCELED, expires_at=NOW)
    assert (await send(fleet, file)).id != first.id


async def test_a_job_that_is_deleted_while_its_retry_is_received_is_told_so(file: Path) -> None:
    fleet = Replica()
    job = await send(fleet, file)
    hold = await fleet.idempotency.hold(ACCOUNT, KEY)
    await fleet.withdrawal.delete(job)
    with pytest.raises(IdempotencyKeyInUse):
        await fleet.idempotency.submit(hold, uploaded(file), SubmitForm())


async def test_a_key_is_held_for_as_long_as_its_request_lasts(file: Path) -> None:
    fleet = Replica()
    fleet.idempotency._lease = timedelta(milliseconds=30)
    async with await fleet.idempotency.hold(ACCOUNT, KEY) as hold, asyncio.timeout(5):
        for _ in range(3):
            fleet.time_s += 10
            while fleet.claims.claims[ACCOUNT.id, KEY].held_until < hold.claim.held_until + fleet.passed:
                await asyncio.sleep(0.001)
            with pytest.raises(IdempotencyKeyInUse):
                await fleet.idempotency.hold(ACCOUNT, KEY)
        await fleet.idempotency.submit(hold, uploaded(file), SubmitForm())
