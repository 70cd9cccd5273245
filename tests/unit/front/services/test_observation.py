"""What a front tells of the whole service."""

from collections.abc import Mapping
from datetime import timedelta
from typing import NoReturn

import pytest
from prometheus_client import REGISTRY

from common.contracts import topology
from common.domain.job_parts import JobStatus
from common.errors import StoreUnavailable
from common.ports import QueueState
from front.services.observation import Observation
from tests.fakes.samples import NOW, job
from tests.fakes.stores import FakeJobRepository

EXPRESS = "ocr.cpu.pages.express"


class FakeQueues:
    def __init__(self) -> None:
        self.dead = 0

    async def states(self) -> Mapping[str, QueueState]:
        empty = {queue.name: QueueState(0, 0) for queue in topology.QUEUES}
        return {**empty, EXPRESS: QueueState(7, 2), f"{EXPRESS}.dead": QueueState(self.dead, 0)}


def told(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


async def test_open_jobs_queues_and_dead_letters_are_told_as_they_are_now() -> None:
    jobs, queues, moment = FakeJobRepository(), FakeQueues(), NOW + timedelta(minutes=1)
    observation = Observation(jobs, queues, lambda: moment)
    await jobs.add(job(1, status=JobStatus.PENDING))
    queues.dead = 3
    await observation.look()
    assert told("ocr_jobs_open", status="pending") == 1
    assert told("ocr_oldest_job_age_seconds", status="pending") == 60
    assert told("ocr_queue_messages", queue=EXPRESS) == 7
    assert told("ocr_queue_consumers", queue=EXPRESS) == 2
    assert told("ocr_dead_letters", queue=f"{EXPRESS}.dead") == 3

    jobs.jobs.clear()
    queues.dead = 0
    await observation.look()
    assert (
        told("ocr_jobs_open", status="pending") == told("ocr_oldest_job_age_seconds", status="pending") == 0
    )
    assert told("ocr_dead_letters", queue=f"{EXPRESS}.dead") == 0
    assert told("ocr_queue_messages", queue=f"{EXPRESS}.dead") is None


async def test_jobs_that_have_ended_are_not_told() -> None:
    jobs = FakeJobRepository()
    await jobs.add(job(1, status=JobStatus.DONE))
    await Observation(jobs, FakeQueues(), lambda: NOW).look()
    assert told("ocr_jobs_open", status="done") is None


async def test_a_store_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = FakeJobRepository()
    observation = Observation(jobs, FakeQueues(), lambda: NOW)

    async def refuse() -> NoReturn:
        raise StoreUnavailable()

    with monkeypatch.context() as away:
        away.setattr(jobs, "open", refuse)
        with pytest.raises(StoreUnavailable):
            await observation.look()
    assert told("ocr_available", part="store") == 0
    await observation.look()
    assert told("ocr_available", part="store") == 1
