"""Jobs that stand still because something was lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from common.contracts import topology
from common.contracts.tasks import Tier
from common.domain.job_changes import PayOwed
from common.domain.job_parts import JobStatus
from common.domain.turns import FAIR_EVERY
from front.settings import FrontSettings
from tests.unit.front.services.fleet import ACCOUNT, PATIENCE, PLENTY, Replica
from tests.unit.front.services.test_job_life import read, stored
from workers.ocr_cpu.settings import OcrCpuSettings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7 something")
    return path


async def test_pages_that_were_never_published_are_published_later(file: Path) -> None:
    fleet = Replica()
    fleet.publisher.failures = 100
    job = await fleet.submit(file, page_count=2)
    fleet.publisher.failures = 0
    await fleet.sweep_for(PATIENCE.outstanding_s - PATIENCE.sweep_s)
    assert fleet.tasks() == []
    await fleet.sweep_for(PATIENCE.sweep_s)
    assert [task.page_index for task in fleet.tasks()] == [0, 1]
    assert (await stored(fleet, job)).pages == b"ss"


async def test_of_two_replicas_one_recovers_a_job(file: Path) -> None:
    one = Replica()
    two = one.twin()
    one.publisher.failures = 100
    await one.submit(file, page_count=2)
    one.publisher.failures = 0
    for _ in range(10):
        await one.sweep_for(0)
        await two.sweep_for(0)
    assert len(one.tasks()) == 2


async def test_a_document_that_was_never_assembled_is_assembled_later(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file)
    (task,) = fleet.tasks()
    owing = (await stored(fleet, job)).apply(read(task), job.created_at)
    assert any(isinstance(effect, PayOwed) for effect in owing.effects)
    await fleet.jobs.save(owing.job)  # and the front dies here: the page body is lost as well
    await fleet.sweep_for(PATIENCE.outstanding_s)
    assert (await stored(fleet, job)).status is JobStatus.DONE
    assert (await stored(fleet, job)).is_at_rest


EXPRESS, PRIORITY, BULK = topology.page_queues(Tier.CPU)


@pytest.mark.parametrize("queue", [EXPRESS, *topology.RETRY_QUEUES, topology.TRACKING])
async def test_sent_pages_are_not_lost_while_messages_wait(file: Path, queue: str) -> None:
    fleet = Replica()
    await fleet.submit(file, page_count=2)
    fleet.broker.messages = {queue: 7}
    await fleet.sweep_for(3 * PATIENCE.sent_s)
    assert len(fleet.tasks()) == 2
    fleet.broker.messages = {}
    await fleet.sweep_for(PATIENCE.sent_s - PATIENCE.sweep_s)
    assert len(fleet.tasks()) == 2
    await fleet.sweep_for(PATIENCE.sweep_s)
    assert len(fleet.tasks()) == 4


def test_sent_pages_are_not_lost_while_a_worker_serves_those_of_other_lanes_first() -> None:
    turns, page_s = 2 * FAIR_EVERY, OcrCpuSettings().page_time_limit_s
    assert FrontSettings().recovery_sent_s > turns * page_s


async def test_lost_pages_are_found_while_other_lanes_are_busy(file: Path) -> None:
    fleet = Replica()
    await fleet.submit(file, page_count=2)
    fleet.broker.messages = {PRIORITY: 7, BULK: 1000}
    await fleet.sweep_for(PATIENCE.sent_s - PATIENCE.sweep_s)
    assert len(fleet.tasks()) == 2
    await fleet.sweep_for(PATIENCE.sweep_s)
    assert [task.page_index for task in fleet.tasks()] == [0, 1, 0, 1]


async def test_a_job_that_moves_on_is_left_alone(file: Path) -> None:
    fleet = Replica()
    await fleet.submit(file, page_count=4)
    for task in fleet.tasks()[:3]:
        await fleet.sweep_for(PATIENCE.sent_s - PATIENCE.sweep_s)
        await fleet.track([read(task)])
    assert len(fleet.tasks()) == 4


async def test_a_draft_whose_submission_died_fails_and_gives_its_credits_back(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=3)
    draft = replace(await stored(fleet, job), status=JobStatus.DRAFT, pages=b"www")
    fleet.jobs.jobs[job.id] = draft
    await fleet.sweep_for(PATIENCE.draft_s - PATIENCE.sweep_s)
    assert (await stored(fleet, job)).status is JobStatus.DRAFT
    await fleet.sweep_for(PATIENCE.sweep_s)
    ended = await stored(fleet, job)
    assert ended.status is JobStatus.FAILED and ended.error == "submission_abandoned"
    assert fleet.credits.balances[ACCOUNT.id] == PLENTY


async def test_a_finished_job_is_left_alone(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file)
    await fleet.track([read(task) for task in fleet.tasks()])
    done = await stored(fleet, job)
    await fleet.sweep_for(3 * PATIENCE.sent_s)
    assert await stored(fleet, job) == done and len(fleet.tasks()) == 1
