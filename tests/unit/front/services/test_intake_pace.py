"""Requests that have to wait: how many are under way at once, and what becomes of those that are not."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from common.contracts.job_events import JobAnnounced, JobHint
from common.contracts.submit import SubmitMessage
from common.contracts.tasks import Tier
from common.domain.job_parts import EXPRESS_PAGES, Correspondence, JobStatus
from front.services import intake_pace
from front.services.intake_pace import LONG_JOBS
from tests.fakes.samples import job
from tests.unit.front.services.fleet import ACCOUNT
from tests.unit.front.services.intake_front import FILE, FakeRequest, Front, new_front

SENT = Correspondence("r-0", None, None)


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Front:
    """Its one worker may be taken up by a request, so the next has to wait."""
    return new_front(tmp_path, monkeypatch)


def numbered(number: int) -> SubmitMessage:
    return replace(FILE, message_id=f"r-{number}")


async def waiting(front: Front, message: SubmitMessage) -> tuple[FakeRequest, "asyncio.Task[None]"]:
    request = FakeRequest(message)
    taking = asyncio.create_task(front.fleet.intake.take(request, ACCOUNT.id))
    await asyncio.sleep(0.05)
    assert not taking.done()
    return request, taking


async def test_a_burst_waits_in_the_intake_and_leaves_a_worker_free(front: Front) -> None:
    front.fleet.broker.slots = 3
    for number in range(2):
        await front.take(numbered(number))
    third, taking = await waiting(front, numbered(2))
    assert len(front.fleet.jobs.jobs) == 2
    await front.finish()
    await taking
    assert third.settlement == "acked" and len(front.fleet.jobs.jobs) == 3


async def test_what_waits_keeps_nothing_of_its_file_in_memory(front: Front) -> None:
    await front.take(numbered(0))
    second, taking = await waiting(front, numbered(1))
    assert second.message.body == b"" and front.fleet.spool.room.taken_bytes == len(FILE.body)
    await front.finish()
    await taking
    assert len(front.fleet.jobs.jobs) == 2 and not front.rejections
    assert front.fleet.spool.room.taken_bytes == 0


@pytest.mark.parametrize(
    "heard",
    [
        JobHint(job_id="a" * 32, account=ACCOUNT.id),
        *(
            JobAnnounced(
                job_id="a" * 32, account=ACCOUNT.id, what=end, status=end, page_count=1, pages_done=1
            )
            for end in ("failed", "canceled")
        ),
    ],
)
async def test_who_waits_goes_on_as_soon_as_a_job_is_heard_to_have_ended(
    front: Front, monkeypatch: pytest.MonkeyPatch, heard: JobHint | JobAnnounced
) -> None:
    monkeypatch.setattr(intake_pace, "FIRST_LOOK_S", 3600.0)
    await front.take(numbered(0))
    second, taking = await waiting(front, numbered(1))
    await front.finish()
    front.fleet.pace.notice(heard.model_copy(update={"account": "globex"}))
    await asyncio.sleep(0.01)
    assert second.settlement is None
    front.fleet.pace.notice(heard)
    async with asyncio.timeout(5):
        await taking
    assert second.settlement == "acked"


async def test_after_an_end_that_gave_no_room_it_is_waited_for_the_next(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_pace, "FIRST_LOOK_S", 3600.0)
    await front.take(numbered(0))
    _, taking = await waiting(front, numbered(1))
    looks = 0
    count = front.fleet.jobs.count_requests

    async def counted(account_id: str, tier: Tier) -> tuple[int, int]:
        nonlocal looks
        looks += 1
        return await count(account_id, tier)

    monkeypatch.setattr(front.fleet.jobs, "count_requests", counted)
    front.fleet.pace.notice(JobHint(job_id="a" * 32, account=ACCOUNT.id))
    await asyncio.sleep(0.05)
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    assert looks == 1


async def test_what_the_broker_gives_to_another_is_waited_with_no_longer(front: Front) -> None:
    await front.take(numbered(0))
    second, taking = await waiting(front, numbered(1))
    second.is_lost = True
    async with asyncio.timeout(5):
        await taking
    assert second.settlement is None and front.fleet.spool.room.taken_bytes == 0


async def test_an_account_that_was_suspended_while_its_request_waited_is_refused(front: Front) -> None:
    await front.take(numbered(0))
    _, taking = await waiting(front, numbered(1))
    await front.accounts.suspend(ACCOUNT.id, suspended=True)
    await front.finish()
    await taking
    assert [one.code for one in front.rejections] == ["account_suspended"]


async def test_however_often_a_request_is_tried_it_counts_as_one(front: Front) -> None:
    few = front.accounts.accounts[ACCOUNT.id].plan.model_copy(update={"requests_per_minute": 3})
    front.accounts.accounts[ACCOUNT.id] = replace(ACCOUNT, plan=few)
    front.fleet.broker.away = True
    _, taking = await waiting(front, numbered(0))
    front.fleet.broker.away = False
    await taking
    await front.finish()
    async with asyncio.timeout(5):
        await front.take(numbered(1))
    assert len(front.fleet.jobs.jobs) == 2


async def test_long_jobs_wait_for_each_other_though_workers_are_free(front: Front) -> None:
    front.fleet.broker.slots = 50
    front.fleet.inspector.page_count = EXPRESS_PAGES + 1
    for number in range(LONG_JOBS):
        await front.take(numbered(number))
    _, taking = await waiting(front, numbered(LONG_JOBS))
    assert len(front.fleet.jobs.jobs) == LONG_JOBS
    await front.finish()
    await taking


async def test_what_waits_for_one_tier_takes_no_place_in_the_other(front: Front) -> None:
    asked = job(correspondence=SENT, status=JobStatus.PENDING, account_id=ACCOUNT.id)
    vlm = replace(asked, request=replace(asked.request, tier=Tier.VLM))
    front.fleet.jobs.jobs[vlm.id] = vlm
    async with asyncio.timeout(5):
        await front.take(numbered(0))
    assert len(front.fleet.jobs.jobs) == 2
