# ruff: noqa: RUF001 - the signs of other scripts

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.document.direction_controls import without_direction_controls
from common.document.formula_cells import harmless, harmless_row

FORMULAS = [
    "=1+1",
    "=HYPERLINK(A1)",
    "+1+1",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\tx",
    "\rx",
    " =1+1",
    "\ufeff=1+1",
    "\u200b@SUM(A1)",
    "＝1+1",
    "-A1",
    "+A1:B2",
    "-3,5;7-2",
    "=5",
    "@5",
    "+49-30-1234",
    "-SUM(1,2)",
    "- see below",
]
PLAIN = [
    "-12.5",
    " -5",
    "+3",
    "1,200",
    "-1,200.00",
    "-1.200,00",
    "-1 200",
    "-1\u202f200,5",
    "-1'200.50",
    "-.5",
    "-3e-5",
    "-1E+10",
    "-5%",
    "- 5 %",
    "-$12.00",
    "-€ 5",
    "$-5",
    "-12 €",
    "-12.50 EUR",
    "-US$5",
    "-٣",
    "-",
    "--",
    "+",
    "",
    "a=b",
    "12:30",
    "mail@example.org",
    "−5",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("blanks", ["", " ", '"', "\u200b", "\ufeff ", '\u00a0"'])
@pytest.mark.parametrize("separator", [*";\t\n\r\v\f\x1c\x85\u2028\u2029", "\r\n", "; ;"])
@pytest.mark.parametrize("formula", ["=WEBSERVICE(A1)", "-2+3", "@A1", "＝1"])
def test_a_formula_gets_one_wherever_a_spreadsheet_may_cut(formula: str, separator: str, blanks: str) -> None:
    assert harmless(f"x{separator}{blanks}{formula};y") == f"x{separator}'{blanks}{formula};y"


def test_a_break_at_the_beginning_may_be_dropped_or_cut_at() -> None:
    assert harmless("\t=1+1") == "'\t'=1+1"
    assert harmless("\n=1") == "'\n'=1"


@pytest.mark.parametrize("text", ["from;-5;+3;to", "a; -5 €; -;-1,5", "one\n-5", "a;b=c\td@e", "1;2"])
def test_numbers_stay_wherever_a_spreadsheet_may_cut(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("control", ["\u202a", "\u202e", "\u2066", "\u2069"])
def test_nothing_turns_the_direction_of_what_follows(control: str) -> None:
    assert harmless(f"{control}gpj{control}.exe") == "gpj.exe"
    assert harmless(f"{control}=1") == harmless("=1")


def test_marks_of_direction_which_turn_nothing_stay() -> None:
    assert harmless("a\u200eb\u200f") == "a\u200eb\u200f"


@pytest.mark.parametrize("text", PLAIN)
def test_numbers_and_harmless_texts_stay(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (["-5", "3*F(A1)"], ["-5", "'3*F(A1)"]),
        (["-", "5*F(A1)", "x"], ["-", "'5*F(A1)", "x"]),
        (["+1", "3*2", "5*F(A1)"], ["+1", "3*2", "'5*F(A1)"]),
        (["a;-5", "3|A1!B"], ["a;-5", "'3|A1!B"]),
        (["-5", " 3-A1"], ["-5", "' 3-A1"]),
    ],
)
def test_a_formula_gets_one_where_the_comma_is_that_of_decimals(row: list[str], expected: list[str]) -> None:
    assert harmless_row(row) == expected


@pytest.mark.parametrize(
    "row",
    [
        ["-5", "3", "-1.5", "2024-01-05", "12:30", "2 apples", "Apples (3)", ""],
        ["5", "3*F(A1)", "-5", "3*F(A1)"],
        ["x;-5;y", "3*F(A1)"],
    ],
)
def test_rows_that_begin_no_formula_stay(row: list[str]) -> None:
    assert harmless_row(row) == row


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_stays(number: float) -> None:
    assert harmless(str(number)) == str(number)
    assert harmless(f"{number:+,}") == f"{number:+,}"


@given(st.text("=+-@ ;\t\r\n'\"0123456789.,%$€EURe(A", min_size=1, max_size=12))
def test_what_stays_calculates_nothing(text: str) -> None:
    for cell in re.split(r"[;\t\r\n]", harmless(text)):
        bare = cell.strip(' "')
        sign, rest = bare[:1], re.sub(r"(?<=[\d.,])[eE][+-]?\d", "", bare[1:])
        if sign in set("=+-@") and not cell.startswith('"'):
            assert not set(rest.lstrip("+-")) & set("=@(+-")


@given(st.text())
def test_nothing_is_lost(text: str) -> None:
    assert harmless(text).replace("'", "") == without_direction_controls(text).replace("'", "")
