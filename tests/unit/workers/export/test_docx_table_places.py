from hypothesis import given
from hypothesis import strategies as st

from common.document.geometry import Box
from common.document.page import Cell, Table
from workers.export.formats.word.table_places import table_places, table_size

BOX = Box(0, 0, 10, 10)

cells = st.builds(
    Cell,
    row=st.integers(0, 4),
    column=st.integers(0, 4),
    text=st.uuids().map(str),
    bbox=st.just(BOX),
    row_span=st.integers(1, 3),
    column_span=st.integers(1, 3),
)


def test_places_without_a_cell_are_empty() -> None:
    (row,) = table_places(Table(BOX, (Cell(0, 1, "b", BOX),)))
    assert [place.texts for place in row] == [[], ["b"]]


def test_a_cell_that_spans_rows_stands_in_each_of_them() -> None:
    tall, below = table_places(Table(BOX, (Cell(0, 0, "a", BOX, row_span=2),)))
    assert tall[0] is below[0]


def test_two_cells_at_one_place_become_one() -> None:
    ((place,),) = table_places(Table(BOX, (Cell(0, 0, "a", BOX), Cell(0, 0, "b", BOX))))
    assert place.texts == ["a", "b"]


@given(st.lists(cells, max_size=8).map(tuple))
def test_every_row_is_filled_and_no_text_is_lost_however_cells_overlap(some: tuple[Cell, ...]) -> None:
    table = Table(BOX, some)
    height, width = table_size(table)
    rows = table_places(table)
    assert [sum(place.column_span for place in row) for row in rows] == [width] * height
    seen = {id(place): place for row in rows for place in row}
    assert sorted(text for place in seen.values() for text in place.texts) == sorted(c.text for c in some)
