"""Phrases in the columns of a table."""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from common.document.geometry import Box
from common.reading.tables.columns import Separator
from common.reading.tables.phrases import Phrase, TextLine

_NUMBER: Final = re.compile(r"^[\W_]*(?:[A-Za-z]{0,3}[\W_]*)?\d[\d\W]*[A-Za-z%]{0,2}[\W_]*$")
_NO_VALUE: Final = re.compile(
    r"^(?:[-\u2013\u2014.\u2026*\u2020\u2021+#]+|n/?a\.?|n\.a\.?|nil|none|x|yes|no)$", re.IGNORECASE
)

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """A phrase and the columns it reaches over, the end exclusive."""

    phrase: Phrase
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PlacedLine:
    cells: tuple[Placed, ...]
    middle: float

    @property
    def columns(self) -> frozenset[int]:
        return frozenset(column for cell in self.cells for column in range(cell.start, cell.end))


@dataclass(frozen=True, slots=True)
class Row:
    """Text lines that are one row; ``joined`` are its columns that are one cell with the row above.

    ``is_head``: it names columns.
    """

    lines: tuple[PlacedLine, ...]
    joined: frozenset[int] = frozenset()
    is_head: bool = False


def is_value(text: str) -> bool:
    """A number, an amount, or a mark that stands for one."""
    return bool(_NUMBER.match(text) or _NO_VALUE.match(text))


def has_values(line: PlacedLine, columns: frozenset[int]) -> bool:
    return any(cell.start in columns and is_value(cell.phrase.text) for cell in line.cells)


def value_columns(lines: Sequence[PlacedLine], column_count: int) -> frozenset[int]:
    """Columns whose phrases are mostly values."""
    return frozenset(column for column in range(column_count) if _is_value_column(lines, column))


def placed(line: TextLine, columns: Sequence[Separator], cores: Sequence[Span | None]) -> PlacedLine:
    """A phrase is in the column of its middle, and reaches into others whose core it covers half."""
    cells = []
    for phrase in line.phrases:
        middle = (phrase.bbox.x0 + phrase.bbox.x1) / 2
        home = sum(separator.at < middle for separator in columns)
        start = end = home
        while start > 0 and covers(phrase.bbox, cores[start - 1]):
            start -= 1
        while end + 1 < len(cores) and covers(phrase.bbox, cores[end + 1]):
            end += 1
        cells.append(Placed(phrase, start, end + 1))
    return PlacedLine(tuple(cells), line.middle)


def column_cores(lines: Sequence[TextLine], columns: Sequence[Separator]) -> list[Span | None]:
    """Where the typical phrase of each column begins and ends; None for a column without phrases."""
    phrases: list[list[Phrase]] = [[] for _ in range(len(columns) + 1)]
    for line in lines:
        for phrase in line.phrases:
            if not any(phrase.bbox.x0 < separator.at < phrase.bbox.x1 for separator in columns):
                phrases[sum(separator.at < phrase.bbox.x0 for separator in columns)].append(phrase)
    return [_core(of_column) for of_column in phrases]


def covers(box: Box, core: Span | None) -> bool:
    """Whether the box reaches over half of the core."""
    if core is None:
        return False
    return 2 * (min(box.x1, core[1]) - max(box.x0, core[0])) >= core[1] - core[0]


def _core(phrases: Sequence[Phrase]) -> Span | None:
    if not phrases:
        return None
    start = statistics.median(phrase.bbox.x0 for phrase in phrases)
    return start, max(start + 1, statistics.median(phrase.bbox.x1 for phrase in phrases))


def _is_value_column(lines: Sequence[PlacedLine], column: int) -> bool:
    texts = [
        cell.phrase.text
        for line in lines
        for cell in line.cells
        if (cell.start, cell.end) == (column, column + 1)
    ]
    return len(texts) > 1 and 2 * sum(map(is_value, texts)) >= len(texts)
