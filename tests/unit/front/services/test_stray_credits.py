"""Credits that were set aside and that nothing would ever settle."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from common.domain.job_parts import JobStatus
from front.services.stray_credits import UNKNOWN_FOR, StrayCredits
from tests.fakes.samples import NOW
from tests.unit.front.services.fleet import ACCOUNT, PATIENCE, PLENTY, Replica
from tests.unit.front.services.test_job_life import read, stored

PATIENT = timedelta(hours=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7 something")
    return path


async def swept(fleet: Replica, after: timedelta = PATIENT + timedelta(seconds=1)) -> int:
    """What is left once a sweep has been made so long after everything else."""

    def now() -> datetime:
        return NOW + after

    await StrayCredits(fleet.credits, fleet.jobs, PATIENT, now).sweep()
    return fleet.credits.balances[ACCOUNT.id]


async def test_what_was_set_aside_for_a_draft_that_had_been_given_up_comes_back(file: Path) -> None:
    """The front was held up for so long that others gave its draft up, then set credits aside and died."""
    fleet = Replica()
    job = await fleet.submit(file, page_count=3)
    fleet.jobs.jobs[job.id] = replace(await stored(fleet, job), status=JobStatus.DRAFT, pages=b"www")
    await fleet.sweep_for(PATIENCE.draft_s)
    assert (await stored(fleet, job)).is_at_rest
    await fleet.credits.reserve(ACCOUNT, job.id, 3, NOW)
    assert fleet.credits.balances[ACCOUNT.id] == PLENTY - 3
    assert await swept(fleet, PATIENT) == PLENTY - 3, "it is too young"
    assert await swept(fleet) == PLENTY


async def test_what_is_set_aside_for_a_job_under_way_stays_so(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=3)
    assert await swept(fleet, timedelta(days=30)) == PLENTY - 3
    await fleet.track([read(task) for task in fleet.tasks()])
    assert fleet.credits.settlements[job.id].charged == 3
    assert await swept(fleet, timedelta(days=30)) == PLENTY - 3


async def test_what_belongs_to_no_job_is_left_to_its_owner_for_long(file: Path) -> None:
    fleet = Replica()
    await fleet.credits.reserve(ACCOUNT, "f" * 32, 2, NOW)
    assert await swept(fleet, UNKNOWN_FOR - timedelta(seconds=1)) == PLENTY - 2
    assert await swept(fleet, UNKNOWN_FOR) == PLENTY
