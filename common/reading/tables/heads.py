"""The head of a table: which lines name its columns, and which names are for several of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from common.document.geometry import Box
from common.reading.tables.placement import Placed, PlacedLine, Row, Span, covers, is_value

_BELOW: Final = 1.5  # in text heights, from a name to the rule below it


def spread(
    line: PlacedLine, across: Sequence[Box], cores: Sequence[Span | None], height: float
) -> PlacedLine:
    """The line, a phrase of which that has a rule below it, all to itself, reaches as far as the rule."""
    near = [rule for rule in across if 0 < rule.y0 - line.middle < _BELOW * height]
    for rule in near:
        over = [cell for cell in line.cells if rule.x0 < _middle(cell) < rule.x1]
        columns = [index for index, core in enumerate(cores) if covers(rule, core)]
        if len(over) == 1 and 1 < len(columns) < len(cores):
            wide = replace(over[0], start=columns[0], end=columns[-1] + 1)
            line = replace(line, cells=tuple(wide if cell is over[0] else cell for cell in line.cells))
    return line


def head_length(
    band: Sequence[PlacedLine], values: frozenset[int], column_count: int, *, is_first: bool, is_last: bool
) -> int:
    """How many lines of a band, with only head before it, are head: none where nothing tells."""
    if not values:
        return 0
    if not is_first:
        return len(band) if _has_hardly_values(band, values) else 0
    for index, line in enumerate(band):
        found = [cell for cell in line.cells if cell.start in values and is_value(cell.phrase.text)]
        is_whole = 0 in line.columns | values or len(found) == len(values)
        if is_whole and 2 * len(found) >= min(len(values), column_count - 1):
            return index
    return 0 if is_last else len(band)


def _has_hardly_values(band: Sequence[PlacedLine], values: frozenset[int]) -> bool:
    cells = [cell for line in band for cell in line.cells]
    return 4 * sum(cell.start in values and is_value(cell.phrase.text) for cell in cells) <= len(cells)


def head_rows(lines: Sequence[PlacedLine]) -> list[Row]:
    """A line with a name for several columns ends a row; the others are stacked in their columns."""
    rows: list[Row] = []
    stack: list[PlacedLine] = []
    for line in lines:
        stack.append(line)
        if any(cell.end - cell.start > 1 for cell in line.cells):
            rows.append(Row(tuple(stack), is_head=True))
            stack = []
    if stack:
        rows.append(Row(tuple(stack), is_head=True))
    return rows


def _middle(cell: Placed) -> float:
    return (cell.phrase.bbox.x0 + cell.phrase.bbox.x1) / 2
