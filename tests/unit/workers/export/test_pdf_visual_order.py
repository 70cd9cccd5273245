"""Words of a line and their letters from left to right."""

import pytest

from common.document.geometry import Box
from common.document.page import Word
from workers.export.formats.searchable_pdf.visual_order import in_visual_order

MARK = "\u200f"


def from_the_right(*texts: str) -> tuple[Word, ...]:
    """Each to the left of the one before."""
    return tuple(Word(text, Box(900 - 100 * i, 0, 980 - 100 * i, 30), 0.9) for i, text in enumerate(texts))


def from_the_left(*texts: str) -> tuple[Word, ...]:
    return tuple(Word(text, Box(100 * i, 0, 100 * i + 80, 30), 0.9) for i, text in enumerate(texts))


def drawn(words: tuple[Word, ...]) -> list[str]:
    return [word.text for word in in_visual_order(words)]


def test_a_leftward_line_stands_from_its_end_to_its_beginning() -> None:
    assert drawn(from_the_right("אבג", "דה")) == ["הד", "גבא"]


@pytest.mark.parametrize("number", ["1902", "12:30"])
def test_a_number_in_a_leftward_word_stands_as_it_is_read(number: str) -> None:
    assert drawn(from_the_right("א" + number + "ב")) == ["ב" + number + "א"]


def test_what_follows_a_number_in_a_leftward_line_stands_to_its_left_behind_a_mark() -> None:
    assert drawn(from_the_right("אב", "1902.")) == ["." + MARK + "1902", "בא"]


def test_latin_words_in_a_leftward_line_run_to_the_right_among_themselves() -> None:
    first, last = from_the_right("אבג", "דהו")
    latin = [Word(text, Box(820 + x, 0, 850 + x, 30), 0.9) for text, x in (("Open", 0), ("Source", 35))]
    last = Word(last.text, Box(700, 0, 790, 30), 0.9)
    assert drawn((first, *latin, last)) == ["והד", MARK + "Open", "Source", "גבא"]


def test_leftward_words_in_a_rightward_line_run_to_the_left_among_themselves() -> None:
    one, two = Word("אב", Box(200, 0, 280, 30), 0.9), Word("גד", Box(100, 0, 180, 30), 0.9)
    line = (Word("see", Box(0, 0, 80, 30), 0.9), one, two, Word("here today", Box(300, 0, 380, 30), 0.9))
    assert drawn((*line, Word("again", Box(400, 0, 480, 30), 0.9))) == [
        "see",
        "דג",
        "בא",
        "here today",
        "again",
    ]


def test_a_box_that_covers_others_does_not_change_the_order_of_words() -> None:
    first, second, third = from_the_right("אב", "גד", "הו")
    wide = Word(second.text, Box(690, 0, second.bbox.x1, 30), 0.9)
    assert drawn((first, wide, third)) == ["וה", "דג", "בא"]


def test_words_that_lie_otherwise_than_they_are_read_stand_as_they_lie() -> None:
    assert drawn(from_the_right("one", "two")) == ["two", "one"]
    assert drawn(from_the_left("אב", "גד")) == ["בא", "דג"]


def test_letters_beyond_the_basic_plane_are_not_turned() -> None:
    assert drawn(from_the_left("𐤀𐤁")) == ["𐤀𐤁"]
