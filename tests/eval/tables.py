"""How well the tables of a page were found: the measures of the ICDAR 2013 table competition.

Source: Göbel, Hassan, Oro, Orsi, "ICDAR 2013 Table Competition", section III: two neighbouring cells
with text, and the direction from one to the other, are a relation; blank cells between them are skipped.
"""

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any, Literal

Direction = Literal["right", "down"]
Relation = tuple[str, str, Direction]


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell's text and the places it takes: rows and columns from 0, the ends exclusive."""

    text: str
    row: int
    column: int
    row_end: int
    column_end: int


Grid = Sequence[GridCell]


@dataclass(frozen=True, slots=True)
class TableAccuracy:
    """F1 of the relations, and of the cells that have the right text at exactly the right places."""

    adjacency_f1: float
    cell_f1: float


NOTHING = TableAccuracy(0.0, 0.0)


def table_accuracy(truth: Grid, found: Iterable[Grid]) -> TableAccuracy:
    """Of the found table that shares most with the true one: a page may have others that are true, too."""
    measured = [
        TableAccuracy(_f1(relations(truth), relations(grid)), _f1(_places(truth), _places(grid)))
        for grid in found
    ]
    return max(measured, key=lambda each: (each.adjacency_f1, each.cell_f1), default=NOTHING)


def relations(grid: Grid) -> Counter[Relation]:
    """How often each text is followed by which other to the right and below; a pair of cells counts once."""
    pairs = {
        (first, second, direction)
        for direction, path in _paths(grid)
        for first, second in pairwise(path)
        if first != second
    }
    return Counter((folded(first.text), folded(second.text), direction) for first, second, direction in pairs)


def folded(text: str) -> str:
    """Letters and digits alone, in one case: blanks and punctuation are for the measures of text."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in plain if letter.isalnum()).casefold() or "".join(plain.split())


def grid_from_api(table: dict[str, Any]) -> Grid:
    """From a table of a job's page."""
    return [
        GridCell(
            text=cell["text"],
            row=cell["row"],
            column=cell["column"],
            row_end=cell["row"] + cell["row_span"],
            column_end=cell["column"] + cell["column_span"],
        )
        for cell in table["cells"]
    ]


def grid_from_truth(rows_csv: str, html: str = "") -> Grid:
    """The places and texts of a CSV file, the spans of an HTML table with the same texts.

    The competition's HTML has no elements for blank cells, so it tells no places: the cells with text of
    a row are the same, in the same order, in both. A row for which that is not so has no spans.
    """
    spans = _spans(html)
    cells: list[GridCell] = []
    for row, texts in enumerate(csv.reader(io.StringIO(rows_csv))):
        columns = [column for column, text in enumerate(texts) if text.strip()]
        known = spans[row] if row < len(spans) else []
        of_row = known if len(known) == len(columns) else [(1, 1)] * len(columns)
        for column, (row_span, column_span) in zip(columns, of_row, strict=True):
            cells.append(GridCell(texts[column].strip(), row, column, row + row_span, column + column_span))
    return cells


def _spans(html: str) -> list[list[tuple[int, int]]]:
    """Of each cell with text in each row: rows and columns that it spans."""
    parser = _TableParser()
    parser.feed(html)
    return [[(down, across) for text, down, across in row if text.strip()] for row in parser.rows]


class _TableParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, int, int]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            known = dict(attrs)
            self.rows[-1].append(("", int(known.get("rowspan") or 1), int(known.get("colspan") or 1)))

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            text, down, across = self.rows[-1][-1]
            self.rows[-1][-1] = (text + data, down, across)


def _covered(cell: GridCell) -> Iterator[tuple[int, int]]:
    return (
        (row, column)
        for row in range(cell.row, cell.row_end)
        for column in range(cell.column, cell.column_end)
    )


def _paths(grid: Grid) -> Iterator[tuple[Direction, list[GridCell]]]:
    """Each row from left to right and each column downwards: the cells with text on the way."""
    at = {place: cell for cell in grid if folded(cell.text) for place in _covered(cell)}
    for row in sorted({row for row, _ in at}):
        yield "right", [at[place] for place in sorted(at) if place[0] == row]
    for column in sorted({column for _, column in at}):
        yield "down", [at[place] for place in sorted(at) if place[1] == column]


def _places(grid: Grid) -> Counter[tuple[str, int, int, int, int]]:
    """Cells with text; a table's first row and column are those with a text in them."""
    filled = [cell for cell in grid if folded(cell.text)]
    top = min((cell.row for cell in filled), default=0)
    left = min((cell.column for cell in filled), default=0)
    return Counter(
        (folded(cell.text), cell.row - top, cell.column - left, cell.row_end - top, cell.column_end - left)
        for cell in filled
    )


def _f1(true: Counter[Any], found: Counter[Any]) -> float:
    if not true and not found:
        return 1.0
    return 2 * (true & found).total() / (true.total() + found.total())
