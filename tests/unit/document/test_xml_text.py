import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from common.document.xml_text import legal


@pytest.mark.parametrize(
    "illegal", ["\x00", "\x08", "\x0b", "\x0c", "\x1f", "\ud800", "\udfff", "\ufffe", "\uffff"]
)
def test_characters_that_xml_forbids_are_dropped(illegal: str) -> None:
    assert legal(f"a{illegal}b") == "ab"


@pytest.mark.parametrize("control", [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"])
def test_controls_that_turn_the_direction_are_dropped(control: str) -> None:
    assert legal(f"gpj{control}.exe") == "gpj.exe"


@pytest.mark.parametrize(
    "text", ["a\u200eb\u200f", "a\tb\nc\r", "é", "\x7f", "\u0085", "\ue000", "\ufffd", "😀", "\U0010ffff"]
)
def test_all_other_characters_stay(text: str) -> None:
    assert legal(text) == text


@given(st.text(st.characters()))
def test_whatever_is_left_fits_into_an_element(text: str) -> None:
    element = etree.Element("e")
    element.text = legal(text)
    assert etree.fromstring(etree.tostring(element)) is not None
