"""Where the cells of a table are, by their rows and columns."""

import statistics
from collections import defaultdict
from collections.abc import Iterable

from common.document.geometry import Box
from common.document.page import Cell, Table


def cell_frames(table: Table) -> list[Box]:
    """Of each cell, between the usual borders of its row and column: a word may have widened one cell."""
    top = _edges((cell.row, cell.bbox.y0) for cell in table.cells)
    leftward = _is_leftward(table)
    sides = _edges((cell.column, cell.bbox.x1 if leftward else cell.bbox.x0) for cell in table.cells)

    def span(cell: Cell) -> tuple[int, int]:
        after = sides.get(cell.column + cell.column_span, table.bbox.x0 if leftward else table.bbox.x1)
        return (after, sides[cell.column]) if leftward else (sides[cell.column], after)

    return [
        Box(
            span(cell)[0] + 1,
            top[cell.row] + 1,
            span(cell)[1],
            top.get(cell.row + cell.row_span, table.bbox.y1),
        )
        for cell in table.cells
    ]


def _is_leftward(table: Table) -> bool:
    """Whether its first column is the rightmost one."""
    first = min(table.cells, key=lambda cell: cell.column)
    last = max(table.cells, key=lambda cell: cell.column)
    return first.bbox.x0 > last.bbox.x0


def _edges(known: Iterable[tuple[int, int]]) -> dict[int, int]:
    edges = defaultdict[int, list[int]](list)
    for index, at in known:
        edges[index].append(at)
    return {index: round(statistics.median(places)) for index, places in edges.items()}
