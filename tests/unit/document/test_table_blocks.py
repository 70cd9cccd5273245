"""Tables put among the blocks of their page."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.document.geometry import Box, union
from common.document.page import Block, Cell, Line, Role, Table, Word
from common.document.table_blocks import with_tables
from common.document.text import block_text, words


def word(text: str, x: int, y: int) -> Word:
    return Word(text, Box(x, y, x + 40, y + 10), 0.9)


def block(*lines: Sequence[Word], role: Role = Role.PARAGRAPH) -> Block:
    made = tuple(Line(tuple(line), union(each.bbox for each in line)) for line in lines)
    return Block(made, union(line.bbox for line in made), role)


def grid(x: int, y: int, texts: Sequence[Sequence[str]]) -> Table:
    """Cells of 100 by 50 pixels."""
    cells = tuple(
        Cell(r, c, text, Box(x + 100 * c, y + 50 * r, x + 100 * c + 100, y + 50 * r + 50))
        for r, row in enumerate(texts)
        for c, text in enumerate(row)
    )
    return Table(union(cell.bbox for cell in cells), cells)


ABOVE, BELOW = word("above", 0, 0), word("below", 0, 400)
TABLE = grid(0, 100, [["a", "b"], ["c", "d"]])
A, B, C, D = (
    word(text, x, y) for text, x, y in [("a", 5, 110), ("b", 105, 110), ("c", 5, 160), ("d", 105, 160)]
)


def texts(blocks: Iterable[Block]) -> list[tuple[Role, str]]:
    return [(each.role, block_text(each)) for each in blocks]


def test_a_table_in_the_middle_of_a_block_parts_it() -> None:
    blocks, tables = with_tables([block([ABOVE], [A, B], [C, D], [BELOW])], [TABLE])
    assert texts(blocks) == [
        (Role.PARAGRAPH, "above"),
        (Role.TABLE, "a b\nc d"),
        (Role.PARAGRAPH, "below"),
    ]
    assert tables == (TABLE,)


def test_columns_that_were_read_as_blocks_become_rows() -> None:
    blocks, _ = with_tables([block([ABOVE]), block([A], [C]), block([B], [D]), block([BELOW])], [TABLE])
    assert texts(blocks)[1] == (Role.TABLE, "a b\nc d")
    assert [each.role for each in blocks] == [Role.PARAGRAPH, Role.TABLE, Role.PARAGRAPH]


def test_lines_are_those_of_the_page_whatever_cells_they_run_through() -> None:
    more = word("more", 5, 130)
    blocks, _ = with_tables([block([A, B], [more], [C, D])], [TABLE])
    assert texts(blocks) == [(Role.TABLE, "a b\nmore\nc d")]


def test_a_word_in_no_cell_is_in_the_column_that_is_nearest() -> None:
    table = replace(TABLE, cells=tuple(cell for cell in TABLE.cells if cell.text != "b"))
    blocks, _ = with_tables([block([B, A], [C, D])], [table])
    assert texts(blocks) == [(Role.TABLE, "a b\nc d")]


@pytest.mark.timeout(10)
def test_a_large_spreadsheet_is_put_in_its_place() -> None:
    rows, columns = 250, 25
    page = [block([word("12", 100 * c + 5, 50 * r + 10) for c in range(columns)]) for r in range(rows)]
    blocks, _ = with_tables(page, [grid(0, 0, [["12"] * columns] * rows)])
    assert [len(line.words) for line in blocks[0].lines] == [columns] * rows


def test_tables_come_in_the_order_of_their_blocks() -> None:
    right, left = grid(500, 0, [["r", "s"]]), grid(0, 300, [["l", "m"]])
    page = [block([word("l", 5, 310), word("m", 105, 310)]), block([word("r", 505, 10), word("s", 605, 10)])]
    blocks, tables = with_tables(page, [right, left])
    assert texts(blocks) == [(Role.TABLE, "l m"), (Role.TABLE, "r s")]
    assert tables == (left, right)


def test_a_word_in_two_tables_is_in_the_first_alone() -> None:
    blocks, tables = with_tables([block([A, B], [C, D])], [TABLE, grid(0, 150, [["c", "d"]])])
    assert texts(blocks) == [(Role.TABLE, "a b\nc d")]
    assert tables == (TABLE,)


def test_what_is_left_of_a_block_keeps_its_role_and_gets_a_box_of_its_own() -> None:
    blocks, _ = with_tables([block([ABOVE], [A, B], role=Role.LIST_ITEM)], [TABLE])
    assert (blocks[0].role, blocks[0].bbox) == (Role.LIST_ITEM, ABOVE.bbox)


def test_without_tables_nothing_changes() -> None:
    page = (block([ABOVE], [BELOW]),)
    assert with_tables(page, []) == (page, ())


places = st.builds(word, st.text("abc", min_size=1, max_size=3), st.integers(0, 600), st.integers(0, 600))
pages = st.lists(st.lists(st.lists(places, min_size=1, max_size=4), min_size=1, max_size=4), max_size=5)
grids = st.builds(
    lambda x, y, rows, columns: grid(x, y, [["t"] * columns] * rows),
    st.integers(0, 400),
    st.integers(0, 400),
    st.integers(1, 4),
    st.integers(1, 4),
)


@given(pages, st.lists(grids, max_size=3))
def test_no_word_is_lost_or_doubled(page: list[list[list[Word]]], tables: list[Table]) -> None:
    before = [block(*lines) for lines in page]
    after, kept = with_tables(before, tables)
    assert Counter(words(after)) == Counter(words(before))
    assert sum(each.role is Role.TABLE for each in after) == len(kept)
    assert all(each.lines and all(line.words for line in each.lines) for each in after)
