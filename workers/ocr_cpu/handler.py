"""One page: fetch its file, have it read in a child, say what was found."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, TypeVar, TypeVarTuple

from common import logs
from common.contracts.events import PageFailed, PageRecognized
from common.contracts.tasks import RecognizePage
from common.document.page import Page
from common.errors import EngineCrashed, FleetError
from common.ports import SourceFiles
from common.reading.page_order import PageOrder
from workers.ocr_cpu.engine import read_page, read_page_apart

# What a child gets beyond the page's own limit, to end by itself and stay warm.
_GRACE_S: Final = 5.0

Ts = TypeVarTuple("Ts")
R = TypeVar("R")

log = logs.get("ocr_cpu")


class Children(Protocol):
    async def run(self, function: Callable[[*Ts], R], *args: *Ts, time_limit_s: float) -> R:
        """``function(*args)`` in a child process. Raises EngineTimeout, EngineCrashed and PageTooLarge."""


class RecognizeHandler:
    """Reads pages of ``sources`` in ``children``, each within ``time_limit_s``."""

    task_types = (RecognizePage,)

    def __init__(
        self,
        sources: SourceFiles,
        children: Children,
        tessdata: Path,
        time_limit_s: float,
        *,
        second_reader: bool = True,
    ) -> None:
        self._sources = sources
        self._children = children
        self._tessdata = tessdata
        self._time_limit_s = time_limit_s
        self._second_reader = second_reader

    async def handle(self, task: RecognizePage) -> PageRecognized:
        """Raises a PageError, and Unavailable when the file cannot be fetched now."""
        began = time.monotonic()
        async with self._sources.use(task.source_key) as path:
            page = await self._read(self._order(task, path))
        duration_ms = round((time.monotonic() - began) * 1000)
        log.info("page_recognized", duration_ms=duration_ms)
        return PageRecognized(
            job_id=task.job_id,
            ticket=task.ticket,
            page_index=task.page_index,
            page=page,
            duration_ms=duration_ms,
        )

    def failed(self, task: RecognizePage, error: FleetError) -> PageFailed:
        return PageFailed(
            job_id=task.job_id,
            ticket=task.ticket,
            page_index=task.page_index,
            code=error.code,
            message=error.message,
        )

    def _order(self, task: RecognizePage, path: Path) -> PageOrder:
        return PageOrder(
            path,
            task.media_type,
            task.source_page,
            task.languages,
            self._tessdata,
            self._time_limit_s,
            task.text_layer,
            task.tables,
            self._second_reader,
        )

    async def _read(self, order: PageOrder) -> Page:
        """A page that kills the fast reader gets a second try with one that runs apart."""
        limit_s = order.time_limit_s + _GRACE_S
        try:
            return await self._children.run(read_page, order, time_limit_s=limit_s)
        except EngineCrashed as crash:
            log.warning("page_crashed", reason=crash.message)
            return await self._children.run(read_page_apart, order, time_limit_s=limit_s)
