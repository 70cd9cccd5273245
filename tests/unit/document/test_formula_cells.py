# ruff: noqa: RUF001 - the signs of other scripts

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.document.formula_cells import harmless

FORMULAS = [
    "=1+1",
    "=HYPERLINK(A1)",
    "+1+1",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1+1",
    "\tx",
    "\rx",
    "\n=1",
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


@pytest.mark.parametrize("text", PLAIN)
def test_numbers_and_harmless_texts_stay(text: str) -> None:
    assert harmless(text) == text


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_stays(number: float) -> None:
    assert harmless(str(number)) == str(number)
    assert harmless(f"{number:+,}") == f"{number:+,}"


@given(st.text("=+-@ \t\r\n'0123456789.,%$€EURe(A", min_size=1, max_size=12))
def test_what_stays_calculates_nothing(text: str) -> None:
    sign, rest = text.strip()[:1], re.sub(r"(?<=[\d.,])[eE][+-]?\d", "", text.strip()[1:])
    if harmless(text) == text and sign in set("=+-@"):
        assert not set(rest.lstrip("+-")) & set("=@(+-")


@given(st.text())
def test_nothing_is_lost(text: str) -> None:
    assert harmless(text).removeprefix("'") == text.removeprefix("'")
