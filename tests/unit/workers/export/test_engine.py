"""What a child is asked for: the right format with its options, and whose fault a failure is."""

import errno
from pathlib import Path
from typing import Any

import orjson
import pytest

from common.contracts.tasks import ExportFormat, MediaType
from common.document.json_view import page_view, with_lines
from common.errors import ExportDiskFull
from tests.fakes.samples import NOW, page
from workers.export.document import About
from workers.export.engine import build
from workers.export.formats import csv
from workers.export.order import ExportOrder


@pytest.fixture
def order(tmp_path: Path) -> ExportOrder:
    words = tmp_path / "words"
    written = page("Hello world")
    view = with_lines(page_view(written, index=0, source_page=1), written)
    lines = orjson.dumps(view) + b"\n"
    words.write_bytes(lines + b"the text behind the pages")
    return ExportOrder(
        format=ExportFormat.CSV,
        about=About("letter", ("en",), NOW),
        words=words,
        words_bytes=len(lines),
        source=None,
        media_type=MediaType.PDF,
        out=tmp_path / "out.csv",
        excel=True,
    )


def test_the_format_that_was_asked_for_is_written_with_its_options(order: ExportOrder) -> None:
    build(order)
    text = order.out.read_bytes().decode("utf-8")
    assert text.startswith("\ufeff") and "Hello world" in text and "behind the pages" not in text


@pytest.mark.parametrize(("code", "expected"), [(errno.ENOSPC, ExportDiskFull), (errno.EIO, OSError)])
def test_a_disk_that_is_full_counts_as_a_failure_of_the_file(
    order: ExportOrder, monkeypatch: pytest.MonkeyPatch, code: int, expected: type[Exception]
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(code, "It cannot be written")

    monkeypatch.setattr(csv, "write", fail)
    with pytest.raises(expected):
        build(order)
