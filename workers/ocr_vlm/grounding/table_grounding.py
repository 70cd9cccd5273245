"""Tables of the model with the boxes of their cells, measured from the words in them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from common.document.geometry import Box, union
from common.document.page import Cell, Table, Word
from common.document.text import mean_confidence
from workers.ocr_vlm.answer import CellAnswer

_MOST_COLUMNS: Final = 200  # that spans may make: a model may say anything


class Position(NamedTuple):
    """Where a cell begins and how far it goes."""

    row: int
    column: int
    row_span: int
    column_span: int


def positions(rows: Sequence[Sequence[CellAnswer]]) -> list[Position]:
    """Of all cells in order; each takes the first place that none above reaches into, as in HTML."""
    taken_until: dict[int, int] = {}  # by column, the first row that is free again
    found: list[Position] = []
    for row, cells in enumerate(rows):
        column = 0
        for cell in cells:
            while taken_until.get(column, 0) > row:
                column += 1
            across = max(1, min(cell.column_span, _MOST_COLUMNS - column))
            span = Position(row, column, min(cell.row_span, len(rows) - row), across)
            for reached in range(column, column + across):
                taken_until[reached] = row + span.row_span
            column += across
            found.append(span)
    return found


def grounded_table(
    rows: Sequence[Sequence[CellAnswer]], words: Mapping[int, Sequence[Word]], bbox: Box
) -> Table:
    """``words``: of the cells by their numbers. Empty cells are where their row and column meet."""
    places = positions(rows)
    texts = [cell.text for row in rows for cell in row]
    boxes = {number: union(word.bbox for word in of_cell) for number, of_cell in words.items() if of_cell}
    across = _ranges(
        (place.column, place.column_span, (box.x0, box.x1)) for place, box in _both(places, boxes)
    )
    down = _ranges((place.row, place.row_span, (box.y0, box.y1)) for place, box in _both(places, boxes))
    cells = []
    for number, (place, text) in enumerate(zip(places, texts, strict=True)):
        box = boxes.get(number) or _meeting(
            _covered(across, place.column, place.column_span, (bbox.x0, bbox.x1)),
            _covered(down, place.row, place.row_span, (bbox.y0, bbox.y1)),
        )
        sure = mean_confidence(words.get(number, ()))
        cells.append(Cell(place.row, place.column, text, box, place.row_span, place.column_span, sure))
    return Table(bbox, tuple(cells))


Range = tuple[int, int]


def _both(places: Sequence[Position], boxes: Mapping[int, Box]) -> Iterator[tuple[Position, Box]]:
    return ((places[number], box) for number, box in boxes.items())


def _ranges(cells: Iterator[tuple[int, int, Range]]) -> dict[int, Range]:
    """From and to which pixel each row or column goes, by its cells that span no other."""
    found: dict[int, Range] = {}
    for at, span, (start, end) in cells:
        if span == 1:
            low, high = found.get(at, (start, end))
            found[at] = min(low, start), max(high, end)
    return found


def _covered(ranges: Mapping[int, Range], first: int, span: int, whole: Range) -> Range:
    """Where nothing tells: the room between those before and behind."""
    inner = [ranges[at] for at in range(first, first + span) if at in ranges]
    if inner:
        return min(start for start, _ in inner), max(end for _, end in inner)
    before = [end for at, (_, end) in ranges.items() if at < first]
    behind = [start for at, (start, _) in ranges.items() if at >= first + span]
    start = max(before, default=whole[0])
    return start, max(start, min(behind, default=whole[1]))


def _meeting(across: Range, down: Range) -> Box:
    return Box(across[0], down[0], across[1], down[1])
