from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple, cast

import pytest

from common.contracts.tasks import Lane, MediaType, RecognizePage, TextLayer, Tier
from common.document.page import Engine, Page
from common.errors import EngineCrashed, EngineTimeout, FleetError, PageUnreadable, SourceMissing
from common.reading.page_order import PageOrder
from workers.ocr_cpu.engine import read_page, read_page_apart
from workers.ocr_cpu.handler import RecognizeHandler

Ts = TypeVarTuple("Ts")
R = TypeVar("R")

TASK = RecognizePage(
    job_id="job",
    ticket="ticket",
    tier=Tier.CPU,
    lane=Lane.BULK,
    page_index=2,
    source_page=6,
    source_key="job/source",
    media_type=MediaType.PDF,
    languages=("deu",),
)
PAGE = Page(10, 20, Engine.TESSERACT)


class FakeSources:
    def __init__(self) -> None:
        self.in_use: list[str] = []

    @asynccontextmanager
    async def use(self, key: str) -> AsyncIterator[Path]:
        if key != TASK.source_key:
            raise SourceMissing()
        self.in_use.append(key)
        yield Path("/cache") / key
        self.in_use.remove(key)


class FakeChildren:
    """Answers each call with the next of ``outcomes``."""

    def __init__(self, sources: FakeSources, *outcomes: Page | FleetError) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._sources = sources
        self._outcomes = list(outcomes)

    async def run(self, function: Callable[[*Ts], R], *args: *Ts, time_limit_s: float) -> R:
        assert self._sources.in_use, "the file may be gone"
        self.calls.append((function, *args, time_limit_s))
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, FleetError):
            raise outcome
        return cast(R, outcome)


def handler(*outcomes: Page | FleetError) -> tuple[RecognizeHandler, FakeChildren]:
    sources = FakeSources()
    children = FakeChildren(sources, *outcomes)
    return RecognizeHandler(sources, children, Path("/tessdata"), 120), children


async def test_a_page_is_read_in_a_child_and_reported() -> None:
    handles, children = handler(PAGE)
    event = await handles.handle(TASK)
    assert (event.job_id, event.ticket, event.page_index, event.page) == ("job", "ticket", 2, PAGE)
    ((function, order, limit_s),) = children.calls
    assert function is read_page
    assert order == PageOrder(Path("/cache/job/source"), MediaType.PDF, 6, ("deu",), Path("/tessdata"), 120)
    assert limit_s > order.time_limit_s  # so that the child can end by itself


async def test_what_the_task_and_the_settings_say_reaches_the_child() -> None:
    sources = FakeSources()
    children = FakeChildren(sources, PAGE)
    handles = RecognizeHandler(sources, children, Path("/tessdata"), 120, second_reader=False)
    await handles.handle(TASK.model_copy(update={"text_layer": TextLayer.IGNORE, "tables": True}))
    ((_, order, _),) = children.calls
    assert (order.text_layer, order.tables, order.second_reader) == (TextLayer.IGNORE, True, False)


async def test_a_page_that_kills_its_reader_is_read_apart() -> None:
    handles, children = handler(EngineCrashed(), PAGE)
    assert (await handles.handle(TASK)).page == PAGE
    assert [function for function, *_ in children.calls] == [read_page, read_page_apart]


async def test_a_page_that_kills_both_readers_fails() -> None:
    handles, _ = handler(EngineCrashed(), EngineCrashed())
    with pytest.raises(EngineCrashed):
        await handles.handle(TASK)


@pytest.mark.parametrize("error", [EngineTimeout(), PageUnreadable()])
async def test_other_failures_are_not_repeated_here(error: FleetError) -> None:
    handles, children = handler(error)
    with pytest.raises(type(error)):
        await handles.handle(TASK)
    assert len(children.calls) == 1


async def test_a_file_that_is_gone_is_no_work_for_a_child() -> None:
    handles, children = handler(PAGE)
    with pytest.raises(SourceMissing):
        await handles.handle(TASK.model_copy(update={"source_key": "job/other"}))
    assert children.calls == []


def test_giving_up_is_an_answer_too() -> None:
    handles, _ = handler()
    event = handles.failed(TASK, PageUnreadable("torn"))
    assert (event.job_id, event.ticket, event.page_index) == ("job", "ticket", 2)
    assert (event.code, event.message) == ("page_unreadable", "torn")
