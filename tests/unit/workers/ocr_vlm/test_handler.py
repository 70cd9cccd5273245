"""One task from its file to its event; children and model are told what to do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple, cast

import pytest

from common.contracts.events import PageFailed, PageRecognized, PageTranslated, TranslationFailed
from common.contracts.tasks import Lane, MediaType, RecognizePage, Tier, TranslatePage
from common.document.extraction import Extraction
from common.document.geometry import Placement
from common.document.page import Engine, Page
from common.errors import (
    EngineCrashed,
    EngineFailed,
    EngineTimeout,
    EngineUnavailable,
    FleetError,
    ModelDown,
    ModelRefused,
    ModelTooSlow,
    ModelUnavailable,
    PageTooLarge,
    PageUnreadable,
    SourceMissing,
)
from common.model_question import Picture, Question, Reply
from common.reading.findings import Findings
from common.reading.page_order import PageOrder
from tests.unit.workers.ocr_vlm.fake_model import USAGE, FakeModel, Say, block, whole, written
from workers.ocr_vlm.engine import Sight, SightOrder, ground, look, look_without_reading
from workers.ocr_vlm.extraction import placed
from workers.ocr_vlm.handler import VlmHandler
from workers.ocr_vlm.held_pages import HeldPage, HeldPages

Ts = TypeVarTuple("Ts")
R = TypeVar("R")

READ = RecognizePage(
    job_id="job",
    ticket="ticket",
    tier=Tier.VLM,
    lane=Lane.BULK,
    page_index=2,
    source_page=6,
    source_key="job/source",
    media_type=MediaType.PDF,
    languages=("deu",),
)
TRANSLATE = TranslatePage(
    job_id="job",
    ticket="ticket",
    tier=Tier.VLM,
    lane=Lane.BULK,
    page_index=2,
    texts_key="job/texts",
    target="en",
)
SIGHT = Sight(
    Findings((), Placement.unchanged((10, 20)), Engine.TESSERACT), (), Picture("image/jpeg", b"jpeg")
)
PAGE = Page(10, 20, Engine.VLM)
ANSWER = whole(written(block("Amber")))
VALUES = Extraction('{"total":5}')


class FakeSources:
    def __init__(self, folder: Path) -> None:
        self.in_use: list[str] = []
        self._folder = folder

    @asynccontextmanager
    async def use(self, key: str) -> AsyncIterator[Path]:
        path = self._folder / key.replace("/", "-")
        if not path.exists():
            raise SourceMissing()
        self.in_use.append(key)
        yield path
        self.in_use.remove(key)


class FakeChildren:
    """Answers each call with the next of ``outcomes``."""

    def __init__(self, sources: FakeSources, *outcomes: Sight | Page | FleetError) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._sources = sources
        self._outcomes = list(outcomes)

    async def run(self, function: Callable[[*Ts], R], *args: *Ts, time_limit_s: float) -> R:
        needs_file = cast(object, function) in (look, look_without_reading)
        assert bool(self._sources.in_use) is needs_file, "a file is held while it is needed"
        self.calls.append((function, *args))
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, FleetError):
            raise outcome
        return cast(R, outcome)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., tuple[VlmHandler, FakeChildren, FakeModel]]:
    (tmp_path / "job-source").write_bytes(b"%PDF")
    (tmp_path / "job-texts").write_bytes('["Größe", "12"]'.encode())

    def order(path: Path, task: RecognizePage) -> SightOrder:
        page = PageOrder(path, task.media_type, task.source_page, task.languages, Path("/tessdata"), 60)
        return SightOrder(page, 1000, 1_000_000)

    def handler(
        *outcomes: Sight | Page | FleetError, says: tuple[Say, ...] = (ANSWER,)
    ) -> tuple[VlmHandler, FakeChildren, FakeModel]:
        sources, model = FakeSources(tmp_path), FakeModel(*says)
        children = FakeChildren(sources, *outcomes)
        return VlmHandler(sources, children, model, "fake", order, 60), children, model

    return handler


Make = Callable[..., tuple[VlmHandler, FakeChildren, FakeModel]]


async def test_a_page_is_looked_at_read_and_grounded(make: Make) -> None:
    handler, children, model = make(SIGHT, PAGE)
    event = await handler.handle(READ)
    assert isinstance(event, PageRecognized)
    assert (event.job_id, event.ticket, event.page_index) == ("job", "ticket", 2)
    assert event.page.usage == USAGE
    assert [function for function, *_ in children.calls] == [look, ground]
    assert children.calls[0][1].page.source_page == 6
    assert model.questions[0].parts[0] == SIGHT.picture


async def test_the_picture_does_not_travel_to_be_grounded(make: Make) -> None:
    handler, children, _ = make(SIGHT, PAGE)
    await handler.handle(READ)
    assert not any(isinstance(argument, Sight | Picture) for argument in children.calls[1])


@pytest.mark.parametrize("error", [EngineCrashed(), EngineTimeout(), EngineFailed(), PageTooLarge()])
async def test_a_page_that_kills_its_witness_is_read_without_one(make: Make, error: FleetError) -> None:
    handler, children, _ = make(error, SIGHT, PAGE)
    assert isinstance(await handler.handle(READ), PageRecognized)
    assert [function for function, *_ in children.calls] == [look, look_without_reading, ground]


@pytest.mark.parametrize("error", [PageUnreadable(), EngineUnavailable()])
async def test_a_page_that_cannot_be_shown_is_not_asked_about(make: Make, error: FleetError) -> None:
    handler, children, model = make(error)
    with pytest.raises(type(error)):
        await handler.handle(READ)
    assert len(children.calls) == 1
    assert model.questions == []


async def test_a_file_that_is_gone_is_no_work_for_a_child(make: Make) -> None:
    handler, children, _ = make()
    with pytest.raises(SourceMissing):
        await handler.handle(READ.model_copy(update={"source_key": "job/other"}))
    assert children.calls == []


@pytest.mark.parametrize("error", [ModelRefused(), ModelUnavailable()])
async def test_what_the_model_raises_is_the_workers_to_judge(make: Make, error: FleetError) -> None:
    handler, _, _ = make(SIGHT, says=(error,))
    with pytest.raises(type(error)):
        await handler.handle(READ)


async def test_a_page_that_is_held_is_looked_at_once(make: Make) -> None:
    handler, children, model = make(SIGHT, PAGE, says=(ModelUnavailable(), ModelUnavailable(), ANSWER))
    for _ in range(2):
        with pytest.raises(ModelUnavailable):
            await handler.handle(READ)
    assert isinstance(await handler.handle(READ), PageRecognized)
    assert [function for function, *_ in children.calls] == [look, ground]
    assert len(model.questions) == 3


async def test_a_page_that_waits_for_its_values_is_read_and_paid_once(make: Make) -> None:
    values = whole('{"total": 5}')
    handler, children, model = make(SIGHT, PAGE, VALUES, says=(ANSWER, ModelUnavailable(), values))
    task = READ.model_copy(update={"extract": '{"type":"object","properties":{"total":{"type":"number"}}}'})
    with pytest.raises(ModelUnavailable):
        await handler.handle(task)
    event = await handler.handle(task)
    assert isinstance(event, PageRecognized)
    assert event.page.extraction == VALUES and event.page.usage == USAGE + USAGE
    assert len(model.questions) == 3
    assert [function for function, *_ in children.calls] == [look, ground, placed]


async def test_a_page_that_is_read_is_forgotten(make: Make) -> None:
    handler, children, _ = make(SIGHT, PAGE, SIGHT, PAGE, says=(ANSWER, ANSWER))
    for _ in range(2):
        await handler.handle(READ)
    assert [function for function, *_ in children.calls] == [look, ground, look, ground]


def test_of_pages_that_are_held_only_so_many_are_kept() -> None:
    held = HeldPages(most=2)
    tasks = [READ.model_copy(update={"page_index": at}) for at in range(3)]
    for task in tasks:
        held.keep(task, HeldPage(SIGHT))
    assert [held.take(task) for task in tasks] == [None, HeldPage(SIGHT), HeldPage(SIGHT)]
    assert [held.take(task) for task in tasks] == [None, None, None]


async def test_texts_are_translated(make: Make) -> None:
    handler, children, _ = make(says=(whole('{"translations": [{"id": 0, "text": "Size"}]}'),))
    event = await handler.handle(TRANSLATE)
    assert isinstance(event, PageTranslated)
    assert (event.job_id, event.ticket, event.page_index) == ("job", "ticket", 2)
    assert (event.texts, event.usage) == (("Size", "12"), USAGE)
    assert children.calls == []


@pytest.mark.parametrize(("task", "event"), [(READ, PageFailed), (TRANSLATE, TranslationFailed)])
def test_giving_up_is_an_answer_too(make: Make, task: Any, event: type) -> None:
    handler, _, _ = make()
    failed = handler.failed(task, ModelRefused("no"))
    assert type(failed) is event
    assert (failed.job_id, failed.ticket, failed.page_index) == ("job", "ticket", 2)
    assert (failed.code, failed.message) == ("model_refused", "no")


async def test_a_model_that_is_slow_beyond_all_patience_fails_the_page(make: Make) -> None:
    handler, _, model = make(SIGHT, PAGE)

    async def sleep(question: Question) -> Reply:
        await asyncio.sleep(3600)
        raise AssertionError

    model.ask = sleep  # type: ignore[method-assign]
    handler._task_limit_s = 0.05
    with pytest.raises(ModelTooSlow):
        await handler.handle(READ)


async def test_a_page_that_was_read_stays_when_the_model_is_gone_for_its_values(make: Make) -> None:
    handler, _, _ = make(SIGHT, PAGE, says=(ANSWER, ModelDown()))
    event = await handler.handle(READ.model_copy(update={"extract": '{"type":"object"}'}))
    assert isinstance(event, PageRecognized)
    assert (event.page.usage, event.page.extraction) == (USAGE, None)
