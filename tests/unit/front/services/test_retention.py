"""How long jobs are kept: as their caller wants it, as their plan allows it, and not amid something."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from common.contracts.tasks import ExportFormat
from common.domain.export import ExportRequest
from common.domain.job import Job
from common.domain.job_parts import JobStatus
from common.domain.plans import Plan
from common.domain.retention import Retention, retention
from common.errors import InvalidField, NotFound, StoreUnavailable
from front.services.forms import SubmitForm
from front.services.held_blobs import HeldBlobs
from tests.fakes import plans
from tests.fakes.samples import NOW
from tests.fakes.stores import FakeBlobStore, FakeCopies
from tests.unit.front.services.fleet import ACCOUNT, GRACE, LAST_CALL, Replica
from tests.unit.front.services.test_job_life import finish, stored

DAY, HOUR = timedelta(hours=24), timedelta(hours=1)
PLAN = plans.PAID.model_copy(update={"retention_hours": 24, "max_retention_hours": 48})
BRIEF = PLAN.model_copy(update={"retention_hours": 0, "max_retention_hours": 0})
LARGE = bytes(range(256)) * 10_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7 a letter")
    return path


@pytest.mark.parametrize(
    ("asked", "plan", "expected"),
    [
        (None, PLAN, Retention(DAY)),
        ("1", PLAN, Retention(HOUR)),
        ("48", PLAN, Retention(2 * DAY)),
        ("0", PLAN, Retention(DAY, goes_once_fetched=True)),
        (None, BRIEF, Retention(DAY, goes_once_fetched=True)),
    ],
)
def test_a_job_is_kept_as_asked_or_as_the_plan_has_it(asked: str, plan: Plan, expected: Retention) -> None:
    assert retention(asked, plan) == expected


@pytest.mark.parametrize("asked", ["49", "-1", "1.5", "a day", "0x1"])
def test_more_than_the_plan_allows_is_refused_with_the_bounds(asked: str) -> None:
    with pytest.raises(InvalidField, match=r"hours from 0 .* to 48, the most of the plan 'paid'"):
        retention(asked, PLAN)


async def kept(fleet: Replica, file: Path, hours: str) -> Job:
    return await finish(fleet, await fleet.submit(file, form=SubmitForm(retention=hours)))


async def test_the_hours_count_from_the_end_of_the_job(file: Path) -> None:
    fleet = Replica()
    job = await kept(fleet, file, "3")
    assert job.expires_at == NOW + 3 * HOUR
    await fleet.fetching.fetched(job)
    assert await stored(fleet, job) == job


async def test_a_job_that_goes_once_fetched_goes_a_little_after_its_first_fetch(file: Path) -> None:
    fleet = Replica()
    job = await kept(fleet, file, "0")
    assert job.expires_at == NOW + DAY
    assert fleet.fetching.told(job).expires_at == NOW + GRACE
    await fleet.fetching.fetched(job)
    fleet.time_s += 50
    await fleet.fetching.fetched(job)
    assert (await stored(fleet, job)).expires_at == NOW + GRACE, "the first fetch counts"
    assert (await fleet.reading.find(job.id, ACCOUNT)).id == job.id
    fleet.time_s += 10
    with pytest.raises(NotFound):
        await fleet.reading.find(job.id, ACCOUNT)


async def test_a_job_under_way_is_not_fetched(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, form=SubmitForm(retention="0"))
    await fleet.fetching.fetched(job)
    assert (await stored(fleet, job)).expires_at is None


async def test_a_fetch_is_written_down_once_the_database_is_back(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = Replica()
    job = await kept(fleet, file, "0")
    save, outcomes = fleet.jobs.save, iter([StoreUnavailable(), None])

    async def away_at_first(changed: Job) -> Job | None:
        if error := next(outcomes):
            raise error
        return await save(changed)

    monkeypatch.setattr(fleet.jobs, "save", away_at_first)
    await fleet.fetching.fetched(job)
    assert (await stored(fleet, job)).expires_at == NOW + GRACE


async def expired(fleet: Replica, job: Job, at: datetime) -> None:
    fleet.jobs.jobs[job.id] = replace(await stored(fleet, job), expires_at=at)


async def status(fleet: Replica, job: Job) -> JobStatus:
    await fleet.withdrawal.sweep()
    return (await stored(fleet, job)).status


async def test_what_is_stored_stays_for_a_last_call_after_the_job_is_shown_to_nobody(file: Path) -> None:
    fleet = Replica()
    job = await kept(fleet, file, "1")
    await expired(fleet, job, NOW)
    with pytest.raises(NotFound):
        await fleet.reading.find(job.id, ACCOUNT)
    assert await status(fleet, job) is JobStatus.DONE
    async with fleet.reading.transcript(job) as found:
        assert b"".join([chunk async for chunk in found.text()])
    fleet.time_s += LAST_CALL.total_seconds()
    assert await status(fleet, job) is JobStatus.DELETED
    assert fleet.blobs.blobs == {} and fleet.copies.forgotten == [job.id]


async def test_a_file_that_is_being_built_is_waited_for_and_then_fetched(file: Path) -> None:
    fleet = Replica()
    job = await kept(fleet, file, "1")
    await expired(fleet, job, NOW)
    exports = fleet.exporting
    with pytest.raises(Exception, match="still being built"):
        await exports.file(job, ExportRequest(ExportFormat.PDF), 0)
    fleet.time_s += LAST_CALL.total_seconds()
    assert await status(fleet, job) is JobStatus.DONE
    await fleet.exports.discard(job.id)  # as if it were built
    assert await status(fleet, job) is JobStatus.DONE, "whoever waited fetches it now"
    fleet.time_s += LAST_CALL.total_seconds()
    assert await status(fleet, job) is JobStatus.DELETED


async def test_a_file_that_is_never_built_is_not_waited_for_forever(file: Path) -> None:
    fleet = Replica()
    job = await kept(fleet, file, "1")
    await expired(fleet, job, NOW - timedelta(minutes=16))
    with pytest.raises(Exception, match="still being built"):
        await fleet.exporting.file(job, ExportRequest(ExportFormat.PDF), 0)
    assert await status(fleet, job) is JobStatus.DELETED


@pytest.fixture
async def blobs() -> FakeBlobStore:
    store = FakeBlobStore()
    store.blobs = {"job/small": b"some words", "job/large": LARGE}
    return store


@pytest.mark.parametrize("key", ["job/small", "job/large"])
async def test_an_answer_that_has_begun_is_whole_though_its_blob_is_deleted(
    blobs: FakeBlobStore, tmp_path: Path, key: str
) -> None:
    whole = blobs.blobs[key]
    async with HeldBlobs(blobs, FakeCopies(blobs, tmp_path)).hold(key) as held:
        chunks = held.read(key)
        begun = await anext(chunks)
        await blobs.delete(key)
        assert begun + await rest(chunks) == whole
        assert await rest(held.read(key, 3, 7)) == whole[3:7]
        assert await rest(held.read(key, 5)) == whole[5:]


async def rest(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])
