"""One file: fetch what it is made of, have it built in a child, store it, say where it lies."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from pathlib import Path
from typing import Final, Protocol, TypeVar, TypeVarTuple
from uuid import uuid4

from common import logs
from common.contracts.events import DocumentExported, ExportFailed
from common.contracts.tasks import ExportDocument, ExportFormat
from common.domain.export import artefact_key
from common.errors import (
    EngineCrashed,
    EngineTimeout,
    ExportCrashed,
    ExportTimeout,
    ExportTooLarge,
    FleetError,
    FormatFailed,
    PageError,
    PageTooLarge,
    SourceMissing,
)
from common.ports import BlobStore, SourceFiles
from workers.export.document import About
from workers.export.engine import build
from workers.export.order import ExportOrder

_SHOW_THE_SOURCE: Final = (ExportFormat.PDF,)
_READ_BYTES: Final = 1024 * 1024

Ts = TypeVarTuple("Ts")
R = TypeVar("R")

log = logs.get("export")


class Children(Protocol):
    async def run(self, function: Callable[[*Ts], R], *args: *Ts, time_limit_s: float) -> R:
        """``function(*args)`` in a child process. Raises EngineTimeout, EngineCrashed and PageTooLarge."""


class ExportHandler:
    """Builds files of ``sources`` in ``children``, each within ``time_limit_s``, for ``blobs``.

    ``scratch`` makes a folder that is gone when its context is left.
    """

    task_types = (ExportDocument,)

    def __init__(
        self,
        sources: SourceFiles,
        blobs: BlobStore,
        children: Children,
        scratch: Callable[[], AbstractContextManager[Path]],
        time_limit_s: float,
    ) -> None:
        self._sources = sources
        self._blobs = blobs
        self._children = children
        self._scratch = scratch
        self._time_limit_s = time_limit_s

    async def handle(self, task: ExportDocument) -> DocumentExported:
        """Raises an ExportError, SourceMissing, and Unavailable when no blob can be fetched or stored now."""
        began = time.monotonic()
        with self._scratch() as folder:
            out = folder / f"export.{task.format}"
            await self._build(task, out)
            key = artefact_key(task.job_id, task.name, f"{task.ticket}/{uuid4().hex}")
            size_bytes = await self._blobs.write(key, _chunks(out), expires_at=task.expires_at)
        duration_ms = round((time.monotonic() - began) * 1000)
        log.info("document_exported", duration_ms=duration_ms, size_bytes=size_bytes)
        return DocumentExported(
            job_id=task.job_id,
            ticket=task.ticket,
            name=task.name,
            key=key,
            size_bytes=size_bytes,
            duration_ms=duration_ms,
        )

    def failed(self, task: ExportDocument, error: FleetError) -> ExportFailed:
        return ExportFailed(
            job_id=task.job_id,
            ticket=task.ticket,
            name=task.name,
            code=error.code,
            message=error.message,
        )

    async def _build(self, task: ExportDocument, out: Path) -> None:
        async with AsyncExitStack() as held:
            with _export_errors():
                words = await held.enter_async_context(self._sources.use(task.words_key))
                source = None
                if task.format in _SHOW_THE_SOURCE:
                    source = await held.enter_async_context(self._sources.use(task.source_key))
                order = _order(task, words, source, out)
                await self._children.run(build, order, time_limit_s=self._time_limit_s)


def _order(task: ExportDocument, words: Path, source: Path | None, out: Path) -> ExportOrder:
    return ExportOrder(
        format=task.format,
        about=About(task.title, task.languages, task.created_at),
        words=words,
        words_bytes=task.words_bytes,
        source=source,
        media_type=task.media_type,
        out=out,
        pdfa=task.pdfa,
        excel=task.excel,
    )


@contextmanager
def _export_errors() -> Iterator[None]:
    """What happens to a page means something else for a whole file, and to whoever waits for it."""
    try:
        yield
    except SourceMissing as error:
        raise SourceMissing("The document is gone: its job was deleted.") from error
    except EngineTimeout as error:
        raise ExportTimeout() from error
    except EngineCrashed as error:
        raise ExportCrashed() from error
    except PageTooLarge as error:
        raise ExportTooLarge() from error
    except PageError as error:
        raise FormatFailed(error.message) from error
    except RuntimeError as error:  # a bug: its traceback is the message
        log.error("format_bug", trace=str(error))
        raise FormatFailed() from error


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, _READ_BYTES):
            yield chunk
