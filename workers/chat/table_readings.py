"""A table's rows as sentences: each cell with the header of its column."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from common.document.geometry import centre, has_centre_of, union
from common.document.page import Block, Line, Table
from common.document.table_grid import table_rows
from workers.chat.plain_text import plain

_DIGIT: Final = re.compile(r"\d")
_FEWEST_COLUMNS: Final = 2
_FEWEST_ROWS: Final = 2


@dataclass(frozen=True, slots=True)
class RowReading:
    """``lines`` are the block's, one after the other; ``headers`` those of the columns, ``reading`` the row
    with them ("Item: Lamp; Price: 12.50"), both "" where the table has none."""

    lines: Sequence[Line]
    headers: str = ""
    reading: str = ""
    is_header: bool = False


def row_readings(block: Block, tables: Sequence[Table]) -> list[RowReading]:
    """The rows of a block of role TABLE, by the table of the page that it shows; line by line without one."""
    table = next((table for table in tables if has_centre_of(table.bbox, block.bbox)), None)
    if table is None or not table.cells:
        return [RowReading((line,)) for line in block.lines]
    grid = [[plain(text) for text in row] for row in table_rows(table)]
    headers = grid[0] if _has_headers(grid) else []
    return [_reading(lines, row, grid, headers) for row, lines in _lines_by_row(block, table)]


def _reading(lines: Sequence[Line], row: int, grid: list[list[str]], headers: list[str]) -> RowReading:
    if not headers or row == 0:
        return RowReading(lines, is_header=bool(headers))
    pairs = [(header, text) for header, text in zip(headers, grid[row], strict=True) if text]
    reading = "; ".join(f"{header}: {text}" if header else text for header, text in pairs)
    return RowReading(lines, " ".join(header for header, _ in pairs), reading)


def _has_headers(grid: list[list[str]]) -> bool:
    """Words alone in the first row, and figures under one of them at least."""
    if len(grid) < _FEWEST_ROWS or len(grid[0]) < _FEWEST_COLUMNS:
        return False
    first = grid[0]
    if any(_DIGIT.search(text) for text in first) or sum(map(bool, first)) < len(first) - 1:
        return False
    if len(first) == 2 and _DIGIT.search("".join(row[0] for row in grid)) is None and _is_form(grid):
        return False
    return any(_DIGIT.search(text) for row in grid[1:] for text in row)


def _is_form(grid: list[list[str]]) -> bool:
    """Labels on the left: these end with colons, or there is no saying what the right ones have in common."""
    with_figures = sum(_DIGIT.search(row[1]) is not None for row in grid[1:])
    return any(row[0].endswith(":") for row in grid) or with_figures < len(grid) - 1


def _lines_by_row(block: Block, table: Table) -> list[tuple[int, list[Line]]]:
    """Neighbouring lines of one row together, in the order of the block."""
    bands = _bands(table)
    found: list[tuple[int, list[Line]]] = []
    for line in block.lines:
        row = _row_of(line, bands)
        if found and found[-1][0] == row:
            found[-1][1].append(line)
        else:
            found.append((row, [line]))
    return found


def _bands(table: Table) -> dict[int, tuple[int, int]]:
    """Top and bottom of each row."""
    bands = {}
    for row in sorted({cell.row for cell in table.cells}):
        cells = [cell for cell in table.cells if cell.row == row]
        single = [cell for cell in cells if cell.row_span == 1] or cells
        box = union(cell.bbox for cell in single)
        bands[row] = (box.y0, box.y1)
    return bands


def _row_of(line: Line, bands: dict[int, tuple[int, int]]) -> int:
    _, y = centre(line.bbox)
    return min(bands, key=lambda row: (max(bands[row][0] - y, y - bands[row][1], 0.0), row))
