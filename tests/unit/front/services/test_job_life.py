"""A job from its submission to its document, through the real services over fake stores."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from common.contracts.events import PageFailed, PageRecognized
from common.contracts.job_events import JobAnnounced
from common.contracts.tasks import Lane, RecognizePage
from common.document.extraction import Extraction
from common.domain.account import Account
from common.domain.job import Job
from common.domain.job_parts import TOMBSTONE, JobStatus
from common.domain.plans import Plan
from common.errors import (
    BrokerUnavailable,
    EngineUnavailable,
    InvalidField,
    JobAlreadyFinished,
    JobHasNoResult,
    JobNotFinished,
    NotFound,
    OutOfCredits,
    PlanWithdrawn,
    TooManyJobs,
    TooManyPages,
)
from front.services.forms import SubmitForm
from tests.fakes import plans
from tests.fakes.samples import NOW, page
from tests.unit.front.services.fleet import ACCOUNT, LAST_CALL, PLENTY, Replica, uploaded


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7 something")
    return path


def read(task: RecognizePage) -> PageRecognized:
    return PageRecognized(
        job_id=task.job_id,
        ticket=task.ticket,
        page_index=task.page_index,
        page=page(f"page number {task.page_index}"),
        duration_ms=5,
    )


def broken(task: RecognizePage, code: str = "engine_timeout") -> PageFailed:
    return PageFailed(
        job_id=task.job_id, ticket=task.ticket, page_index=task.page_index, code=code, message="x"
    )


async def stored(replica: Replica, job: Job) -> Job:
    found = await replica.jobs.get(job.id)
    assert found is not None
    return found


async def document_of(replica: Replica, job: Job) -> dict[str, object]:
    async with replica.reading.document(job) as found:
        chunks = [chunk async for chunk in found.document()]
    loaded: dict[str, object] = json.loads(b"".join(chunks))
    return loaded


async def finish(replica: Replica, job: Job) -> Job:
    answered = 0
    while not (now := await stored(replica, job)).status.is_terminal:
        tasks = replica.tasks()[answered:]
        assert tasks, "nothing is in flight, and the job is not finished"
        answered += len(tasks)
        await replica.track([read(task) for task in tasks])
    return now


async def test_a_submitted_file_is_kept_and_its_first_pages_are_sent(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=10)
    assert fleet.blobs.blobs[job.source.key] == file.read_bytes()
    assert [task.page_index for task in fleet.tasks()] == [0, 1, 2, 3]
    assert (await stored(fleet, job)).pages == b"ssss" + b"w" * 6


async def test_pages_are_read_and_the_document_is_assembled(file: Path) -> None:
    fleet = Replica()
    done = await finish(fleet, await fleet.submit(file, page_count=7))
    assert done.status is JobStatus.DONE
    document = await document_of(fleet, done)
    assert document["text"] == "\f".join(f"page number {index}" for index in range(7))
    assert [one["index"] for one in document["pages"]] == list(range(7))  # type: ignore[attr-defined]
    assert done.document is not None and done.document.mean_confidence == pytest.approx(0.9)
    assert done.owed == frozenset() and fleet.pages.bodies == {}
    async with fleet.reading.transcript(done) as found:
        words = [json.loads(line) async for line in found.pages_with_words()]
    assert words[6]["blocks"][0]["lines"][0]["words"][2]["text"] == "6"
    told = [one.message.what for one in fleet.publisher.sent(JobAnnounced)]  # type: ignore[attr-defined]
    assert told[0] == "accepted" and told[-1] == "done" and "page" in told


async def test_selected_pages_keep_their_number_in_the_file(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=9, form=SubmitForm(pages="2-3,9"))
    assert [task.source_page for task in fleet.tasks()] == [1, 2, 8]
    document = await document_of(fleet, await finish(fleet, job))
    assert [one["source_page"] for one in document["pages"]] == [2, 3, 9]  # type: ignore[attr-defined]


async def test_a_failed_page_is_told_in_the_document_and_does_not_fail_the_job(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=2)
    first, second = fleet.tasks()
    await fleet.track([broken(first), read(second)])
    done = await stored(fleet, job)
    assert done.status is JobStatus.DONE and done.failures == {0: "engine_timeout"}
    pages = (await document_of(fleet, done))["pages"]
    assert pages[0]["error"]["code"] == "engine_timeout" and pages[0]["text"] == ""  # type: ignore[index]
    assert pages[1]["error"] is None  # type: ignore[index]


async def test_a_job_without_one_readable_page_fails(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=2)
    await fleet.track([broken(task, "page_unreadable") for task in fleet.tasks()])
    ended = await stored(fleet, job)
    assert ended.status is JobStatus.FAILED and ended.error == "page_unreadable"
    with pytest.raises(JobHasNoResult):
        await document_of(fleet, ended)


async def test_a_task_that_no_worker_survived_fails_its_page(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=1)
    await fleet.track(fleet.tasks())
    assert (await stored(fleet, job)).failures == {0: "poisoned"}


async def test_every_event_twice_changes_nothing(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=3)
    events = [read(task) for task in fleet.tasks()]
    await fleet.track([*events, *events])
    await fleet.track(events, redelivered=True)
    assert (await stored(fleet, job)).status is JobStatus.DONE
    assert [task.page_index for task in fleet.tasks()] == [0, 1, 2]
    assert len([key for key in fleet.blobs.blobs if "/document/" in key]) == 1


async def test_what_was_read_is_charged_and_the_rest_given_back(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=4)
    assert fleet.credits.balances[ACCOUNT.id] == PLENTY - 4
    first, *rest = fleet.tasks()
    await fleet.track([broken(first), *(read(task) for task in rest)])
    assert fleet.credits.balances[ACCOUNT.id] == PLENTY - 3
    assert fleet.credits.settlements[job.id].charges[0].pages == (1, 2, 3)


async def test_a_job_within_its_spending_limit_is_taken(file: Path) -> None:
    job = await Replica().submit(file, page_count=6, form=SubmitForm(max_cost="6"))
    assert (job.page_count, job.failures, job.credits_reserved) == (6, {}, 6)


async def test_a_job_beyond_its_spending_limit_reads_as_many_pages_as_that_pays_for(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=3, form=SubmitForm(max_cost="2"))
    assert fleet.credits.balances[ACCOUNT.id] == PLENTY - 2, "no more than that is set aside"
    await fleet.track([read(task) for task in fleet.tasks()])
    done = await stored(fleet, job)
    assert done.status is JobStatus.DONE and done.failures == {2: "max_cost_reached"}
    assert [task.page_index for task in fleet.tasks()] == [0, 1]
    assert fleet.credits.settlements[job.id].charged == 2


async def test_a_job_that_cannot_be_paid_leaves_nothing_behind(file: Path) -> None:
    fleet = Replica()
    fleet.credits.balances[ACCOUNT.id] = 3
    with pytest.raises(OutOfCredits):
        await fleet.submit(file, page_count=4)
    assert fleet.jobs.jobs == {} and fleet.blobs.blobs == {} and fleet.credits.reservations == {}
    assert fleet.credits.balances[ACCOUNT.id] == 3
    await fleet.submission.check_admission(ACCOUNT)
    fleet.credits.balances[ACCOUNT.id] = 0
    with pytest.raises(OutOfCredits):
        await fleet.submission.check_admission(ACCOUNT)


async def test_a_canceled_job_ends_at_once_and_pays_for_what_was_read(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=9)
    first, *rest = fleet.tasks()
    await fleet.track([read(first)])
    canceled = await fleet.withdrawal.cancel(await stored(fleet, job))
    assert canceled.status is JobStatus.CANCELED
    assert fleet.credits.balances[ACCOUNT.id] == PLENTY - 1
    await fleet.track([read(task) for task in rest])
    after = await stored(fleet, job)
    assert after.is_at_rest and after.pages_read == 1 and fleet.pages.bodies == {}
    assert (await fleet.withdrawal.cancel(after)).status is JobStatus.CANCELED
    with pytest.raises(JobHasNoResult):
        await document_of(fleet, after)


async def test_a_finished_job_cannot_be_canceled(file: Path) -> None:
    fleet = Replica()
    done = await finish(fleet, await fleet.submit(file))
    with pytest.raises(JobAlreadyFinished):
        await fleet.withdrawal.cancel(done)


async def test_a_deleted_job_is_gone_with_all_that_it_had(file: Path) -> None:
    fleet = Replica()
    done = await finish(fleet, await fleet.submit(file, page_count=2))
    await fleet.withdrawal.delete(done)
    with pytest.raises(NotFound):
        await fleet.reading.find(done.id, ACCOUNT)
    tombstone = await stored(fleet, done)
    assert fleet.blobs.blobs == {} and tombstone.source.filename == "" and tombstone.document is None
    assert fleet.credits.balances[ACCOUNT.id] == PLENTY - 2


async def test_a_document_that_is_deleted_while_it_is_asked_for_is_a_job_that_is_not_there(
    file: Path,
) -> None:
    fleet = Replica()
    job = await finish(fleet, await fleet.submit(file))
    await fleet.withdrawal.delete(job)
    for reading in (fleet.reading.document(job), fleet.reading.transcript(job)):
        with pytest.raises(NotFound, match="no such job"):
            async with reading:
                pass


async def test_deleting_a_job_under_way_gives_back_what_was_not_read(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=3)
    tasks = fleet.tasks()
    await fleet.withdrawal.delete(await stored(fleet, job))
    await fleet.track([read(task) for task in tasks])
    assert fleet.pages.bodies == {} and fleet.blobs.blobs == {}
    assert fleet.credits.balances[ACCOUNT.id] == PLENTY
    assert (await stored(fleet, job)).is_at_rest


async def test_expired_jobs_are_deleted_and_their_tombstones_removed(file: Path) -> None:
    fleet = Replica()
    done = await finish(fleet, await fleet.submit(file))
    await fleet.withdrawal.sweep()
    assert (await stored(fleet, done)).status is JobStatus.DONE
    expired = await stored(fleet, done)
    fleet.jobs.jobs[done.id] = replace(expired, expires_at=NOW - LAST_CALL)
    await fleet.withdrawal.sweep()
    tombstone = await stored(fleet, done)
    assert tombstone.status is JobStatus.DELETED and fleet.blobs.blobs == {}
    assert tombstone.expires_at == NOW + TOMBSTONE
    fleet.blobs.blobs[f"{done.id}/document/late"] = b"of a process that died"
    fleet.jobs.jobs[done.id] = replace(tombstone, expires_at=NOW - LAST_CALL)
    await fleet.withdrawal.sweep()
    assert fleet.jobs.jobs == {} and fleet.blobs.blobs == {}


async def test_two_replicas_share_the_events_of_one_job(file: Path) -> None:
    one = Replica()
    two = one.twin()
    job = await one.submit(file, page_count=4)
    events = [read(task) for task in one.tasks()]
    await asyncio.gather(one.track(events[:3]), two.track(events[1:]))
    done = await stored(two, job)
    assert done.status is JobStatus.DONE and sorted(done.settled) == [0, 1, 2, 3]
    documents = [key for key in one.blobs.blobs if "/document/" in key]
    assert done.document is not None and documents == [done.document.key]


async def test_a_redelivered_event_repeats_what_a_crash_left_due(file: Path) -> None:
    fleet = Replica()
    fleet.publisher.failures = 100  # the broker goes away after the job was stored
    job = await fleet.submit(file, page_count=2)
    assert fleet.tasks() == [] and (await stored(fleet, job)).pages == b"dd"
    fleet.publisher.failures = 0
    first = RecognizePage(
        job_id=job.id,
        ticket=job.ticket,
        tier=job.request.tier,
        lane=job.lane,
        page_index=0,
        source_page=0,
        source_key=job.source.key,
        media_type=job.source.media_type,
    )
    await fleet.track([read(first)], redelivered=True)
    assert [task.page_index for task in fleet.tasks()] == [1]


async def test_a_broker_that_is_away_during_tracking_is_waited_for(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=1)
    fleet.publisher.failures = 2
    await fleet.track([read(task) for task in fleet.tasks()])
    assert (await stored(fleet, job)).status is JobStatus.DONE


async def test_nothing_is_kept_when_the_broker_is_away_at_submission(file: Path) -> None:
    fleet = Replica()
    fleet.broker.away = True
    with pytest.raises(BrokerUnavailable):
        await fleet.submit(file)
    assert fleet.jobs.jobs == {} and fleet.blobs.blobs == {}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (SubmitForm(tier="gpu"), InvalidField),
        (SubmitForm(language="klingon"), InvalidField),
        (SubmitForm(tool="make-coffee"), InvalidField),
        (SubmitForm(text_layer="maybe"), InvalidField),
        (SubmitForm(pages="7"), InvalidField),
        (SubmitForm(max_cost="0"), InvalidField),
        (SubmitForm(max_cost="many"), InvalidField),
        (SubmitForm(retention="1000"), InvalidField),
        (SubmitForm(retention="1.5"), InvalidField),
        (SubmitForm(tool="translate-pdf"), InvalidField),
        (SubmitForm(tool="translate-pdf", translate_to="de"), EngineUnavailable),
        (SubmitForm(tool="translate-pdf", translate_to="klingon"), InvalidField),
        (SubmitForm(schema='{"type":"object"}'), InvalidField),
        (SubmitForm(tool="receipt-to-json", tier="cpu"), InvalidField),
        (SubmitForm(tier="vlm", schema='{"type":"object"}'), EngineUnavailable),
        (SubmitForm(tier="vlm"), EngineUnavailable),
        (SubmitForm(tool="math-to-latex"), EngineUnavailable),
        (SubmitForm(translate_to="de"), EngineUnavailable),
    ],
)
async def test_what_cannot_be_served_leaves_nothing_behind(
    file: Path, form: SubmitForm, error: type[Exception]
) -> None:
    fleet = Replica()
    with pytest.raises(error):
        await fleet.submit(file, page_count=6, form=form)
    assert fleet.jobs.jobs == {} and fleet.blobs.blobs == {}


async def test_more_pages_than_the_plan_takes_are_refused_unless_some_are_chosen(file: Path) -> None:
    fleet = Replica()
    with pytest.raises(TooManyPages):
        await fleet.submit(file, page_count=2001)
    job = await fleet.submit(file, page_count=2001, form=SubmitForm(pages="2001"))
    assert job.source_pages == (2000,)


@pytest.mark.parametrize(
    ("plan", "page_count", "lane"),
    [
        (plans.FREE, 5, Lane.EXPRESS),
        (plans.PAID, 6, Lane.PRIORITY),
        (plans.FREE, 6, Lane.BULK),
    ],
)
async def test_short_jobs_go_express_and_paid_ones_before_the_rest(
    file: Path, plan: Plan, page_count: int, lane: Lane
) -> None:
    fleet = Replica()
    fleet.inspector.page_count = page_count
    job = await fleet.submission.submit(Account(ACCOUNT.id, plan, NOW), uploaded(file), SubmitForm())
    assert job.lane is lane
    assert {one.routing_key for one in fleet.publisher.sent(RecognizePage)} == {
        {"express": "ocr.cpu.pages.express", "priority": "ocr.cpu.pages.priority", "bulk": "ocr.cpu.pages"}[
            lane
        ]
    }


async def test_an_account_whose_plan_is_gone_is_told_so_before_a_file_is_received() -> None:
    fleet = Replica()
    with pytest.raises(PlanWithdrawn, match="'gold'"):
        await fleet.submission.check_admission(Account(ACCOUNT.id, plans.PLANS.named("gold"), NOW))


async def test_a_job_is_found_by_its_owner_alone(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file)
    assert (await fleet.reading.find(job.id, ACCOUNT)).id == job.id
    for job_id, account in [
        (job.id, Account("other", plans.PAID, NOW)),
        ("f" * 32, ACCOUNT),
        ("not-a-uuid", ACCOUNT),
    ]:
        with pytest.raises(NotFound):
            await fleet.reading.find(job_id, account)


async def test_the_inline_wait_ends_with_the_job_or_with_its_time(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file)
    waiting = await fleet.reading.until_finished(job, ACCOUNT, wait_s=0.01)
    assert waiting.status is JobStatus.PENDING
    with pytest.raises(JobNotFinished):
        await document_of(fleet, waiting)

    async def announce_then_finish() -> None:
        await fleet.track([read(task) for task in fleet.tasks()])
        for one in fleet.publisher.sent(JobAnnounced):
            assert isinstance(one.message, JobAnnounced)
            fleet.feed.notice(one.message)

    finished, _ = await asyncio.gather(
        fleet.reading.until_finished(job, ACCOUNT, wait_s=30), announce_then_finish()
    )
    assert finished.status is JobStatus.DONE


async def test_a_page_that_comes_after_it_failed_gives_the_document_nothing(file: Path) -> None:
    form = SubmitForm(tier="vlm", schema='{"type":"object","properties":{"total":{"type":"number"}}}')
    replica = Replica(has_model=True)
    job = await replica.submit(file, page_count=2, form=form)
    first, second = replica.tasks()
    values = Extraction('{"total":1}'), Extraction('{"total":2}')
    late, other = (
        read(task).model_copy(update={"page": replace(read(task).page, extraction=value)})
        for task, value in zip((first, second), values, strict=True)
    )
    await replica.track([broken(first)])
    await replica.track([late])
    await replica.track([other])
    document = await document_of(replica, await stored(replica, job))
    assert document["extraction"] == {"total": 2}


async def test_no_worker_can_say_that_a_page_was_never_to_be_paid(file: Path) -> None:
    fleet = Replica()
    job = await fleet.submit(file, page_count=2)
    first, second = fleet.tasks()
    await fleet.track([broken(first).model_copy(update={"code": "max_cost_reached"}), read(second)])
    done = await stored(fleet, job)
    assert done.failures == {0: "page_failed"}
    assert fleet.credits.balances[ACCOUNT.id] == PLENTY - 1


async def test_an_account_with_as_many_jobs_as_it_may_have_is_refused_before_its_file_is_received(
    file: Path,
) -> None:
    fleet, plan = Replica(), plans.PAID.model_copy(update={"max_active_jobs": 1})
    narrow = replace(ACCOUNT, plan=plan)
    job = await fleet.submission.submit(narrow, uploaded(file), SubmitForm())
    with pytest.raises(TooManyJobs):
        await fleet.submission.check_admission(narrow)
    await finish(fleet, job)
    await fleet.submission.check_admission(narrow)


async def test_one_job_too_many_leaves_nothing_behind(file: Path) -> None:
    fleet, plan = Replica(), plans.PAID.model_copy(update={"max_active_jobs": 1})
    narrow = replace(ACCOUNT, plan=plan)
    first = await fleet.submission.submit(narrow, uploaded(file), SubmitForm())
    left = fleet.credits.balances[narrow.id]
    with pytest.raises(TooManyJobs):
        await fleet.submission.submit(narrow, uploaded(file), SubmitForm())
    assert list(fleet.jobs.jobs) == [first.id]
    assert fleet.credits.balances[narrow.id] == left
