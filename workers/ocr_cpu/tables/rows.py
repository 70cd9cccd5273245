"""Which text lines make a row of a table together."""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workers.ocr_cpu.tables.columns import Separator
from workers.ocr_cpu.tables.phrases import Phrase, TextLine

_NUMBER: Final = re.compile(r"^[\W_]*(?:[A-Za-z]{0,3}[\W_]*)?\d[\d\W]*[A-Za-z%]{0,2}[\W_]*$")
_NO_VALUE: Final = re.compile(
    r"^(?:[-\u2013\u2014.\u2026*\u2020\u2021+#]+|n/?a\.?|n\.a\.?|nil|none|x|yes|no)$", re.IGNORECASE
)
_TIGHT: Final = 2.2  # in text heights, from middle to middle: lines of one cell
_FEW_BANDS: Final = 3
_OPEN_ENDS: Final = "/-,&("

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
    """Text lines that are one row; ``joined`` are its columns that are one cell with the row above."""

    lines: tuple[PlacedLine, ...]
    joined: frozenset[int] = frozenset()


def is_value(text: str) -> bool:
    """A number, an amount, or a mark that stands for one."""
    return bool(_NUMBER.match(text) or _NO_VALUE.match(text))


def placed(line: TextLine, columns: Sequence[Separator], cores: Sequence[Span | None]) -> PlacedLine:
    """A phrase is in the column of its middle, and reaches into others whose core it covers half."""
    cells = []
    for phrase in line.phrases:
        middle = (phrase.bbox.x0 + phrase.bbox.x1) / 2
        home = sum(separator.at < middle for separator in columns)
        start = end = home
        while start > 0 and _covers(phrase, cores[start - 1]):
            start -= 1
        while end + 1 < len(cores) and _covers(phrase, cores[end + 1]):
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


def _core(phrases: Sequence[Phrase]) -> Span | None:
    if not phrases:
        return None
    start = statistics.median(phrase.bbox.x0 for phrase in phrases)
    return start, max(start + 1, statistics.median(phrase.bbox.x1 for phrase in phrases))


def _covers(phrase: Phrase, core: Span | None) -> bool:
    if core is None:
        return False
    return 2 * (min(phrase.bbox.x1, core[1]) - max(phrase.bbox.x0, core[0])) >= core[1] - core[0]


def rows_of(bands: Sequence[Sequence[PlacedLine]], column_count: int, height: float) -> list[list[Row]]:
    """The rows of each band; bands are parted by rules."""
    lines = [line for band in bands for line in band]
    filled = [band for band in bands if band]
    by_rules = len(filled) > _FEW_BANDS or 2 * len(filled) > len(lines)
    values = _value_columns(lines, column_count)
    rows = []
    for band in bands:
        if len(band) < 2:
            rows.append([Row(tuple(band))] if band else [])
        elif by_rules and not _stacks_values(band, values):
            rows.append([Row(tuple(band))])
        elif len(filled) >= _FEW_BANDS and _is_label_set_apart(band, values):
            rows.append(_rows_beside_label(band))
        else:
            rows.append(_split(band, values, column_count, height, may_be_head=not any(rows)))
    return rows


def _is_label_set_apart(band: Sequence[PlacedLine], values: frozenset[int]) -> bool:
    """Whether the first column is one label in the middle of the band, beside all of its rows."""
    rows = [line for line in band if line.columns & values]
    labelled = [line for line in rows if 0 in line.columns]
    return (
        0 not in values and len(rows) > 1 and 0 not in rows[0].columns and 3 * len(labelled) <= 2 * len(rows)
    )


def _rows_beside_label(band: Sequence[PlacedLine]) -> list[Row]:
    """A row for each line with more than the label; the label's lines between them go to the row above."""
    rows: list[list[PlacedLine]] = []
    for line in band:
        if rows and (line.columns == {0} or all(each.columns == {0} for each in rows[-1])):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [Row(tuple(row), frozenset({0}) if index else frozenset()) for index, row in enumerate(rows)]


def _value_columns(lines: Sequence[PlacedLine], column_count: int) -> frozenset[int]:
    """Columns whose phrases are mostly values."""
    return frozenset(column for column in range(column_count) if _is_value_column(lines, column))


def _is_value_column(lines: Sequence[PlacedLine], column: int) -> bool:
    texts = [
        cell.phrase.text
        for line in lines
        for cell in line.cells
        if (cell.start, cell.end) == (column, column + 1)
    ]
    return len(texts) > 1 and 2 * sum(map(is_value, texts)) >= len(texts)


def _stacks_values(band: Sequence[PlacedLine], values: frozenset[int]) -> bool:
    """Whether a band has values one below the other, so that its lines must be rows."""
    found: dict[int, int] = {}
    for line in band:
        for cell in line.cells:
            if cell.start in values and cell.end == cell.start + 1 and is_value(cell.phrase.text):
                found[cell.start] = found.get(cell.start, 0) + 1
    return any(2 * count > len(band) for count in found.values())


def _split(
    band: Sequence[PlacedLine], values: frozenset[int], column_count: int, height: float, may_be_head: bool
) -> list[Row]:
    """In a first band the lines before the first values are the head: all of them, where values follow."""
    body = _first_body_line(band, values, column_count) if may_be_head else 0
    return [*_head_rows(band[:body], height), *_body_rows(band[body:], values, height)]


def _first_body_line(band: Sequence[PlacedLine], values: frozenset[int], column_count: int) -> int:
    if not values:
        return 0
    for index, line in enumerate(band):
        found = [cell for cell in line.cells if cell.start in values and is_value(cell.phrase.text)]
        if 2 * len(found) >= min(len(values), column_count - 1) and 0 in line.columns | values:
            return index
    return len(band)


def _head_rows(lines: Sequence[PlacedLine], height: float) -> list[Row]:
    """A line with a phrase over several columns ends a row; the others are stacked in their columns."""
    rows: list[Row] = []
    stack: list[PlacedLine] = []
    for line in lines:
        stack.append(line)
        if any(cell.end - cell.start > 1 for cell in line.cells):
            rows.append(Row(tuple(stack)))
            stack = []
    if stack:
        rows.append(Row(tuple(stack)))
    return rows


def _body_rows(lines: Sequence[PlacedLine], values: frozenset[int], height: float) -> list[Row]:
    rows: list[list[PlacedLine]] = []
    for line in lines:
        if rows and _continues(rows[-1], line, values, height):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [Row(tuple(row)) for row in rows]


def _continues(row: Sequence[PlacedLine], line: PlacedLine, values: frozenset[int], height: float) -> bool:
    """Whether the line carries on texts of the row above it."""
    if line.middle - row[-1].middle > _TIGHT * height:
        return False
    columns = line.columns
    above = frozenset().union(*(each.columns for each in row))
    if any(cell.start in values and is_value(cell.phrase.text) for cell in line.cells):
        return _is_label_only(row, values) and _carries_on(row[-1], line, height)
    if 0 not in columns:
        return columns <= above
    return columns == {0} and _carries_on(row[-1], line, height, hangs=not _is_label_only(row, values))


def _carries_on(before: PlacedLine, line: PlacedLine, height: float, *, hangs: bool = False) -> bool:
    """Whether the label of a line goes on in the next one; ``hangs``: an indent tells so, too."""
    first, second = _label(before), _label(line)
    if first is None or second is None:
        return False
    if second.text[:1].islower() or first.text[-1:] in _OPEN_ENDS:
        return True
    return hangs and second.bbox.x0 - first.bbox.x0 > height / 4


def _label(line: PlacedLine) -> Phrase | None:
    return next((cell.phrase for cell in line.cells if cell.start == 0), None)


def _is_label_only(row: Sequence[PlacedLine], values: frozenset[int]) -> bool:
    return all(line.columns == {0} for line in row) and 0 not in values
