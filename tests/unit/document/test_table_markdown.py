"""Tables as rows of text, as Markdown and as CSV."""

from common.document.geometry import Box
from common.document.page import Cell, Table
from common.document.table_csv import table_csv
from common.document.table_grid import table_rows
from common.document.table_markdown import table_markdown

_NOWHERE = Box(0, 0, 1, 1)


def table(*cells: Cell) -> Table:
    return Table(_NOWHERE, cells)


def cell(row: int, column: int, text: str, row_span: int = 1, column_span: int = 1) -> Cell:
    return Cell(row, column, text, _NOWHERE, row_span, column_span)


PRICES = table(cell(0, 0, "Fruit"), cell(0, 1, "Price"), cell(1, 0, "Plum"), cell(1, 1, "2"))
SPANNED = table(cell(0, 0, "Both", column_span=2), cell(1, 0, "left", row_span=2), cell(1, 1, "up"))


def test_the_first_row_is_the_head() -> None:
    assert table_markdown(PRICES) == "| Fruit | Price |\n| --- | --- |\n| Plum | 2 |"


def test_a_span_leaves_blank_places_so_that_columns_stay_in_line() -> None:
    assert table_rows(SPANNED) == [["Both", ""], ["left", "up"], ["", ""]]
    assert [line.count("|") for line in table_markdown(SPANNED).splitlines()] == [3, 3, 3, 3]


def test_what_markdown_would_take_for_markup_is_escaped() -> None:
    markdown = table_markdown(table(cell(0, 0, "a|b *c* <d>\ne")))
    assert markdown.splitlines()[0] == r"| a\|b \*c\* \<d\> e |"


def test_no_cells_are_no_table() -> None:
    assert table_markdown(table()) == ""
    assert table_csv(table()) == ""


def test_two_cells_at_one_place_lose_no_text() -> None:
    assert table_rows(table(cell(0, 0, "one"), cell(0, 0, "two"))) == [["one two"]]


def test_csv_quotes_commas_quotes_and_line_breaks() -> None:
    found = table_csv(table(cell(0, 0, "1,5"), cell(0, 1, 'a "b"'), cell(1, 0, "up\ndown"), cell(1, 1, "x")))
    assert found == '"1,5","a ""b"""\r\n"up\ndown",x\r\n'
