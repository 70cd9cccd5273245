"""A table's cells as Word wants them: row by row, each place of the grid in exactly one cell."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from common.document.page import Cell, Table


@dataclass(slots=True)
class Place:
    """A cell of the table, or an empty one where the table has none; spans count rows and columns."""

    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    texts: list[str] = field(default_factory=list)


def table_size(table: Table) -> tuple[int, int]:
    """Rows and columns."""
    return (
        max((cell.row + cell.row_span for cell in table.cells), default=0),
        max((cell.column + cell.column_span for cell in table.cells), default=0),
    )


def table_places(table: Table) -> list[list[Place]]:
    """For each row the places that touch it, from the first column to the last.

    Where cells overlap, as they should not, the later one is made smaller; if nothing is left of it, its
    text goes to the other.
    """
    height, width = table_size(table)
    grid: dict[tuple[int, int], Place] = {}
    for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column)):
        _put(cell, grid)
    return [_row(grid, row, width) for row in range(height)]


def _put(cell: Cell, grid: dict[tuple[int, int], Place]) -> None:
    already = grid.get((cell.row, cell.column))
    if already:
        already.texts.append(cell.text)
        return
    columns = _free(
        cell.column_span, ((cell.row, cell.column + step) in grid for step in range(cell.column_span))
    )
    rows = _free(
        cell.row_span,
        (
            any((cell.row + step, cell.column + across) in grid for across in range(columns))
            for step in range(cell.row_span)
        ),
    )
    place = Place(cell.row, cell.column, rows, columns, [cell.text])
    for down in range(rows):
        for across in range(columns):
            grid[cell.row + down, cell.column + across] = place


def _free(span: int, taken: Iterable[bool]) -> int:
    """How many of the first are not taken."""
    return next((step for step, is_taken in enumerate(taken) if is_taken), span)


def _row(grid: dict[tuple[int, int], Place], row: int, width: int) -> list[Place]:
    places: list[Place] = []
    column = 0
    while column < width:
        place = grid.get((row, column)) or Place(row, column)
        places.append(place)
        column += place.column_span
    return places
