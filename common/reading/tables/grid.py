"""Cells from separators and the rows that the words make between them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from common.document.geometry import Box, union
from common.document.page import Cell, Table
from common.document.text import joined, mean_confidence
from common.reading.tables.columns import Separator
from common.reading.tables.placement import Placed, Row

_BORDER = 0.5  # a border is there where half of it is drawn
_MOSTLY = 0.6  # a separator drawn along so much of the table is missing on purpose elsewhere

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Band:
    """What is between two drawn horizontal separators (or the ends of the table)."""

    top: Separator
    bottom: Separator
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _GridRow:
    """``top`` is the rule above, where the row is the first below one."""

    row: Row
    top: Separator | None
    y0: float
    y1: float


def table_of(bands: Sequence[Band], columns: Sequence[Separator], region: Box) -> Table:
    """``columns`` are the inner separators; the region's edges are its outer ones."""
    rows = list(_grid_rows(bands))
    edges = [float(region.x0), *(separator.at for separator in columns), float(region.x1)]
    groups = _Groups()
    for index, row in enumerate(rows):
        _join_across(groups, index, row, columns, rows)
        for column in row.row.joined:
            groups.join((index - 1, column), (index, column))
    _join_down(groups, edges, rows)
    return _table(groups, rows, edges, region)


class _Groups:
    """Places of the grid that are one cell: rectangles that grow."""

    def __init__(self) -> None:
        self._parent: dict[Place, Place] = {}

    def root(self, place: Place) -> Place:
        while self._parent.get(place, place) != place:
            place = self._parent[place]
        return place

    def join(self, one: Place, other: Place) -> None:
        first, second = sorted((self.root(one), self.root(other)))
        self._parent[second] = first


def _grid_rows(bands: Sequence[Band]) -> Iterable[_GridRow]:
    for band in bands:
        middles = [
            (before.lines[-1].middle + after.lines[0].middle) / 2 for before, after in pairwise(band.rows)
        ]
        edges = [band.top.at, *middles, band.bottom.at]
        for index, row in enumerate(band.rows):
            yield _GridRow(row, None if index else band.top, edges[index], edges[index + 1])


def _join_across(
    groups: _Groups, index: int, row: _GridRow, columns: Sequence[Separator], rows: Sequence[_GridRow]
) -> None:
    crossed = _crossed(row.row)
    for column, separator in enumerate(columns):
        share = separator.share_drawn(row.y0, row.y1)
        if share >= _BORDER:
            continue
        whole = separator.share_drawn(rows[0].y0, rows[-1].y1)
        if column in crossed or whole >= _MOSTLY:
            groups.join((index, column), (index, column + 1))


def _crossed(row: Row) -> set[int]:
    """The separators that a phrase reaches over with nothing else of the row on either side."""
    taken = [cell for line in row.lines for cell in line.cells]
    return {
        column
        for cell in taken
        for column in range(cell.start, cell.end - 1)
        if not any(_is_inside(other, cell) for other in taken if other is not cell)
    }


def _is_inside(one: Placed, other: Placed) -> bool:
    return other.start <= one.start and one.end <= other.end and one.end - one.start < other.end - other.start


def _join_down(groups: _Groups, edges: Sequence[float], rows: Sequence[_GridRow]) -> None:
    """A rule that most columns have, and a column lacks, leaves one cell above and below."""
    for column, (left, right) in enumerate(pairwise(edges)):
        run = [0]
        for index in range(1, len(rows) + 1):
            if index < len(rows) and _is_open(rows[index], left, right, edges):
                run.append(index)
                continue
            filled = [each for each in run if _has_text(rows[each].row, column)]
            if len(run) > 1 and (2 * len(filled) <= len(run) or all(rows[each].row.is_head for each in run)):
                for one, other in pairwise(run):
                    groups.join((one, column), (other, column))
            run = [index]


def _is_open(row: _GridRow, left: float, right: float, edges: Sequence[float]) -> bool:
    if row.top is None:
        return False
    return (
        row.top.share_drawn(edges[0], edges[-1]) >= _MOSTLY / 2 and row.top.share_drawn(left, right) < _BORDER
    )


def _has_text(row: Row, column: int) -> bool:
    return any(column in line.columns for line in row.lines)


def _table(groups: _Groups, rows: Sequence[_GridRow], edges: Sequence[float], region: Box) -> Table:
    members: dict[Place, list[Place]] = {}
    for index in range(len(rows)):
        for column in range(len(edges) - 1):
            members.setdefault(groups.root((index, column)), []).append((index, column))
    texts = _texts(groups, rows)
    cells = [_cell(places, texts.get(root, []), rows, edges) for root, places in members.items()]
    return Table(region, tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))))


def _texts(groups: _Groups, rows: Sequence[_GridRow]) -> dict[Place, list[Placed]]:
    texts: dict[Place, list[Placed]] = {}
    for index, row in enumerate(rows):
        for line in row.row.lines:
            for cell in line.cells:
                texts.setdefault(groups.root((index, cell.start)), []).append(cell)
    return texts


def _cell(
    places: Sequence[Place], phrases: Sequence[Placed], rows: Sequence[_GridRow], edges: Sequence[float]
) -> Cell:
    row, column = min(place[0] for place in places), min(place[1] for place in places)
    row_end, column_end = max(place[0] for place in places) + 1, max(place[1] for place in places) + 1
    frame = Box(
        round(edges[column]), round(rows[row].y0), round(edges[column_end]), round(rows[row_end - 1].y1)
    )
    words = [word for each in phrases for word in each.phrase.words]
    return Cell(
        row,
        column,
        joined(word.text for word in words),
        union([frame, *(word.bbox for word in words)]),
        row_end - row,
        column_end - column,
        mean_confidence(words),
    )
