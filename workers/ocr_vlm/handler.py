"""One page: have a child look at it, the model read it, a child find the model's words on it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol, TypeVar, TypeVarTuple

import orjson

from common import logs
from common.contracts.events import PageFailed, PageRecognized, PageTranslated, TranslationFailed
from common.contracts.tasks import RecognizePage, TranslatePage
from common.document.page import Page
from common.document.text import page_text
from common.errors import (
    EngineCrashed,
    EngineFailed,
    EngineTimeout,
    FleetError,
    ModelDown,
    ModelTooSlow,
    PageTooLarge,
    Unavailable,
)
from common.model_question import LanguageModel
from common.ports import SourceFiles
from workers.ocr_vlm.answer import PageAnswer
from workers.ocr_vlm.engine import Sight, SightOrder, ground, look, look_without_reading
from workers.ocr_vlm.extraction import draw, placed
from workers.ocr_vlm.held_pages import HeldPage, HeldPages
from workers.ocr_vlm.page_reading import PageReading
from workers.ocr_vlm.translating import Translating

# What a child gets beyond the page's own limit, to end by itself and stay warm.
_GRACE_S: Final = 5.0
TASK_LIMIT_S: Final = 1200.0

Ts = TypeVarTuple("Ts")
R = TypeVar("R")

log = logs.get("ocr_vlm")


class Children(Protocol):
    async def run(self, function: Callable[[*Ts], R], *args: *Ts, time_limit_s: float) -> R:
        """``function(*args)`` in a child process. Raises EngineTimeout, EngineCrashed and PageTooLarge."""


class VlmHandler:
    """Has pages of ``sources`` read and translated by ``model``, and places found in ``children``.

    ``order`` makes the order to look at a page.
    """

    task_types: tuple[type[RecognizePage | TranslatePage], ...] = (RecognizePage, TranslatePage)

    def __init__(
        self,
        sources: SourceFiles,
        children: Children,
        model: LanguageModel,
        model_name: str,
        order: Callable[[Path, RecognizePage], SightOrder],
        time_limit_s: float,
        task_limit_s: float = TASK_LIMIT_S,
    ) -> None:
        """``time_limit_s``: of what a child is asked; ``task_limit_s``: of a task with all its answers."""
        self._sources = sources
        self._children = children
        self._model = model
        self._model_name = model_name
        self._order = order
        self._limit_s = time_limit_s + _GRACE_S
        self._task_limit_s = task_limit_s
        self._held = HeldPages()

    async def handle(self, task: RecognizePage | TranslatePage) -> PageRecognized | PageTranslated:
        """Raises a PageError, and Unavailable while the file cannot be fetched or the model is away."""
        try:
            async with asyncio.timeout(self._task_limit_s):
                if isinstance(task, TranslatePage):
                    return await self._translated(task)
                return await self._recognized(task)
        except TimeoutError:
            raise ModelTooSlow() from None

    def failed(
        self, task: RecognizePage | TranslatePage, error: FleetError
    ) -> PageFailed | TranslationFailed:
        failure = TranslationFailed if isinstance(task, TranslatePage) else PageFailed
        return failure(
            job_id=task.job_id,
            ticket=task.ticket,
            page_index=task.page_index,
            code=error.code,
            message=error.message,
        )

    async def _recognized(self, task: RecognizePage) -> PageRecognized:
        began = time.monotonic()
        held = self._held.take(task) or HeldPage(await self._sight(task))
        try:
            page = held.read or await self._read(task, held.sight)
            held = HeldPage(held.sight, page)
            if task.extract is not None:
                page = await self._with_values(page, task, task.extract, held.sight)
        except Unavailable:
            self._held.keep(task, held)
            raise
        duration_ms = round((time.monotonic() - began) * 1000)
        log.info("page_recognized", duration_ms=duration_ms)
        return PageRecognized(
            job_id=task.job_id,
            ticket=task.ticket,
            page_index=task.page_index,
            page=page,
            duration_ms=duration_ms,
        )

    async def _sight(self, task: RecognizePage) -> Sight:
        async with self._sources.use(task.source_key) as path:
            return await self._look(self._order(path, task))

    async def _look(self, order: SightOrder) -> Sight:
        """A page that kills the witness is shown to the model without one."""
        try:
            return await self._children.run(look, order, time_limit_s=self._limit_s)
        except (EngineCrashed, EngineFailed, EngineTimeout, PageTooLarge) as error:
            log.warning("page_not_witnessed", reason=error.message)
            return await self._children.run(look_without_reading, order, time_limit_s=self._limit_s)

    async def _read(self, task: RecognizePage, sight: Sight) -> Page:
        async def grounded(answer: PageAnswer) -> Page:
            return await self._children.run(
                ground, answer, sight.witness, sight.ink, task.tables, time_limit_s=self._limit_s
            )

        reading = PageReading(self._model, sight.picture, sight.evidence, grounded)
        read = await reading.read(task)
        return replace(read.page, usage=read.usage)

    async def _with_values(self, page: Page, task: RecognizePage, schema: str, sight: Sight) -> Page:
        """Each with its place; a page of which none could be drawn stays as it was read."""
        try:
            drawn, usage = await draw(
                self._model, schema, sight.picture, page_text(page), is_whole=task.is_whole
            )
        except ModelDown as error:
            log.warning("extraction_failed", code=error.code)
            return page
        if drawn is not None:
            drawn = await self._children.run(
                placed, drawn, page.blocks, page.tables, time_limit_s=self._limit_s
            )
        total = page.usage + usage if page.usage and usage else page.usage
        return replace(page, usage=total, extraction=drawn)

    async def _translated(self, task: TranslatePage) -> PageTranslated:
        began = time.monotonic()
        async with self._sources.use(task.texts_key) as path:
            texts = orjson.loads(path.read_bytes())
        translated = await Translating(self._model, self._model_name, task.target).translate(texts)
        duration_ms = round((time.monotonic() - began) * 1000)
        log.info("page_translated", duration_ms=duration_ms, texts=len(texts))
        return PageTranslated(
            job_id=task.job_id,
            ticket=task.ticket,
            page_index=task.page_index,
            texts=translated.texts,
            usage=translated.usage,
            duration_ms=duration_ms,
        )
