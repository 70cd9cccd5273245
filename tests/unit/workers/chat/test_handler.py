"""A question on its way through the worker, where no model is asked."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from common.errors import (
    AnswerTooSlow,
    EngineCrashed,
    EngineTimeout,
    FleetError,
    ModelDown,
    ModelNonsense,
    ModelRefused,
    ModelUnavailable,
    PageTooLarge,
    QuestionCanceled,
    ResultTooLarge,
    SourceMissing,
    StoreUnavailable,
)
from tests.chat_questions.documents import pages_of
from tests.fakes.samples import question_task
from tests.unit.workers.chat.bench import Bench, InProcess
from tests.unit.workers.chat.written import block, page
from workers.chat import handler

LETTER = page(block("The boiler was inspected by Susan Wright."), block("The total due is 120.50 EUR."))


async def test_a_question_is_answered_with_the_document_s_own_sentences(tmp_path: Path) -> None:
    found = await Bench(tmp_path, LETTER).ask("How much is due?")
    assert found.engine == "extractive" and found.usage is None
    assert "“The total due is 120.50 EUR.” (p. 1)." in found.content
    assert found.citations[0].snippet == "The total due is 120.50 EUR."
    assert found.citations[0].bbox is not None
    task = question_task()
    assert (found.job_id, found.conversation_id, found.question_id, found.ticket) == (
        task.job_id,
        task.conversation_id,
        task.question_id,
        task.ticket,
    )


async def test_pages_are_counted_as_in_the_file(tmp_path: Path) -> None:
    """Of which the job had pages 7 and on."""
    found = await Bench(tmp_path, page(block("Nothing of note.")), LETTER, first=7).ask("How much is due?")
    assert found.citations[0].page == 8 and "(p. 8)" in found.content


async def test_a_page_that_could_not_be_read_is_passed_over(tmp_path: Path) -> None:
    found = await Bench(tmp_path, None, LETTER).ask("How much is due?")
    assert found.citations[0].page == 2


async def test_earlier_questions_say_what_is_meant(tmp_path: Path) -> None:
    text = page(block("The rent is 900 EUR a month."), block("The deposit is 1,800 EUR, paid on 1 May 2024."))
    found = await Bench(tmp_path, text).ask(
        "And when was it paid?", ("How much is the deposit?", "1,800 EUR")
    )
    assert "1 May 2024" in found.citations[0].snippet


@pytest.mark.parametrize("pages", [(), (page(),), (None, page())])
async def test_a_document_without_text_is_answered_honestly(tmp_path: Path, pages: tuple) -> None:  # type: ignore[type-arg]
    found = await Bench(tmp_path, *pages).ask("How much is due?")
    assert (found.content, found.citations) == ("No text was found in the document.", ())


async def test_a_document_is_read_once_for_all_questions_about_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, LETTER)
    await bench.ask("How much is due?")
    monkeypatch.setattr("workers.chat.read_document.read_pages", None)
    assert "Susan Wright" in (await bench.ask("Who inspected the boiler?")).content


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelDown(), "answer_unavailable"),
        (ModelUnavailable(), "answer_unavailable"),
        (ModelRefused(), "answer_refused"),
        (EngineTimeout(), "answer_too_slow"),
        (AnswerTooSlow(), "answer_too_slow"),
        (EngineCrashed(), "question_crashed"),
        (QuestionCanceled(), "question_canceled"),
        (ModelNonsense(), "question_failed"),
        (PageTooLarge(), "question_failed"),
        (ResultTooLarge(), "question_failed"),
        (FleetError(), "question_failed"),
    ],
)
def test_a_failure_is_told_as_one_of_a_question(tmp_path: Path, error: FleetError, code: str) -> None:
    failed = Bench(tmp_path).handler.failed(question_task(), error)
    assert failed.code == code
    assert failed.question_id == question_task().question_id
    assert "page" not in failed.message


async def test_a_deleted_document_is_said_to_be_gone(tmp_path: Path) -> None:
    bench = Bench(tmp_path, LETTER)
    task = bench.task("How much is due?").model_copy(update={"words_key": "deleted"})
    with pytest.raises(SourceMissing) as gone:
        await bench.handler.handle(task)
    failed = bench.handler.failed(task, gone.value)
    assert failed.code == "question_failed" and "gone" in failed.message


async def test_what_took_its_time_is_not_tried_again_while_somebody_waits(tmp_path: Path) -> None:
    bench = Bench(tmp_path, LETTER, children=InProcess(EngineTimeout()))
    with pytest.raises(AnswerTooSlow) as slow:
        await bench.ask("How much is due?")
    assert not slow.value.retryable


async def test_an_answer_that_is_ready_is_not_lost_while_its_last_parts_are_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path, LETTER, time_limit_s=0.3)
    publish = bench.publisher.publish

    async def slow(*args: Any, **options: Any) -> None:
        await asyncio.sleep(0.2)
        await publish(*args, **options)

    bench.publisher.publish = slow  # type: ignore[method-assign]
    found = await bench.ask("How much is due?", heard=True)
    assert "120.50 EUR" in found.content


@pytest.mark.parametrize("error", [EngineCrashed(), StoreUnavailable()])
async def test_a_crash_and_a_store_that_is_away_are_left_to_the_worker_s_loop(
    tmp_path: Path, error: FleetError
) -> None:
    with pytest.raises(type(error)):
        await Bench(tmp_path, LETTER, children=InProcess(error)).ask("How much is due?")


async def test_parts_of_a_quoted_answer_make_it_up(tmp_path: Path) -> None:
    bench = Bench(tmp_path, *pages_of("contract_en"))
    found = await bench.ask("What does the contract say of notice and termination?", heard=True)
    assert "".join(part.text for part in bench.parts) == found.content
    assert tuple(part.citation for part in bench.parts if part.citation) == found.citations
    assert [part.position for part in bench.parts] == list(range(len(bench.parts)))
    assert len({part.attempt for part in bench.parts}) == 1


async def test_nothing_is_told_where_nobody_listens_from_the_start(tmp_path: Path) -> None:
    bench = Bench(tmp_path, LETTER)
    await bench.ask("How much is due?")
    assert bench.parts == []


@pytest.mark.parametrize("heard", [True, False])
async def test_a_question_whose_blob_is_gone_is_not_answered_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: bool
) -> None:
    """The front removes it when the question is canceled, or its document deleted."""
    monkeypatch.setattr(handler, "_LOOK_S", 0.02)
    model = NeverAnswers()
    bench = Bench(tmp_path, LETTER, model=model)
    working = asyncio.create_task(bench.handler.handle(bench.task("How much is due?", heard=heard)))
    await asyncio.wait_for(model.is_asked.wait(), 10)
    await asyncio.sleep(0.1)
    assert not working.done()
    (tmp_path / "asked").unlink()
    with pytest.raises(QuestionCanceled):
        await asyncio.wait_for(working, 10)
    assert model.is_cancelled


class NeverAnswers:
    def __init__(self) -> None:
        self.is_asked = asyncio.Event()
        self.is_cancelled = False

    async def answer(self, *_: object) -> None:
        self.is_asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.is_cancelled = True
            raise
