"""Files of finished documents: one build however many ask, and nothing left of jobs that are gone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from common.contracts import topology
from common.contracts.events import DocumentExported, ExportFailed
from common.contracts.tasks import ExportDocument, ExportFormat, MediaType
from common.domain.export import (
    TOLD_FOR,
    TOLD_FOR_IF_RETRYABLE,
    Artefact,
    Export,
    ExportRequest,
    ExportStatus,
    artefact_key,
)
from common.domain.job import Job
from common.domain.job_parts import BACKSTOP
from common.errors import (
    BrokerUnavailable,
    ExportCrashed,
    ExportPending,
    ExportTimeout,
    FleetError,
    FormatFailed,
    NotFound,
    SourceMissing,
    StoreUnavailable,
    TooManyDownloads,
)
from front.services.export_tasks import ExportTasks
from tests.fakes.samples import NOW
from tests.unit.front.services.fleet import MAX_HELD, PATIENCE, Replica
from tests.unit.front.services.test_job_life import finish, read

PDF = ExportRequest(ExportFormat.PDF)
PDFA = ExportRequest(ExportFormat.PDF, pdfa=True)
ENOUGH_S = 10.0
_TURNS = 200


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Rechnung März.pdf"
    path.write_bytes(b"%PDF-1.7 something")
    return path


@pytest.fixture
async def fleet() -> Replica:
    return Replica()


@pytest.fixture
async def done(fleet: Replica, file: Path) -> Job:
    return await finish(fleet, await fleet.submit(file))


class Asking:
    """Somebody who waits for a file."""

    def __init__(self, replica: Replica, job: Job, request: ExportRequest, wait_s: float) -> None:
        self.answer = asyncio.create_task(replica.exporting.file(job, request, wait_s))


async def ask(replica: Replica, job: Job, request: ExportRequest = PDF, wait_s: float = ENOUGH_S) -> Asking:
    """Begun, and as far as it gets by itself."""
    asking = Asking(replica, job, request, wait_s)
    await as_far_as_it_gets()
    return asking


async def as_far_as_it_gets() -> None:
    """Turns of the loop, not time: with fakes every step takes one, however busy the machine is."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


async def built(replica: Replica, task: ExportDocument, attempt: str = "a") -> DocumentExported:
    """What a worker does with the task."""
    key = artefact_key(task.job_id, task.name, f"{task.ticket}/{attempt}")

    async def chunks() -> AsyncIterator[bytes]:
        yield b"built"

    size_bytes = await replica.blobs.write(key, chunks(), expires_at=task.expires_at)
    return DocumentExported(
        job_id=task.job_id,
        ticket=task.ticket,
        name=task.name,
        key=key,
        size_bytes=size_bytes,
        duration_ms=1,
    )


def later(replica: Replica, told_for: timedelta = TOLD_FOR) -> None:
    """Let a failure's time go by."""
    replica.time_s += told_for.total_seconds()


def broken(task: ExportDocument, code: str = "format_failed") -> ExportFailed:
    return ExportFailed(
        job_id=task.job_id, ticket=task.ticket, name=task.name, code=code, message="No page fits."
    )


def artefacts(replica: Replica) -> list[str]:
    return [key for key in replica.blobs.blobs if "/export/" in key]


async def stored(replica: Replica, job: Job, request: ExportRequest = PDF) -> Export:
    found = await replica.exports.get(job.id, request.name)
    assert found is not None
    return found


# --- asking -------------------------------------------------------------------------------------


async def test_an_account_may_have_so_many_requests_waiting_and_no_more(fleet: Replica, done: Job) -> None:
    await ask(fleet, done, PDFA)
    (task,) = fleet.export_tasks()
    await fleet.track([await built(fleet, task)])
    waiting = [await ask(fleet, done) for _ in range(MAX_HELD)]
    with pytest.raises(TooManyDownloads):
        await fleet.exporting.file(done, ExportRequest(ExportFormat.DOCX), ENOUGH_S)
    assert await fleet.exports.get(done.id, "docx") is None, "nothing is built for who was refused"
    assert (await fleet.exporting.file(done, PDFA, 0)).key, "what is there need not be waited for"
    waiting[0].answer.cancel()
    await asyncio.wait([waiting[0].answer])
    with pytest.raises(ExportPending):
        await fleet.exporting.file(done, PDF, 0)
    for one in waiting:
        one.answer.cancel()


async def test_a_file_that_nobody_asked_for_before_is_built(fleet: Replica, done: Job) -> None:
    asking = await ask(fleet, done, PDFA)
    (task,) = fleet.export_tasks()
    assert done.document is not None and done.expires_at is not None
    assert task == ExportDocument(
        job_id=done.id,
        ticket=(await stored(fleet, done, PDFA)).ticket,
        name="pdf-pdfa",
        format=ExportFormat.PDF,
        pdfa=True,
        words_key=done.document.transcript.words_key,
        words_bytes=done.document.transcript.words_bytes,
        source_key=done.source.key,
        media_type=MediaType.PDF,
        title="Rechnung März",
        languages=("en",),
        created_at=NOW,
        expires_at=done.expires_at + BACKSTOP,
    )
    assert not asking.answer.done()
    await fleet.track([await built(fleet, task)])
    artefact = await asking.answer
    assert artefact == Artefact(artefact_key(done.id, "pdf-pdfa", f"{task.ticket}/a"), 5)
    assert b"".join([chunk async for chunk in fleet.exporting.read(artefact)]) == b"built"


async def test_it_is_built_once_however_many_ask_at_however_many_fronts(fleet: Replica, done: Job) -> None:
    fronts = [fleet, fleet.twin(), fleet.twin()]
    asking = [Asking(front, done, PDF, ENOUGH_S) for front in fronts for _ in range(5)]
    await as_far_as_it_gets()
    (task,) = fleet.export_tasks()
    await fleet.track([await built(fleet, task)])
    assert len({await one.answer for one in asking}) == 1
    assert await fleet.exporting.file(done, PDF, 0) == await asking[0].answer
    assert len(fleet.export_tasks()) == 1


async def test_each_combination_of_options_is_built_by_itself(fleet: Replica, done: Job) -> None:
    asking = [await ask(fleet, done, request) for request in (PDF, PDFA)]
    assert [task.name for task in fleet.export_tasks()] == ["pdf", "pdf-pdfa"]
    await fleet.track([await built(fleet, task) for task in fleet.export_tasks()])
    assert len({await one.answer for one in asking}) == 2


async def test_what_takes_longer_than_the_wait_is_there_at_a_later_ask(fleet: Replica, done: Job) -> None:
    with pytest.raises(ExportPending):
        await fleet.exporting.file(done, PDF, 0.1)
    with pytest.raises(ExportPending):
        await fleet.exporting.file(done, PDF, 0)
    (task,) = fleet.export_tasks()
    await fleet.track([await built(fleet, task)])
    assert (await fleet.exporting.file(done, PDF, 0)).size_bytes == 5


async def test_who_goes_away_ends_the_wait_and_not_the_building(fleet: Replica, done: Job) -> None:
    asking = await ask(fleet, done)
    asking.answer.cancel()
    (task,) = fleet.export_tasks()
    await fleet.track([await built(fleet, task)])
    assert (await fleet.exporting.file(done, PDF, 0)).size_bytes == 5


async def test_a_file_that_cannot_be_built_is_told_and_tried_again_at_a_later_ask(
    fleet: Replica, done: Job
) -> None:
    asking = [await ask(fleet, done) for _ in range(2)]
    (task,) = fleet.export_tasks()
    await fleet.track([broken(task)])
    for one in asking:
        with pytest.raises(FormatFailed, match="No page fits"):
            await one.answer
    later(fleet)
    again = [await ask(fleet, done) for _ in range(2)]
    _, second = fleet.export_tasks()
    assert second.ticket != task.ticket
    await fleet.track([await built(fleet, second)])
    assert len({await one.answer for one in again}) == 1


@pytest.mark.parametrize(
    ("code", "expected", "told_for"),
    [
        ("export_timeout", ExportTimeout, TOLD_FOR),
        ("export_crashed", ExportCrashed, TOLD_FOR_IF_RETRYABLE),
    ],
)
async def test_who_left_before_it_failed_is_told_at_the_next_ask_and_nothing_is_built(
    fleet: Replica, done: Job, code: str, expected: type[Exception], told_for: timedelta
) -> None:
    with pytest.raises(ExportPending):
        await fleet.exporting.file(done, PDF, 0)
    await fleet.track([broken(task, code) for task in fleet.export_tasks()])
    later(fleet, told_for - timedelta(seconds=1))
    for _ in range(3):
        with pytest.raises(expected, match="No page fits"):
            await fleet.exporting.file(done, PDF, 0)
    assert len(fleet.export_tasks()) == 1
    later(fleet, timedelta(seconds=1))
    with pytest.raises(ExportPending):
        await fleet.exporting.file(done, PDF, 0)
    assert len(fleet.export_tasks()) == 2


async def test_of_two_fronts_one_begins_a_failed_export_anew(fleet: Replica, done: Job) -> None:
    await ask(fleet, done)
    await fleet.track([broken(task) for task in fleet.export_tasks()])
    fronts = [fleet, fleet.twin()]
    for front in fronts:
        later(front)
    asking = [Asking(front, done, PDF, ENOUGH_S) for front in fronts]
    await as_far_as_it_gets()
    assert len(fleet.export_tasks()) == 2
    await fleet.track([await built(fleet, fleet.export_tasks()[-1])])
    assert len({await one.answer for one in asking}) == 1


@pytest.mark.parametrize(
    ("code", "expected"), [("source_missing", SourceMissing), ("export_crashed", ExportCrashed)]
)
async def test_what_it_failed_of_is_raised(
    fleet: Replica, done: Job, code: str, expected: type[Exception]
) -> None:
    asking = await ask(fleet, done)
    await fleet.track([broken(task, code) for task in fleet.export_tasks()])
    with pytest.raises(expected):
        await asking.answer


# --- results ------------------------------------------------------------------------------------


async def test_the_first_result_wins_and_the_other_file_is_removed(fleet: Replica, done: Job) -> None:
    asking = await ask(fleet, done)
    (task,) = fleet.export_tasks()
    first, second = [await built(fleet, task, attempt) for attempt in "ab"]
    await fleet.track([first])
    await fleet.track([second, broken(task)])
    assert (await asking.answer).key == first.key
    assert artefacts(fleet) == [first.key]


async def test_of_two_results_at_two_fronts_one_file_stays(fleet: Replica, done: Job) -> None:
    asking = await ask(fleet, done)
    (task,) = fleet.export_tasks()
    first, second = [await built(fleet, task, attempt) for attempt in "ab"]
    await asyncio.gather(fleet.track([first]), fleet.twin().track([second]))
    assert artefacts(fleet) == [(await asking.answer).key]


async def test_a_result_that_comes_twice_changes_nothing(fleet: Replica, done: Job) -> None:
    asking = await ask(fleet, done)
    (task,) = fleet.export_tasks()
    event = await built(fleet, task)
    await fleet.track([event, event])
    await fleet.track([event], redelivered=True)
    assert artefacts(fleet) == [(await asking.answer).key]


async def test_a_late_result_of_a_try_that_was_given_up_is_removed(fleet: Replica, done: Job) -> None:
    await ask(fleet, done)
    (first,) = fleet.export_tasks()
    await fleet.track([broken(first)])
    later(fleet)
    asking = await ask(fleet, done)
    await fleet.track([await built(fleet, first, "late")])
    assert artefacts(fleet) == [] and not asking.answer.done()
    await fleet.track([await built(fleet, fleet.export_tasks()[1])])
    assert artefacts(fleet) == [(await asking.answer).key]


async def test_a_task_that_no_worker_survived_fails_its_export(fleet: Replica, done: Job) -> None:
    asking = await ask(fleet, done)
    (delivery,) = await fleet.track(fleet.export_tasks())
    with pytest.raises(ExportCrashed):
        await asking.answer
    assert delivery.settlement == "acked"


@pytest.mark.parametrize("result", ["built", "broken"])
async def test_what_a_worker_stored_that_died_before_it_told_is_removed_once_its_export_is_settled(
    fleet: Replica, done: Job, result: str
) -> None:
    others = [await ask(fleet, done, request) for request in (PDF, PDFA)]
    first, other = fleet.export_tasks()
    untold = await built(fleet, first, "untold")
    told = await built(fleet, first) if result == "built" else broken(first)
    kept = await built(fleet, other)
    await fleet.track([kept])
    assert untold.key in artefacts(fleet)
    await fleet.track([told])
    await asyncio.wait([one.answer for one in others])
    assert untold.key not in artefacts(fleet)
    assert kept.key in artefacts(fleet), "it is another export's"
    assert (result == "built") == (artefact_key(done.id, "pdf", f"{first.ticket}/a") in artefacts(fleet))


async def test_a_failure_that_is_heard_of_late_leaves_the_next_tries_alone(fleet: Replica, done: Job) -> None:
    await ask(fleet, done)
    (first,) = fleet.export_tasks()
    await fleet.track([broken(first)])
    later(fleet)
    await ask(fleet, done)
    second = await built(fleet, fleet.export_tasks()[1])
    await fleet.track([broken(first)], redelivered=True)
    assert artefacts(fleet) == [second.key]


@pytest.mark.parametrize("ticket", ["guessed", "its own"])
async def test_no_event_can_have_another_blob_removed_or_served(
    fleet: Replica, done: Job, ticket: str
) -> None:
    await ask(fleet, done)
    (task,) = fleet.export_tasks()
    event = await built(fleet, task)
    before = dict(fleet.blobs.blobs)
    shown = task.ticket if ticket == "its own" else ticket
    forged = [event.model_copy(update={"ticket": shown, "key": key}) for key in before if key != event.key]
    deliveries = await fleet.track(forged)
    assert fleet.blobs.blobs == before and {one.settlement for one in deliveries} == {"acked"}
    assert (await stored(fleet, done)).status is ExportStatus.SENT


async def test_a_result_is_held_while_the_store_is_away(
    fleet: Replica, done: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = await ask(fleet, done)
    save, failures = fleet.exports.save, [StoreUnavailable(), StoreUnavailable()]

    async def failing(export: Export) -> Export | None:
        if failures:
            raise failures.pop()
        return await save(export)

    monkeypatch.setattr(fleet.exports, "save", failing)
    await fleet.track([await built(fleet, fleet.export_tasks()[0])])
    assert failures == [] and artefacts(fleet) == [(await asking.answer).key]


async def test_a_result_that_cannot_be_recorded_does_not_end_the_tracking(
    fleet: Replica, done: Job, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(fleet, done)
    event = await built(fleet, fleet.export_tasks()[0])
    monkeypatch.setattr(fleet.exports, "get", None)
    other = await fleet.submit(file)
    pages = [read(task) for task in fleet.tasks() if task.job_id == other.id]
    deliveries = await fleet.track([event, *pages])
    assert {one.settlement for one in deliveries} == {"acked"}


# --- deleted jobs -------------------------------------------------------------------------------


async def test_a_deleted_job_has_no_files_left(fleet: Replica, done: Job) -> None:
    asking = await ask(fleet, done)
    await fleet.track([await built(fleet, fleet.export_tasks()[0])])
    await asking.answer
    await fleet.withdrawal.delete(done)
    assert fleet.blobs.blobs == {} and fleet.exports.exports == {}


async def test_deleting_ends_the_wait_and_what_is_built_later_is_removed(fleet: Replica, done: Job) -> None:
    asking = await ask(fleet, done)
    (task,) = fleet.export_tasks()
    await fleet.withdrawal.delete(done)
    with pytest.raises(NotFound):
        await asking.answer
    await fleet.track([await built(fleet, task)])
    assert fleet.blobs.blobs == {} and fleet.exports.exports == {}


async def test_what_a_worker_left_behind_that_died_is_removed_with_the_next_word_of_it(
    fleet: Replica, done: Job
) -> None:
    await ask(fleet, done)
    (task,) = fleet.export_tasks()
    await fleet.withdrawal.delete(done)
    await built(fleet, task)  # and the worker dies before it tells
    await fleet.track([broken(task, "source_missing")])
    assert fleet.blobs.blobs == {}


async def test_of_a_job_that_was_deleted_a_moment_ago_nothing_is_built(fleet: Replica, done: Job) -> None:
    await fleet.withdrawal.delete(done)
    with pytest.raises(NotFound):
        await fleet.exporting.file(done, PDF, ENOUGH_S)
    assert fleet.export_tasks() == [] and fleet.exports.exports == {}


async def test_deleting_and_asking_at_once_leaves_nothing(fleet: Replica, done: Job) -> None:
    """However far the one has come when the other begins."""
    for head_start in range(12):
        fleet.jobs.jobs[done.id] = replace(done, version=fleet.jobs.jobs[done.id].version)
        asking = Asking(fleet, fleet.jobs.jobs[done.id], PDF, ENOUGH_S)
        for _ in range(head_start):
            await asyncio.sleep(0)
        await fleet.withdrawal.delete(fleet.jobs.jobs[done.id])
        with pytest.raises(NotFound):
            await asking.answer
        assert fleet.exports.exports == {}, head_start


# --- what was lost ------------------------------------------------------------------------------


async def test_a_task_that_could_not_be_published_is_published_later_and_once(
    fleet: Replica, done: Job
) -> None:
    fleet.publisher.failures = 1
    with pytest.raises(BrokerUnavailable):
        await fleet.exporting.file(done, PDF, ENOUGH_S)
    twin = fleet.twin()
    asking = await ask(twin, done)
    for replica in (fleet, twin):
        await replica.sweep_for(PATIENCE.outstanding_s - PATIENCE.sweep_s)
    assert fleet.export_tasks() == []
    for replica in (fleet, twin):
        await replica.sweep_for(PATIENCE.sweep_s)
    (task,) = fleet.export_tasks()
    await fleet.track([await built(fleet, task)])
    assert (await asking.answer).size_bytes == 5


@pytest.mark.parametrize("queue", [topology.EXPORT_QUEUE, *topology.RETRY_QUEUES, topology.TRACKING])
async def test_a_sent_task_is_sent_again_only_when_it_can_be_nowhere(
    fleet: Replica, done: Job, queue: str
) -> None:
    await ask(fleet, done)
    fleet.broker.messages = {queue: 7}
    await fleet.sweep_for(3 * PATIENCE.sent_s)
    assert len(fleet.export_tasks()) == 1
    fleet.broker.messages = {}
    await fleet.sweep_for(PATIENCE.sent_s - PATIENCE.sweep_s)
    assert len(fleet.export_tasks()) == 1
    await fleet.sweep_for(PATIENCE.sweep_s)
    first, second = fleet.export_tasks()
    assert first == second


async def test_exports_that_are_settled_are_left_alone(fleet: Replica, done: Job) -> None:
    for request in (PDF, PDFA):
        await ask(fleet, done, request)
    first, second = fleet.export_tasks()
    await fleet.track([await built(fleet, first), broken(second)])
    await fleet.sweep_for(3 * PATIENCE.sent_s)
    assert len(fleet.export_tasks()) == 2


async def test_an_export_whose_job_is_gone_is_forgotten(fleet: Replica, done: Job) -> None:
    await ask(fleet, done)
    del fleet.jobs.jobs[done.id]
    await fleet.sweep_for(2 * PATIENCE.sent_s)
    assert fleet.exports.exports == {} and len(fleet.export_tasks()) == 1


async def test_one_export_that_cannot_be_recovered_does_not_keep_others_waiting(
    fleet: Replica, done: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.publisher.failures = 2
    for request in (PDF, PDFA):
        with pytest.raises(BrokerUnavailable):
            await fleet.exporting.file(done, request, 0)
    save = fleet.exports.save

    async def choking(export: Export) -> Export | None:
        if export.request == PDF:
            raise ValueError("no such export can be stored")
        return await save(export)

    monkeypatch.setattr(fleet.exports, "save", choking)
    await fleet.sweep_for(PATIENCE.outstanding_s)
    assert [task.name for task in fleet.export_tasks()] == ["pdf-pdfa"]


async def test_an_export_that_can_never_be_recovered_is_given_up_and_told(
    fleet: Replica, done: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = await ask(fleet, done)

    async def choking(*_: object) -> None:
        raise ValueError("no such task can be written")

    monkeypatch.setattr(ExportTasks, "send", choking)
    await fleet.sweep_for(10 * PATIENCE.sent_s)
    with pytest.raises(FleetError) as raised:
        await asking.answer
    assert raised.value.code == "internal_error"
