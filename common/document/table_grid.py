"""A table's cells laid out as rows of text."""

from common.document.page import Cell, Table


def table_rows(table: Table) -> list[list[str]]:
    """As many texts in each row as the table has columns; a cell's text stands at its top left place.

    The other places that a cell spans are blank. Line breaks inside cells stay.
    """
    height = max((cell.row + cell.row_span for cell in table.cells), default=0)
    width = max((cell.column + cell.column_span for cell in table.cells), default=0)
    rows = [[""] * width for _ in range(height)]
    for cell in table.cells:
        rows[cell.row][cell.column] = _both(rows[cell.row][cell.column], cell)
    return rows


def _both(already: str, cell: Cell) -> str:
    """Two cells at one place are a mistake of whoever found them, and no reason to lose a text."""
    return f"{already} {cell.text}" if already else cell.text
