"""Jobs whose pages are translated once they are read."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from common.contracts import topology
from common.contracts.events import PageTranslated, TranslationFailed
from common.contracts.tasks import Lane, Tier, TranslatePage
from common.document.model_usage import ModelUsage
from common.domain.credits import Charge, Kind
from common.domain.job import Job
from common.domain.job_parts import JobStatus
from common.domain.plans import Prices
from common.errors import InvalidField
from front.services.forms import SubmitForm
from front.services.jobs import transcript_of
from tests.fakes.samples import page
from tests.unit.front.services.fleet import ACCOUNT, PLENTY, Replica
from tests.unit.front.services.test_job_life import document_of, read, stored

TO_GERMAN = SubmitForm(translate_to="de")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "letter.pdf"
    path.write_bytes(b"%PDF-1.7 something")
    return path


@pytest.fixture
def fleet() -> Replica:
    return Replica(has_model=True)


def translation_tasks(fleet: Replica) -> list[TranslatePage]:
    sent = (one.message for one in fleet.publisher.sent(TranslatePage))
    return [task for task in sent if isinstance(task, TranslatePage)]


def translated(task: TranslatePage, *texts: str) -> PageTranslated:
    return PageTranslated(
        job_id=task.job_id,
        ticket=task.ticket,
        page_index=task.page_index,
        texts=texts,
        usage=ModelUsage("a-model", 200, 100, 0.25),
        duration_ms=7,
    )


def untranslated(task: TranslatePage, code: str) -> TranslationFailed:
    return TranslationFailed(
        job_id=task.job_id, ticket=task.ticket, page_index=task.page_index, code=code, message="It failed."
    )


async def submitted(fleet: Replica, file: Path, page_count: int = 1) -> Job:
    return await fleet.submit(file, page_count=page_count, form=TO_GERMAN)


async def test_a_page_that_was_read_goes_on_to_be_translated(fleet: Replica, file: Path) -> None:
    job = await submitted(fleet, file)
    await fleet.track([read(task) for task in fleet.tasks()])
    (task,) = translation_tasks(fleet)
    assert (task.target, task.languages, task.tier) == ("de", ("en",), Tier.CPU)
    assert orjson.loads(fleet.blobs.blobs[task.texts_key]) == ["page number 0"]
    (queue,) = {sent.routing_key for sent in fleet.publisher.published if sent.message is task}
    assert queue == topology.page_queue(Tier.VLM, Lane.EXPRESS)
    running = await stored(fleet, job)
    assert (running.status, running.pages_done) == (JobStatus.PROCESSING, 0)


async def test_the_job_ends_with_both_languages(fleet: Replica, file: Path) -> None:
    job = await submitted(fleet, file)
    await fleet.track([read(task) for task in fleet.tasks()])
    (task,) = translation_tasks(fleet)
    await fleet.track([translated(task, "Hallo Welt")])
    done = await stored(fleet, job)
    document = await document_of(fleet, done)
    assert document["text"] == "page number 0"
    assert document["translation"] == {
        "language": "de",
        "text": "Hallo Welt",
        "markdown": "Hallo Welt",
        "failed_pages": [],
    }
    assert done.document is not None and done.document.usage == ModelUsage("a-model", 200, 100, 0.25)
    async with fleet.reading.transcript(done, translated=True) as found:
        in_german = b"".join([chunk async for chunk in found.text()])
    assert in_german == b"Hallo Welt"
    assert fleet.translations.bodies == {} and fleet.pages.bodies == {}
    assert not [key for key in fleet.blobs.blobs if "/texts/" in key], "what was to be translated is removed"


async def test_a_blank_page_is_done_once_it_is_read(fleet: Replica, file: Path) -> None:
    job = await submitted(fleet, file)
    (task,) = fleet.tasks()
    await fleet.track([read(task).model_copy(update={"page": page()})])
    assert (await stored(fleet, job)).status is JobStatus.DONE
    assert translation_tasks(fleet) == []


async def test_a_page_that_cannot_be_translated_keeps_what_was_read(fleet: Replica, file: Path) -> None:
    job = await submitted(fleet, file, page_count=2)
    await fleet.track([read(task) for task in fleet.tasks()])
    first, second = translation_tasks(fleet)
    await fleet.track([translated(first, "Hallo Welt"), untranslated(second, "model_refused")])
    done = await stored(fleet, job)
    assert (done.status, done.failures, done.untranslated) == (JobStatus.DONE, {}, {1: "model_refused"})
    translation = (await document_of(fleet, done))["translation"]
    assert translation["text"] == "Hallo Welt\fpage number 1"  # type: ignore[index, call-overload]
    assert translation["failed_pages"] == [{"index": 1, "code": "model_refused"}]  # type: ignore[index, call-overload]
    assert fleet.credits.balances["demo"] == PLENTY - 2, "what was read is charged"


async def test_a_translation_has_a_price_of_its_own_and_only_what_came_of_it_is_paid(file: Path) -> None:
    fleet = Replica(has_model=True, prices=Prices(cpu=2, translation=3))
    job = await submitted(fleet, file, page_count=4)
    assert fleet.credits.balances["demo"] == PLENTY - 4 * (2 + 3)
    await fleet.track([read(task) for task in fleet.tasks()])
    first, *others, last = translation_tasks(fleet)
    await fleet.track([translated(first, "Hallo Welt"), untranslated(last, "model_refused")])
    await fleet.track([translated(task, "Hallo Welt") for task in others])
    assert fleet.credits.balances["demo"] == PLENTY - 4 * 2 - 3 * 3
    _, translation = fleet.credits.settlements[job.id].charges
    assert (translation.kind, translation.pages) == (Kind.TRANSLATION, (0, 1, 2))


async def test_a_spending_limit_counts_what_translations_cost(file: Path) -> None:
    fleet = Replica(has_model=True, prices=Prices(cpu=2, translation=3))
    form = SubmitForm(translate_to="de", max_cost="14")
    job = await fleet.submit(file, page_count=4, form=form)
    assert sorted(job.failures) == [2, 3] and fleet.credits.balances["demo"] == PLENTY - 10


async def test_pages_that_cost_nothing_need_no_credits(file: Path) -> None:
    fleet = Replica(prices=Prices(cpu=0, vlm=0))
    fleet.credits.balances["demo"] = 0
    await fleet.submission.check_admission(ACCOUNT)
    job = await fleet.submit(file, page_count=3, form=SubmitForm(max_cost="1"))
    await fleet.track([read(task) for task in fleet.tasks()])
    assert (await stored(fleet, job)).status is JobStatus.DONE
    assert fleet.credits.settlements[job.id].charges == (Charge(Kind.PAGES, 0, (0, 1, 2)),)


async def test_a_translation_with_another_number_of_texts_counts_as_failed(
    fleet: Replica, file: Path
) -> None:
    job = await submitted(fleet, file)
    await fleet.track([read(task) for task in fleet.tasks()])
    (task,) = translation_tasks(fleet)
    await fleet.track([translated(task, "Hallo", "Welt")])
    done = await stored(fleet, job)
    assert (done.status, done.untranslated) == (JobStatus.DONE, {0: "internal_error"})


async def test_a_task_that_no_worker_survived_leaves_its_page_untranslated(
    fleet: Replica, file: Path
) -> None:
    job = await submitted(fleet, file)
    await fleet.track([read(task) for task in fleet.tasks()])
    (task,) = translation_tasks(fleet)
    await fleet.track([task])
    assert (await stored(fleet, job)).untranslated == {0: "poisoned"}


async def test_events_that_come_twice_or_late_change_nothing(fleet: Replica, file: Path) -> None:
    job = await submitted(fleet, file, page_count=2)
    first, second = fleet.tasks()
    await fleet.track([read(first), read(first)])
    await fleet.track([read(first)], redelivered=True)
    task, *_ = translation_tasks(fleet)
    await fleet.track([translated(task, "Hallo Welt"), translated(task, "Etwas anderes"), read(first)])
    running = await stored(fleet, job)
    assert (running.settled, bytes(running.pages)) == ((0,), b"rs")
    await fleet.track([read(second)])
    await fleet.track([translated(task, "Hallo Welt") for task in translation_tasks(fleet)])
    done = await stored(fleet, job)
    translation = (await document_of(fleet, done))["translation"]
    assert translation["text"] == "Hallo Welt\fHallo Welt"  # type: ignore[index, call-overload]


async def test_what_was_lost_on_its_way_is_sent_again(fleet: Replica, file: Path) -> None:
    job = await submitted(fleet, file)
    await fleet.track([read(task) for task in fleet.tasks()])
    lane = topology.page_queue(Tier.VLM, Lane.EXPRESS)
    fleet.broker.messages = {lane: 1}
    for _ in range(30):
        fleet.time_s += 60
        await fleet.recovery.sweep()
    assert len(translation_tasks(fleet)) == 1, "it waits in its queue"
    fleet.broker.messages = {}
    for _ in range(30):
        fleet.time_s += 60
        await fleet.recovery.sweep()
    assert len(translation_tasks(fleet)) >= 2
    assert (await stored(fleet, job)).status is JobStatus.PROCESSING


async def test_a_job_without_a_translation_has_none_to_download(fleet: Replica, file: Path) -> None:
    job = await fleet.submit(file)
    await fleet.track([read(task) for task in fleet.tasks()])
    with pytest.raises(InvalidField, match="no translation"):
        transcript_of(await stored(fleet, job), translated=True)


async def test_a_deleted_job_leaves_nothing_of_its_translation(fleet: Replica, file: Path) -> None:
    job = await submitted(fleet, file)
    await fleet.track([read(task) for task in fleet.tasks()])
    (task,) = translation_tasks(fleet)
    await fleet.withdrawal.delete(await stored(fleet, job))
    await fleet.track([translated(task, "Hallo Welt")])
    assert fleet.blobs.blobs == {} and fleet.translations.bodies == {} and fleet.pages.bodies == {}


async def test_a_job_that_is_deleted_while_its_texts_are_written_keeps_none_of_them(
    fleet: Replica, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await submitted(fleet, file)
    write = fleet.blobs.write

    async def write_late(key: str, content: AsyncIterator[bytes], *, expires_at: datetime) -> None:
        monkeypatch.setattr(fleet.blobs, "write", write)
        await fleet.twin().withdrawal.delete(await stored(fleet, job))
        await write(key, content, expires_at=expires_at)

    monkeypatch.setattr(fleet.blobs, "write", write_late)
    await fleet.track([read(task) for task in fleet.tasks()])
    assert (await stored(fleet, job)).status is JobStatus.DELETED
    assert fleet.blobs.blobs == {}, "the text of a deleted document"
    assert translation_tasks(fleet) == [], "nobody wants it translated any more"


async def test_a_translation_that_comes_after_it_failed_does_not_count(fleet: Replica, file: Path) -> None:
    job = await submitted(fleet, file, page_count=2)
    await fleet.track([read(task) for task in fleet.tasks()])
    first, second = translation_tasks(fleet)
    await fleet.track([untranslated(first, "model_refused")])
    await fleet.track([translated(first, "Hallo Welt")])
    await fleet.track([translated(second, "Hallo Welt")])
    document = await document_of(fleet, await stored(fleet, job))
    translation = document["translation"]
    assert translation["failed_pages"] == [{"index": 0, "code": "model_refused"}]  # type: ignore[index, call-overload]
    assert not translation["text"].startswith("Hallo Welt")  # type: ignore[index, call-overload, attr-defined]
