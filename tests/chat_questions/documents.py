"""Documents written as text, as pages of the real model: set in lines, read by the real layout.

A line of a text: "# heading", "| cell | cell |" of a table's row, "label     value" apart on one row, "---" a
new page, or a paragraph, which is set in as many lines as it takes.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

from common.document.geometry import Box, union
from common.document.layout import arrange
from common.document.page import Block, Cell, Engine, Line, Page, Table, Word
from common.document.table_blocks import with_tables

WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dpi
_MARGIN = 160
_LETTER = 14  # wide, all alike
_TALL = 26
_PITCH = 40
_COLUMNS = (WIDTH - 2 * _MARGIN) // _LETTER
_APART = 620  # from the left edge to values


@cache
def pages_of(name: str) -> tuple[Page, ...]:
    """The document ``name`` of the folder."""
    text = Path(__file__).with_name("documents").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return pages_from(text, language=name.rpartition("_")[2].rstrip("0123456789"))


def pages_from(text: str, language: str = "en") -> tuple[Page, ...]:
    return tuple(_Sheet(language).set(page) for page in re.split(r"^---\n", text, flags=re.MULTILINE))


class _Sheet:
    def __init__(self, language: str) -> None:
        self._language = language
        self._y = _MARGIN
        self._lines: list[Line] = []
        self._tables: list[Table] = []

    def set(self, text: str) -> Page:
        for is_table, rows in groupby(text.splitlines(), lambda row: row.startswith("|")):
            if is_table:
                self._table(list(rows))
            else:
                for row in rows:
                    self._row(row)
        blocks = arrange([Block((line,), line.bbox) for line in self._lines], WIDTH, HEIGHT)
        placed, tables = with_tables(blocks, self._tables)
        return Page(WIDTH, HEIGHT, Engine.TESSERACT, placed, tables, 0, (self._language,))

    def _row(self, row: str) -> None:
        label, value = [*re.split(r" {3,}", row, maxsplit=1), ""][:2]
        if row.startswith("# "):
            self._y += _PITCH // 2
            self._line(row[2:], _MARGIN, 1.5)
            self._y += int(1.4 * _PITCH)
        elif value:
            self._line(label, _MARGIN)
            self._line(value, _APART)
            self._y += _PITCH
        else:
            for line in textwrap.wrap(row, _COLUMNS) or [""]:
                self._line(line, _MARGIN)
                self._y += _PITCH

    def _table(self, rows: Sequence[str]) -> None:
        texts = [[cell.strip() for cell in row.strip("| ").split("|")] for row in rows]
        widths = [max(len(row[at]) for row in texts) + 4 for at in range(len(texts[0]))]
        cells = []
        for number, row in enumerate(texts):
            x = _MARGIN
            for column, (text, width) in enumerate(zip(row, widths, strict=True)):
                box = Box(x, self._y - 6, x + width * _LETTER, self._y + _PITCH - 6)
                cells.append(Cell(number, column, text, box))
                self._line(text, x + _LETTER)
                x += width * _LETTER
            self._y += _PITCH
        self._tables.append(Table(union(cell.bbox for cell in cells), tuple(cells)))

    def _line(self, text: str, x: int, scale: float = 1.0) -> None:
        words = tuple(self._words(text, x, scale))
        if words:
            self._lines.append(Line(words, union(word.bbox for word in words)))

    def _words(self, text: str, x: int, scale: float) -> Iterator[Word]:
        letter, tall = int(_LETTER * scale), int(_TALL * scale)
        for word in text.split():
            yield Word(word, Box(x, self._y, x + letter * len(word), self._y + tall), 0.96)
            x += letter * (len(word) + 1)
