"""Tables found on drawn pages, and none where there is none."""

from collections.abc import Callable

import pytest

from common.document.geometry import Box
from common.document.page import Table, Word
from common.document.table_grid import table_rows
from common.reading.tables.finding import find_tables
from tests.unit.reading.tables.drawn import SIZE, Sheet, prose, table

FRUIT = (
    ("Fruit", "Price", "Stock", "Sold"),
    ("Apple", "1.20", "140", "35"),
    ("Pear", "2.45", "80", "12"),
    ("Quince", "3.10", "16", "2"),
    ("Damson plum", "0.95", "300", "211"),
)
EDGES = (300, 900, 1300, 1700, 2100)


def found(sheet: Sheet, *, seek: bool = False) -> tuple[Table, ...]:
    return find_tables(sheet.words, SIZE, image=lambda: sheet.image, seek=seek)


def only(sheet: Sheet, *, seek: bool = False) -> Table:
    tables = found(sheet, seek=seek)
    assert len(tables) == 1, [table_rows(each) for each in tables]
    return tables[0]


@pytest.mark.parametrize("upright", [True, False], ids=["with upright rules", "without"])
@pytest.mark.parametrize(
    "across", [(), (0, 1, 5), tuple(range(6))], ids=["no rules", "book rules", "all rules"]
)
def test_the_same_rows_with_any_rules(across: tuple[int, ...], upright: bool) -> None:
    sheet = table(FRUIT, edges=EDGES, across=across, upright=upright)
    assert table_rows(only(sheet)) == [list(row) for row in FRUIT]


def test_a_table_among_prose_is_found_alone() -> None:
    sheet = table(FRUIT, edges=EDGES, top=1400)
    prose(sheet, 300, 300, 12)
    prose(sheet, 300, 2100, 12)
    assert table_rows(only(sheet)) == [list(row) for row in FRUIT]


def test_a_table_in_one_of_two_columns_is_found_alone() -> None:
    sheet = table(FRUIT, edges=(200, 560, 760, 960, 1160), top=1000)
    prose(sheet, 200, 300, 8, width=7)
    prose(sheet, 1350, 300, 30, width=7)
    assert table_rows(only(sheet)) == [list(row) for row in FRUIT]


def test_boxes_are_on_the_page_around_their_words() -> None:
    sheet = table(FRUIT, edges=EDGES, across=tuple(range(6)), upright=True)
    quince = next(cell for cell in only(sheet).cells if cell.text == "Quince")
    word = next(word for word in sheet.words if word.text == "Quince")
    assert quince.bbox.x0 <= word.bbox.x0 < word.bbox.x1 <= quince.bbox.x1
    assert quince.bbox.y0 <= word.bbox.y0 < word.bbox.y1 <= quince.bbox.y1
    assert abs(quince.bbox.x0 - EDGES[0]) < 12 and abs(quince.bbox.x1 - EDGES[1]) < 12


def test_the_image_may_be_of_another_size_than_the_page() -> None:
    sheet = table(FRUIT, edges=EDGES, across=tuple(range(6)), upright=True)
    small = sheet.image.reduce(2)
    tables = find_tables(sheet.words, SIZE, image=lambda: small)
    assert [table_rows(each) for each in tables] == [[list(row) for row in FRUIT]]


def test_without_an_image_columns_of_values_suffice() -> None:
    sheet = table(FRUIT, edges=EDGES)
    assert [table_rows(each) for each in find_tables(sheet.words, SIZE)] == [[list(row) for row in FRUIT]]


def test_lines_of_one_ruled_cell_are_one_text() -> None:
    sheet = table(FRUIT, edges=EDGES, pitch=160, across=tuple(range(6)), upright=True)
    sheet.write(EDGES[0] + 20, 800 + 3 * 160 + 80, "from Portugal")
    assert table_rows(only(sheet))[3] == ["Quince from Portugal", "3.10", "16", "2"]


def test_rows_between_two_rules_are_told_by_their_values() -> None:
    sheet = table(FRUIT, edges=EDGES, across=(0, 1, 5), upright=True)
    assert len(table_rows(only(sheet))) == 5


def test_a_label_that_goes_on_in_the_next_line_is_one_cell() -> None:
    rows = (*FRUIT[:3], ("Quince and other", "3.10", "16", "2"), ("rare fruits", "", "", ""), FRUIT[4])
    sheet = table(rows, edges=EDGES, across=(0, 1, 6), pitch=64)
    assert table_rows(only(sheet))[3] == ["Quince and other rare fruits", "3.10", "16", "2"]


def test_a_head_of_several_lines_is_one_row() -> None:
    rows = (("", "Price", "In", "Sold"), ("Fruit", "each", "stock", "today"), *FRUIT[1:])
    sheet = table(rows, edges=EDGES, across=(0, 2, 6), pitch=64)
    assert table_rows(only(sheet))[0] == ["Fruit", "Price each", "In stock", "Sold today"]


def test_a_name_with_a_rule_below_it_is_for_the_columns_under_the_rule() -> None:
    rows = (("", "", "", ""), *FRUIT)
    sheet = table(rows, edges=EDGES, across=(0, 2, 6), pitch=64)
    sheet.write(1560, 810, "Items")
    sheet.rule(1420, 866, 2080, 866)
    items = next(cell for cell in only(sheet).cells if cell.text == "Items")
    assert (items.column, items.column_span) in {(2, 2), (1, 3)}
    assert "Stock" in {cell.text for cell in only(sheet).cells}


def test_values_between_rules_are_rows_beside_a_label_of_more_lines() -> None:
    rows = [("", "low", "1"), ("", "mid", "2"), ("", "high", "3")]
    sheet = Sheet()
    table([*rows, *rows, *rows], edges=(300, 900, 1300, 1700), across=(0, 3, 6, 9), upright=True, sheet=sheet)
    for group, label in enumerate(("Fuel used", "Time lost", "Both at once")):
        first, second = label.split(maxsplit=1)
        sheet.write(320, 850 + group * 240, first)
        sheet.write(320, 930 + group * 240, second)
    cells = only(sheet).cells
    assert [cell.text for cell in cells if cell.column == 2] == ["1", "2", "3"] * 3
    assert [(cell.text, cell.row_span) for cell in cells if cell.column == 0] == [
        ("Fuel used", 3),
        ("Time lost", 3),
        ("Both at once", 3),
    ]


def test_a_cell_over_two_ruled_columns_spans_them() -> None:
    sheet = table(FRUIT, edges=EDGES, across=tuple(range(6)), upright=True, top=880)
    for x in EDGES[:1] + EDGES[-1:]:
        sheet.rule(x, 800, x, 880)
    sheet.rule(EDGES[0], 800, EDGES[-1], 800)
    sheet.rule(EDGES[1], 800, EDGES[1], 880)
    sheet.rule(EDGES[2], 800, EDGES[2], 880)
    sheet.write(1420, 810, "Number of items")
    spanning = next(cell for cell in only(sheet).cells if cell.text == "Number of items")
    assert (spanning.row, spanning.column, spanning.row_span, spanning.column_span) == (0, 2, 1, 2)


def test_a_cell_over_two_ruled_rows_spans_them() -> None:
    sheet = Sheet()
    rows = (("Year", "Sex", "Share"), ("1991", "Men", "48.4"), ("", "Women", "77.4"), ("1996", "Men", "51.0"))
    table(rows, edges=(300, 700, 1200, 1700), values_from=3, sheet=sheet)
    for y in (800, 880, 960, 1040, 1120):
        sheet.rule(700 if y == 960 else 300, y, 1700, y)
    for x in (300, 700, 1200, 1700):
        sheet.rule(x, 800, x, 1120)
    year = next(cell for cell in only(sheet).cells if cell.text == "1991")
    assert (year.row, year.row_span) == (1, 2)


def test_text_columns_in_a_drawn_grid_are_a_table() -> None:
    rows = (("Term", "Meaning"), ("Recto", "The front of a leaf"), ("Verso", "Its back"))
    sheet = table(rows, edges=(300, 800, 2000), across=range(4), upright=True, values_from=2)
    assert table_rows(only(sheet)) == [list(row) for row in rows]


def test_letters_are_no_rules() -> None:
    rows = (("Il Illl", "1.20", "11"), ("llll Il", "2.45", "80"), ("Hill IIII", "3.10", "16"))
    sheet = table(rows, edges=(300, 900, 1300, 1700), across=range(4), upright=True)
    assert table_rows(only(sheet)) == [list(row) for row in rows]


def test_a_rule_that_was_read_as_a_bar_is_in_no_cell() -> None:
    sheet = table(FRUIT, edges=EDGES, across=tuple(range(6)), upright=True)
    sheet.words.append(Word("|", Box(895, 895, 905, 935), 0.4))
    assert table_rows(only(sheet)) == [list(row) for row in FRUIT]


def test_arabic_columns_are_counted_from_the_right() -> None:
    sheet = Sheet()
    rows = (("السعر", "الفاكهة"), ("120", "تفاح"), ("245", "كمثرى"), ("310", "سفرجل"))
    table(rows, edges=(600, 1100, 1700), across=range(5), upright=True, sheet=sheet)
    assert table_rows(only(sheet)) == [list(reversed(row)) for row in rows]


def test_a_page_without_columns_is_not_rendered() -> None:
    sheet = Sheet()
    prose(sheet, 300, 300, 30)

    def never() -> None:
        raise AssertionError("asked for the image")

    assert find_tables(sheet.words, SIZE, image=never) == ()  # type: ignore[arg-type]


def two_columns() -> Sheet:
    sheet = Sheet()
    prose(sheet, 200, 300, 35, width=7)
    prose(sheet, 1350, 300, 35, width=7)
    return sheet


def three_columns() -> Sheet:
    sheet = Sheet()
    for x in (150, 930, 1710):
        prose(sheet, x, 300, 35, width=5)
    return sheet


def contents() -> Sheet:
    sheet = Sheet()
    for index, title in enumerate(("Foreword", "The sea", "The long way home", "Winter", "Spring", "Index")):
        y = 600 + index * 80
        sheet.write(300, y, f"{index + 1}.", align="left")
        sheet.write(420, y, title)
        sheet.write(2000, y, str(7 + 13 * index), align="right")
    return sheet


def dotted_contents() -> Sheet:
    sheet = Sheet()
    for index, title in enumerate(("Foreword", "The sea", "The long way", "Winter", "Spring", "Index")):
        sheet.write(300, 600 + index * 80, title)
        sheet.write(900, 600 + index * 80, "." * 60)
        sheet.write(2100, 600 + index * 80, str(7 + 13 * index), align="right")
    return sheet


def form() -> Sheet:
    sheet = Sheet()
    labels = (("Name:", "Ann Smith", "Born:", "1971"), ("Street:", "Elm Row 7", "Town:", "Leeds"))
    for index, row in enumerate((*labels, *labels)):
        for x, text in zip((300, 700, 1300, 1700), row, strict=True):
            sheet.write(x, 600 + index * 90, text)
        sheet.rule(700, 655 + index * 90, 1200, 655 + index * 90)
    return sheet


def addresses() -> Sheet:
    sheet = Sheet()
    lines = (("Mr. Adam Bell", "Ms. Carol Dunn"), ("12 Long Lane", "The Old Mill"), ("Leeds", "York"))
    for index, row in enumerate(lines):
        sheet.write(300, 400 + index * 70, row[0])
        sheet.write(1500, 400 + index * 70, row[1])
    prose(sheet, 300, 800, 10)
    return sheet


def receipt() -> Sheet:
    sheet = Sheet()
    sheet.write(600, 300, "CORNER SHOP")
    items = (
        ("Milk 1l", "1.20"),
        ("Brown bread", "2.45"),
        ("Eggs", "3.10"),
        ("TOTAL", "6.75"),
        ("Cash", "10.00"),
    )
    for index, (item, price) in enumerate(items):
        sheet.write(300, 500 + index * 70, item)
        sheet.write(1200, 500 + index * 70, price, align="right")
    sheet.rule(300, 702, 1200, 702)
    return sheet


def numbered_list() -> Sheet:
    sheet = Sheet()
    for index in range(8):
        sheet.write(300, 400 + index * 80, f"{index + 1}.")
        prose(sheet, 400, 400 + index * 80, 1)
    return sheet


def framed_prose() -> Sheet:
    sheet = Sheet()
    prose(sheet, 320, 340, 12)
    for x0, y0, x1, y1 in ((300, 300, 2200, 300), (300, 1200, 2200, 1200)):
        sheet.rule(x0, y0, x1, y1)
    for x in (300, 2200):
        sheet.rule(x, 300, x, 1200)
    return sheet


@pytest.mark.parametrize(
    "page",
    [
        two_columns,
        three_columns,
        contents,
        dotted_contents,
        form,
        addresses,
        receipt,
        numbered_list,
        framed_prose,
    ],
)
def test_what_is_set_in_columns_without_being_a_table_is_none(page: Callable[[], Sheet]) -> None:
    assert [table_rows(each) for each in found(page())] == []


@pytest.mark.parametrize("page", [contents, form, receipt])
def test_what_may_be_a_table_is_one_when_sought(page: Callable[[], Sheet]) -> None:
    assert found(page(), seek=True)


def test_an_empty_page_has_no_tables() -> None:
    assert find_tables([], SIZE, seek=True) == ()
