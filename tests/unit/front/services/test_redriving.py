"""A page that died is tried once more: as one new job, however often that is asked for, and charged once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from common.contracts.events import PageRecognized
from common.contracts.job_events import JobAnnounced
from common.contracts.message import Message
from common.contracts.tasks import ExportFormat, RecognizePage
from common.domain.export import ExportRequest, ExportStatus
from common.domain.job import Job
from common.domain.job_parts import Correspondence, JobRequest, JobStatus
from common.errors import ExportPending, StoreUnavailable
from common.ports import DeadLetter, Hop
from front.services.forms import SubmitForm
from front.services.redriving import Outcome
from tests.fakes.samples import NOW, page, question_task, translation_task
from tests.unit.front.services.fleet import ACCOUNT, PLENTY, Replica, uploaded

QUEUE = "ocr.cpu.pages.express"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7 something")
    return path


def letter(message: Message, id: str = "a1b2") -> DeadLetter:
    died = Hop(QUEUE, "delivery_limit", 1, NOW)
    return DeadLetter(id, f"{QUEUE}.dead", message.type, 300, 1, NOW, (died,), message)


def read(task: RecognizePage) -> PageRecognized:
    return PageRecognized(
        job_id=task.job_id,
        ticket=task.ticket,
        page_index=task.page_index,
        page=page(f"page number {task.page_index}"),
        duration_ms=5,
    )


async def with_dead_pages(fleet: Replica, file: Path, *dead: int, pages: int = 3) -> list[DeadLetter]:
    """The letters of a job that has ended without these pages."""
    await fleet.submit(file, pages)
    tasks = fleet.tasks()
    await fleet.track([task if task.page_index in dead else read(task) for task in tasks])
    return [letter(task, f"id-{task.page_index}") for task in tasks if task.page_index in dead]


def jobs(fleet: Replica) -> list[Job]:
    return list(fleet.jobs.jobs.values())


def said(outcomes: object) -> str:
    assert isinstance(outcomes, list)
    (outcome,) = outcomes
    assert isinstance(outcome, Outcome) and not outcome.is_settled
    return outcome.said


async def test_pages_that_died_become_one_job_of_just_these_pages(file: Path) -> None:
    fleet = Replica()
    dead = await with_dead_pages(fleet, file, 0, 2)
    (outcome,) = await fleet.redriving.redrive(dead)
    first, again = jobs(fleet)
    assert outcome.is_settled and again.id in outcome.said
    assert (again.account_id, again.source_pages, again.request) == (ACCOUNT.id, (0, 2), first.request)
    assert await read_all(fleet, again.source.key) == file.read_bytes()


async def test_a_partner_hears_of_the_second_try_as_an_answer_to_its_request(file: Path) -> None:
    fleet = Replica()
    sent = Correspondence("r-1", "order 7", None)
    fleet.inspector.page_count = 2
    await fleet.submission.submit(ACCOUNT, uploaded(file), SubmitForm(), correspondence=sent)
    first, second = fleet.tasks()
    await fleet.track([first, read(second)])
    await fleet.redriving.redrive([letter(first)])
    told = fleet.publisher.sent(JobAnnounced)[-1]
    assert isinstance(told.message, JobAnnounced)
    assert (told.routing_key, told.correlation_id) == ("job.demo.accepted", "order 7")
    assert (told.message.job_id, told.message.request_id) == (jobs(fleet)[1].id, "r-1")


async def read_all(fleet: Replica, key: str) -> bytes:
    return b"".join([chunk async for chunk in fleet.blobs.read(key)])


async def test_every_page_is_charged_once_and_not_before_it_is_read(file: Path) -> None:
    fleet = Replica()
    dead = await with_dead_pages(fleet, file, 1)
    assert fleet.credits.balances[ACCOUNT.id] == PLENTY - 2
    await fleet.redriving.redrive(dead)
    await fleet.track([read(task) for task in fleet.tasks()[3:]])
    assert jobs(fleet)[1].status is JobStatus.DONE
    assert fleet.credits.balances[ACCOUNT.id] == PLENTY - 3


async def test_redriving_twice_makes_one_job(file: Path) -> None:
    fleet = Replica()
    dead = await with_dead_pages(fleet, file, 0, 1)
    await fleet.redriving.redrive(dead)
    (again,) = await fleet.twin().redriving.redrive(dead[:1])
    assert again.is_settled and jobs(fleet)[1].id in again.said
    assert len(jobs(fleet)) == 2


async def test_of_two_operators_at_once_one_makes_the_job(file: Path) -> None:
    fleet = Replica()
    dead = await with_dead_pages(fleet, file, 1)
    outcomes = await asyncio.gather(
        fleet.redriving.redrive(dead), fleet.twin().redriving.redrive(dead), return_exceptions=True
    )
    assert len(jobs(fleet)) == 2, outcomes


async def test_a_page_that_lies_there_twice_is_read_once(file: Path) -> None:
    fleet = Replica()
    (dead,) = await with_dead_pages(fleet, file, 1)
    (outcome,) = await fleet.redriving.redrive([dead, replace(dead, id="other")])
    assert len(outcome.letters) == 2
    assert jobs(fleet)[1].source_pages == (1,)


async def test_what_breaks_off_midway_is_made_good_by_the_next_try(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = Replica()
    dead = await with_dead_pages(fleet, file, 1)

    async def refuse(*_: object, **__: object) -> int:
        raise StoreUnavailable()

    with monkeypatch.context() as away:
        away.setattr(fleet.blobs, "write", refuse)
        with pytest.raises(StoreUnavailable):
            await fleet.redriving.redrive(dead)
    (outcome,) = await fleet.redriving.redrive(dead)
    assert outcome.is_settled
    assert [job.is_promised for job in jobs(fleet)] == [True, False, True]
    await fleet.track([read(task) for task in fleet.tasks()[3:]])
    assert fleet.credits.balances[ACCOUNT.id] == PLENTY - 3


async def test_the_tasks_tell_what_the_page_died_of_and_so_do_those_after_them(file: Path) -> None:
    fleet = Replica()
    dead = await with_dead_pages(fleet, file, 1)
    await fleet.redriving.redrive(dead)
    (second,) = fleet.tasks()[3:]
    assert second.earlier is not None
    (death,) = second.earlier
    assert (death.job_id, death.page_index, death.reason) == (jobs(fleet)[0].id, 1, "delivery_limit")
    await fleet.track([second])
    await fleet.redriving.redrive([letter(second, "id-again")])
    (third,) = fleet.tasks()[4:]
    assert third.earlier is not None
    assert [one.job_id for one in third.earlier] == [jobs(fleet)[0].id, jobs(fleet)[1].id]


async def test_a_page_whose_translation_died_pays_for_the_translation_alone(file: Path) -> None:
    fleet = Replica()
    (dead,) = await with_dead_pages(fleet, file, 0, pages=1)
    (job,) = jobs(fleet)
    request = JobRequest(job.request.tier, "en", ("eng",), translate_to="de")
    fleet.jobs.jobs[job.id] = replace(
        job, request=request, failures={}, untranslated={0: "poisoned"}, credits_per_translation=2
    )
    task = translation_task().model_copy(update={"job_id": job.id})
    await fleet.redriving.redrive([letter(task)])
    again = jobs(fleet)[1]
    assert (again.credits_per_page, again.credits_per_translation) == (0, 2)
    assert dead.message != task


async def test_what_is_not_settled_as_dead_is_left_alone(file: Path) -> None:
    fleet = Replica()
    await fleet.submit(file, 2)
    first, second = fleet.tasks()
    assert "does not know yet" in said(await fleet.redriving.redrive([letter(first)]))
    await fleet.track([read(first), read(second)])
    assert "another end" in said(await fleet.redriving.redrive([letter(first)]))
    assert len(jobs(fleet)) == 1


async def test_without_the_file_nothing_can_be_done(file: Path) -> None:
    fleet = Replica()
    dead = await with_dead_pages(fleet, file, 1)
    (job,) = jobs(fleet)
    await fleet.blobs.delete(job.source.key)
    assert said(await fleet.redriving.redrive(dead)) == "The file is gone."
    fleet.jobs.jobs[job.id] = replace(job, expires_at=NOW - timedelta(seconds=1))
    assert "job is gone" in said(await fleet.redriving.redrive(dead))


async def test_an_account_that_cannot_pay_is_told_and_the_letter_stays(file: Path) -> None:
    fleet = Replica()
    dead = await with_dead_pages(fleet, file, 1)
    fleet.credits.balances[ACCOUNT.id] = 0
    assert "credit" in said(await fleet.redriving.redrive(dead))
    fleet.credits.balances[ACCOUNT.id] = 1
    (outcome,) = await fleet.redriving.redrive(dead)
    assert outcome.is_settled and len(jobs(fleet)) == 2


async def test_a_suspended_account_begins_nothing(file: Path) -> None:
    fleet = Replica()
    dead = await with_dead_pages(fleet, file, 1)
    await fleet.accounts.suspend(ACCOUNT.id, suspended=True)
    assert "suspended" in said(await fleet.redriving.redrive(dead))


async def test_an_account_whose_plan_is_not_offered_any_more_begins_nothing(file: Path) -> None:
    fleet = Replica()
    dead = await with_dead_pages(fleet, file, 1)
    account = fleet.accounts.accounts[ACCOUNT.id]
    withdrawn = account.plan.model_copy(update={"is_offered": False})
    fleet.accounts.accounts[ACCOUNT.id] = replace(account, plan=withdrawn)
    assert "not offered" in said(await fleet.redriving.redrive(dead))


async def test_a_file_whose_workers_died_is_built_once_more(file: Path) -> None:
    fleet = Replica()
    await with_dead_pages(fleet, file, 0)
    (job,) = jobs(fleet)
    request = ExportRequest(ExportFormat.DOCX)
    with pytest.raises(ExportPending):
        await fleet.exporting.file(job, request, wait_s=0)
    (task,) = fleet.export_tasks()
    assert "sent by this very task" in said(await fleet.redriving.redrive([letter(task)]))
    await fleet.track([task])
    for _ in range(2):
        (outcome,) = await fleet.redriving.redrive([letter(task)])
        assert outcome.is_settled
    assert len(fleet.export_tasks()) == 2
    export = await fleet.exports.get(job.id, request.name)
    assert export is not None and export.status is ExportStatus.SENT


async def test_questions_and_what_is_no_task_stay(file: Path) -> None:
    fleet = Replica()
    assert "question" in said(await fleet.redriving.redrive([letter(question_task())]))
    foreign = replace(letter(question_task()), message=None)
    assert "no task" in said(await fleet.redriving.redrive([foreign]))


async def test_a_broker_that_is_away_does_not_unmake_the_job(file: Path) -> None:
    fleet = Replica()
    dead = await with_dead_pages(fleet, file, 1)
    fleet.publisher.failures = 1
    (outcome,) = await fleet.redriving.redrive(dead)
    assert outcome.is_settled
    await fleet.sweep_for(60)
    assert len(fleet.tasks()) == 4
