"""Where the values of an answer stand on pages whose words are known."""

# ruff: noqa: RUF001 - letters and digits of other scripts

import re
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.document.extraction import Extraction
from common.document.geometry import Box, union
from common.document.page import Block, Cell, Line, Table, Word
from workers.ocr_vlm.extraction.placing import placed, places

PITCH, WIDTH, HEIGHT = 30, 10, 20


def page(text: str) -> tuple[Block, ...]:
    """Each character at its place in a grid; an empty line parts blocks."""
    blocks, rows = [], []
    for number, row in enumerate([*text.strip("\n").splitlines(), ""]):
        words = tuple(
            Word(found[0], Box(*box_at(number, found.start(), found.end())), 0.5 + 0.5 * (number % 2))
            for found in re.finditer(r"\S+", row)
        )
        if words:
            rows.append(Line(words, union(word.bbox for word in words)))
        elif rows:
            blocks.append(Block(tuple(rows), union(line.bbox for line in rows)))
            rows = []
    return tuple(blocks)


def box_at(row: int, start: int, end: int) -> tuple[int, int, int, int]:
    return start * WIDTH, row * PITCH, end * WIDTH, row * PITCH + HEIGHT


def spots(answer: Any, text: str) -> dict[str, tuple[int, str]]:
    """By pointer, the line in which the value was found, and what it has there."""
    found = places(answer, page(text), ())
    return {place.pointer: (place.bbox.y0 // PITCH, place.text) for place in found}


def spot(value: Any, text: str, name: str = "value") -> tuple[int, str] | None:
    return spots({name: value}, text).get(f"/{name}")


@pytest.mark.parametrize(
    "printed",
    [
        "1.234,56",
        "1,234.56",
        "1 234,56",
        "1'234.56",
        "€1,234.56",
        "1.234,56€",
        "EUR1.234,56",
        "$1,234.56",
        "1234.56",
        "١٬٢٣٤٫٥٦",
        "१,२३४.५६",
        "Total:1.234,56",
        "1234,56,",
    ],
)
def test_a_number_is_found_as_any_nation_writes_it(printed: str) -> None:
    assert spot(1234.56, f"one two\nSum {printed}") == (1, printed)


@pytest.mark.parametrize(
    "value, printed",
    [
        (-5, "-5"),
        (-12.4, "12,40-"),
        (-12.4, "(12.40)"),
        (-12.4, "- 12.40"),
        (19, "19%"),
        (0.19, "19 %"),
        (12, "12,-"),
        (1234567, "12,34,567"),
        (1234, "1.234"),
        (1.234, "1.234"),
        (500, "500g"),
        (2, "2x"),
    ],
)
def test_a_number_is_found_with_what_stands_at_it(value: float, printed: str) -> None:
    found = spot(value, f"other words\nvalue {printed} here")
    assert found is not None and found[0] == 1
    assert found[1] in (printed, printed.replace(" %", ""))


@pytest.mark.parametrize("printed", ["1234", "12.345", "112.34", "12.34.56", "RE-12.34-7", "2012.34"])
def test_another_number_is_no_place(printed: str) -> None:
    assert spot(12.34, f"value {printed}") is None


@pytest.mark.parametrize(
    "printed",
    [
        "22.11.2026",
        "22/11/26",
        "2026-11-22",
        "11/22/2026",
        "Nov 22, 2026",
        "22. November 2026",
        "22 novembre 2026",
        "22 de noviembre de 2026",
        "22 листопада 2026",
        "22 Kasım 2026",
        "2026年11月22日",
        "22-NOV-26",
        "20261122",
    ],
)
def test_a_date_is_found_as_people_write_it(printed: str) -> None:
    assert spot("2026-11-22", f"Letter 4\non {printed} at 7") == (1, printed)


@pytest.mark.parametrize("printed", ["22.12.2026", "22 October 2026", "23/11/26", "22 11"])
def test_another_date_is_no_place(printed: str) -> None:
    assert spot("2026-11-22", f"Date: {printed}") is None


@pytest.mark.parametrize("printed", ["14:32", "14.32", "14h32", "2:32 PM", "14:32:10"])
def test_a_time_is_found(printed: str) -> None:
    assert spot("14:32", f"at {printed} sharp") == (0, printed)


def test_a_date_with_a_time_has_both() -> None:
    assert spot("2026-11-22T14:32:00", "on 22.11.2026 14:32 in 4") == (0, "22.11.2026\n14:32")


def test_a_text_over_several_lines_is_found_whole() -> None:
    text = "Seller\nHarbour Street 12\n10115 Berlin\nGermany"
    assert spot("Harbour Street 12, 10115 Berlin", text) == (1, "Harbour Street 12 10115 Berlin")


def test_case_accents_and_punctuation_make_no_difference() -> None:
    assert spot("Cafe Zurich GmbH", "Bill\nCAFÉ ZÜRICH, GmbH.") == (1, "CAFÉ ZÜRICH, GmbH.")


def test_a_text_that_was_read_with_mistakes_is_found() -> None:
    assert spot("Harbour Market Limited", "To\nHarb0ur Markct Limited\nhere") == (1, "Harb0ur Markct Limited")


def test_a_number_among_letters_must_be_the_same() -> None:
    assert spot("RE-2044", "Invoice RE-2043") is None


@pytest.mark.parametrize("value", ["Zanzibar Holdings", "x", None, True, False, "", "—", 77])
def test_what_the_page_does_not_say_has_no_place(value: Any) -> None:
    assert spot(value, "Harbour Market\nTotal 12.40") is None


def test_a_text_of_parts_that_stand_apart_is_found_around_them() -> None:
    text = "Copper Works      Page 4\nHarbour Street 12   Copy\n10115 Berlin      Old"
    found = places({"seller": "Copper Works, Harbour Street 12, 10115 Berlin"}, page(text), ())
    assert [place.text for place in found] == ["Copper Works\nHarbour Street 12\n10115 Berlin"]
    assert found[0].bbox == Box(0, 0, 170, 2 * PITCH + HEIGHT)


def test_values_go_to_what_they_are_called() -> None:
    text = "Subtotal 12.40\nTotal due 12.40\nCash 12.40"
    found = spots({"subtotal": 12.4, "cash": 12.4, "total_due": 12.4}, text)
    assert {pointer: row for pointer, (row, _) in found.items()} == {
        "/subtotal": 0,
        "/cash": 2,
        "/total_due": 1,
    }


def test_names_above_a_value_count_too() -> None:
    text = "Invoice no   Customer no\n4711         4711"
    found = places({"customerNo": "4711", "invoiceNo": "4711"}, page(text), ())
    assert [place.bbox.x0 for place in found] == [130, 0]


ITEMS = """
2  Tea     6.20  12.40
1  Cake    3.20   3.20
1  Cake    3.20   3.20
2  Bread   1.00   2.00

Total            20.80
Cash             20.80
"""


def test_values_of_an_item_stand_in_its_line() -> None:
    items = [
        {"quantity": 2, "name": "Tea", "price": 6.2, "amount": 12.4},
        {"quantity": 1, "name": "Cake", "price": 3.2, "amount": 3.2},
        {"quantity": 1, "name": "Cake", "price": 3.2, "amount": 3.2},
        {"quantity": 2, "name": "Bread", "price": 1, "amount": 2},
    ]
    found = places({"items": items, "total": 20.8}, page(ITEMS), ())
    at = {place.pointer: place.bbox for place in found}
    assert len(at) == 17
    for row in range(4):
        assert {at[f"/items/{row}/{name}"].y0 for name in items[0]} == {row * PITCH}
        assert at[f"/items/{row}/price"].x0 < at[f"/items/{row}/amount"].x0
    assert at["/items/3/quantity"].x0 == 0
    assert at["/total"].y0 == 5 * PITCH


def test_items_whose_values_are_numbers_alone_are_found_by_their_order() -> None:
    text = "Rate  Tax\n7%   1.40\n19%  1.40"
    found = spots({"taxes": [{"rate": 7, "amount": 1.4}, {"rate": 19, "amount": 1.4}]}, text)
    assert [found[f"/taxes/{row}/{name}"][0] for row in (0, 1) for name in ("rate", "amount")] == [1, 1, 2, 2]


def test_a_cell_of_several_lines_is_in_the_row_of_its_table() -> None:
    text = "Velvet cake 1\nof the house\nsince 1900      4.50\n\nTea 1           4.50"
    blocks = page(text)
    cells = (
        Cell(0, 0, "Velvet cake 1 of the house since 1900", Box(0, 0, 130, 80)),
        Cell(0, 1, "4.50", Box(160, 0, 200, 80)),
        Cell(1, 0, "Tea 1", Box(0, 120, 130, 140)),
        Cell(1, 1, "4.50", Box(160, 120, 200, 140)),
    )
    table = Table(Box(0, 0, 200, 140), cells)
    found = places({"items": [{"name": "Velvet cake", "amount": 4.5}]}, blocks, (table,))
    assert {place.pointer: place.bbox.y0 for place in found} == {"/items/0/name": 0, "/items/0/amount": 60}


def test_a_small_number_without_its_name_has_no_place() -> None:
    assert spot(2, "Harbour 2 Market\nRoom 2", "guests") is None
    assert spot(2, "Harbour 2 Market\nGuests: 2", "guests") == (1, "2")


def test_a_currency_is_found_by_its_sign() -> None:
    assert spot("EUR", "Total 12.40 €") == (0, "€")
    assert spot("USD", "Tea $2.40\nCake $2.60") == (0, "$2.40")
    assert spot("EUR", "Total EUR 12.40") == (0, "EUR")


def test_scripts_without_blanks_are_searched_inside_of_words() -> None:
    assert spot("東京都港区", "住所:東京都港区芝公園 4") == (0, "住所:東京都港区芝公園")


def test_confidence_is_that_of_the_words() -> None:
    (found,) = places({"by": "Harbour Market"}, page("To\nHarbour\nMarket"), ())
    assert found.confidence == pytest.approx((7 * 1.0 + 6 * 0.5) / 13, abs=1e-4)


def test_pointers_are_escaped() -> None:
    (found,) = places({"a/b~": ["Harbour"]}, page("Harbour"), ())
    assert found.pointer == "/a~1b~0/0"


def test_an_answer_that_is_one_value_has_the_empty_pointer() -> None:
    (found,) = places("Harbour", page("The Harbour"), ())
    assert (found.pointer, found.text) == ("", "Harbour")


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
        | st.sampled_from(("Tea", "3.20", "2026-02-30", "2026-02-20T25:61", "99:99", "EUR", ",,;", "1,")),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=4)
        ),
    ),
    st.sampled_from((ITEMS, "1", "٫ -- (", "½ ² ① 3,20", "\u0301 \u200b")),
)
def test_whatever_the_answer_every_place_is_on_the_page(answer: Any, text: str) -> None:
    for place in placed(Extraction(orjson.dumps(answer).decode()), page(text), ()).places:
        assert place.text and place.bbox.x1 > place.bbox.x0 and 0 <= place.confidence <= 1


def test_an_empty_page_has_no_places() -> None:
    assert places({"a": "b", "c": [1]}, (), ()) == ()
