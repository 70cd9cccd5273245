"""Comma-separated values (RFC 4180): the document's tables, or its lines where it has no table."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TextIO

from common.document.formula_cells import harmless
from common.document.page import Page
from common.document.table_csv import table_csv
from common.document.text import line_text, mean_confidence
from common.document.transcript import TranscriptPage
from workers.export.document import About

_HEAD: Final = ("page", "line", "text", "confidence")
_BLANK_LINE: Final = "\r\n"

Row = tuple[int, int, str, float | None]


def write(pages: Iterable[TranscriptPage], about: About, out: Path, *, excel: bool) -> None:
    """UTF-8, with a byte order mark for ``excel``, which takes the file for another encoding without one.

    Lines are written until the first table is seen, which takes their place.
    """
    with out.open("w", encoding="utf-8-sig" if excel else "utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(_HEAD)
        has_tables = False
        for number, page in _readable(pages):
            for table in filter(None, map(table_csv, page.tables)):
                _begin(file, is_first=not has_tables)
                has_tables = True
                file.write(table)
            if not has_tables:
                lines.writerows(_rows(number, page))


def _readable(pages: Iterable[TranscriptPage]) -> Iterator[tuple[int, Page]]:
    """The pages that were read, and their numbers in the file, from 1."""
    return ((each.source_page + 1, each.page) for each in pages if each.page is not None)


def _begin(file: TextIO, *, is_first: bool) -> None:
    """Where the next table begins: at the start of the file, or below a blank line."""
    if is_first:
        file.seek(0)
        file.truncate()
    else:
        file.write(_BLANK_LINE)


def _rows(number: int, page: Page) -> Iterator[Row]:
    lines = [line for block in page.blocks for line in block.lines]
    for position, line in enumerate(lines, start=1):
        yield number, position, harmless(line_text(line)), mean_confidence(line.words)
