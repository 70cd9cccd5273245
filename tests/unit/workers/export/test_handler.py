"""Building one file: what is fetched, what is told, and that nothing is left lying about."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple, cast

import pytest
from structlog.testing import capture_logs

from common.contracts.tasks import ExportFormat, MediaType
from common.errors import (
    EngineCrashed,
    EngineTimeout,
    ExportDiskFull,
    PageTooLarge,
    PageUnreadable,
    SourceMissing,
    StoreUnavailable,
)
from tests.fakes.samples import JOB_ID, NOW, export_task
from tests.fakes.stores import FakeBlobStore
from workers.export.document import About
from workers.export.engine import build
from workers.export.handler import ExportHandler
from workers.export.order import ExportOrder

Ts = TypeVarTuple("Ts")
R = TypeVar("R")

WORDS, SOURCE = f"{JOB_ID}/words/a", f"{JOB_ID}/source"
CONTENT = b"x" * (3 * 1024 * 1024 + 1)


class FakeSources:
    def __init__(self, *keys: str) -> None:
        self.keys = keys
        self.in_use: list[str] = []

    @asynccontextmanager
    async def use(self, key: str) -> AsyncIterator[Path]:
        if key not in self.keys:
            raise SourceMissing()
        self.in_use.append(key)
        try:
            yield Path("/cache") / key
        finally:
            self.in_use.remove(key)


class FakeChildren:
    """Writes the file that it is asked for, or fails."""

    def __init__(self, sources: FakeSources, failure: Exception | None = None) -> None:
        self.orders: list[ExportOrder] = []
        self.in_use: list[str] = []
        self._sources = sources
        self._failure = failure

    async def run(self, function: Callable[[*Ts], R], *args: *Ts, time_limit_s: float) -> R:
        assert (function, time_limit_s) == (build, 270)
        (order,) = cast(tuple[Any], args)
        self.orders.append(order)
        self.in_use = list(self._sources.in_use)
        order.out.write_bytes(CONTENT)
        if self._failure:
            raise self._failure
        return cast(R, None)


class Bench:
    def __init__(self, folder: Path, failure: Exception | None = None) -> None:
        self.folder = folder
        self.sources = FakeSources(WORDS, SOURCE)
        self.children = FakeChildren(self.sources, failure)
        self.blobs = FakeBlobStore()
        self.handler = ExportHandler(self.sources, self.blobs, self.children, self.scratch, 270)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        folder = self.folder / "scratch"
        folder.mkdir()
        try:
            yield folder
        finally:
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()

    @property
    def left_behind(self) -> list[Path]:
        return list(self.folder.iterdir())


async def test_a_file_is_built_stored_and_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    event = await bench.handler.handle(export_task(pdfa=True, name="pdf-pdfa"))
    (order,) = bench.children.orders
    assert (order.format, order.pdfa, order.excel, order.words_bytes) == (ExportFormat.PDF, True, False, 700)
    assert order.about == About("letter", ("en",), NOW)
    assert (order.words, order.source) == (Path("/cache") / WORDS, Path("/cache") / SOURCE)
    assert order.media_type is MediaType.PDF
    assert bench.children.in_use == [WORDS, SOURCE], "the files may be gone"
    assert bench.blobs.blobs == {event.key: CONTENT}
    assert event.key.startswith(f"{JOB_ID}/export/pdf-pdfa/ticket/")
    assert (event.job_id, event.ticket, event.name) == (JOB_ID, "ticket", "pdf-pdfa")
    assert event.size_bytes == len(CONTENT)
    assert bench.left_behind == []


async def test_each_try_has_a_blob_of_its_own(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    first, second = [await bench.handler.handle(export_task()) for _ in range(2)]
    assert first.key != second.key and bench.blobs.blobs.keys() == {first.key, second.key}


@pytest.mark.parametrize("format", [each for each in ExportFormat if each != ExportFormat.PDF])
async def test_only_what_shows_the_source_fetches_it(tmp_path: Path, format: ExportFormat) -> None:
    bench = Bench(tmp_path)
    await bench.handler.handle(export_task(format=format, name=format))
    assert bench.children.in_use == [WORDS] and bench.children.orders[0].source is None


@pytest.mark.parametrize(
    ("failure", "code", "is_tried_again"),
    [
        (EngineTimeout(), "export_timeout", False),
        (EngineCrashed(), "export_crashed", True),
        (PageTooLarge(), "export_too_large", False),
        (ExportDiskFull(), "export_disk_full", True),
        (PageUnreadable("Page 3 cannot be rendered."), "format_failed", False),
        (RuntimeError("Traceback: a bug"), "format_failed", False),
        (StoreUnavailable(), "store_unavailable", True),
    ],
)
async def test_what_fails_is_told_in_the_words_of_an_export(
    tmp_path: Path, failure: Exception, code: str, is_tried_again: bool
) -> None:
    bench = Bench(tmp_path, failure)
    with pytest.raises(Exception) as raised, capture_logs() as logged:
        await bench.handler.handle(export_task())
    bugs = [line["trace"] for line in logged if line["event"] == "format_bug"]
    assert bugs == ([str(failure)] if isinstance(failure, RuntimeError) else [])
    assert (raised.value.code, raised.value.retryable) == (code, is_tried_again)
    assert "Traceback" not in raised.value.message
    assert bench.blobs.blobs == {} and bench.left_behind == [] and bench.sources.in_use == []


@pytest.mark.parametrize("gone", [WORDS, SOURCE])
async def test_of_a_deleted_job_nothing_is_built(tmp_path: Path, gone: str) -> None:
    bench = Bench(tmp_path)
    bench.sources.keys = tuple({WORDS, SOURCE} - {gone})
    with pytest.raises(SourceMissing, match="deleted"):
        await bench.handler.handle(export_task())
    assert bench.children.orders == [] and bench.left_behind == []


async def test_a_file_that_cannot_be_stored_leaves_nothing_here(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    async def refuse(key: str, chunks: AsyncIterator[bytes], **options: object) -> int:
        raise StoreUnavailable

    bench.blobs.write = refuse  # type: ignore[method-assign,assignment]
    with pytest.raises(StoreUnavailable):
        await bench.handler.handle(export_task())
    assert bench.left_behind == []


def test_giving_up_is_told_with_a_code() -> None:
    bench = Bench(Path("/nowhere"))
    event = bench.handler.failed(export_task(expires_at=NOW + timedelta(days=1)), EngineTimeout("Too slow."))
    assert (event.job_id, event.ticket, event.name) == (JOB_ID, "ticket", "pdf")
    assert (event.code, event.message) == ("engine_timeout", "Too slow.")
