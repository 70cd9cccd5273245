import pytest

from common.document.geometry import Box
from common.document.page import Block, Engine, Line, Page, Role, Word
from workers.export.xml_page import Names, fit_for_xml, is_blank_between

BOX = Box(0, 0, 1, 1)


def line(*texts: str) -> Line:
    return Line(tuple(Word(text, BOX, 0.9) for text in texts), BOX)


def test_words_and_lines_of_illegal_characters_alone_are_left_out() -> None:
    figure = Block((), BOX, Role.FIGURE)
    page = Page(9, 9, Engine.VLM, (Block((line("a\x0bb", "\x00", " "), line("\x08")), BOX), figure))
    assert fit_for_xml(page).blocks == (Block((line("ab"),), BOX), figure)


def test_a_page_that_fits_stays_as_it_is() -> None:
    page = Page(9, 9, Engine.VLM, (Block((line("one", "two"),), BOX),), rotation=90)
    assert fit_for_xml(page) == page


@pytest.mark.parametrize(
    ("left", "right", "is_blank"),
    [
        ("one", "two", True),
        ("中", "文", False),
        ("ไทย", "ไทย", False),
        ("word", "中", True),
        ("한글", "한글", True),
    ],
)
def test_words_are_apart_where_their_script_has_blanks(left: str, right: str, is_blank: bool) -> None:
    assert is_blank_between(Word(left, BOX, 1.0), Word(right, BOX, 1.0)) is is_blank


def test_names_count_by_kind() -> None:
    names = Names(3)
    assert [names.page, names.next("word"), names.next("line"), names.next("word")] == [
        "page_3",
        "word_3_1",
        "line_3_1",
        "word_3_2",
    ]
