# ruff: noqa: RUF001 - full-width signs are what this is about

from common.adapters.tesseract_punctuation import with_own_punctuation
from common.document.geometry import Box
from common.document.page import Block, Line, Word
from common.document.text import block_text


def _block(*words: tuple[str, int, int]) -> Block:
    """Words with their left and right edge, on a line 40 pixels high."""
    found = tuple(Word(text, Box(x0, 0, x1, 40), 0.9) for text, x0, x1 in words)
    box = Box(found[0].bbox.x0, 0, found[-1].bbox.x1, 40)
    return with_own_punctuation([Block((Line(found, box),), box)])[0]


def _read(*words: tuple[str, int, int]) -> str:
    return block_text(_block(*words))


def _words(*words: tuple[str, int, int]) -> list[str]:
    return [word.text for word in _block(*words).lines[0].words]


def test_a_comma_in_a_full_width_cell_becomes_a_full_width_one() -> None:
    assert _read(("船只", 0, 80), (",", 84, 90), ("包括", 120, 200)) == "船只，包括"


def test_a_comma_with_no_room_after_it_stays_half_width() -> None:
    assert _read(("船只", 0, 80), (",", 84, 90), ("包括", 95, 175)) == "船只, 包括"


def test_a_sign_that_ends_a_line_has_room() -> None:
    assert _read(("船只", 0, 80), ("包括?", 84, 180)) == "船只包括？"


def test_signs_within_numbers_and_latin_words_stay() -> None:
    line = _read(
        ("价格是", 0, 120), ("1,250.50", 124, 280), ("元", 282, 320), ("at", 360, 400), ("10:30", 410, 500)
    )
    assert line == "价格是1,250.50元 at 10:30"


def test_a_number_among_han_has_no_blanks() -> None:
    assert _read(("了", 0, 40), ("200", 50, 110), ("多", 115, 150)) == "了200多"


def test_a_number_in_the_cell_beside_han_stays_a_word_of_its_own() -> None:
    row = ("1", 0, 15), ("东京", 60, 140), ("1400", 185, 265), ("大阪", 310, 390)
    assert _words(*row) == ["1", "东京", "1400", "大阪"]


def test_a_number_below_han_in_a_line_that_runs_down_is_joined_to_it() -> None:
    found = Word("东京", Box(0, 0, 40, 80), 0.9), Word("12", Box(2, 90, 38, 120), 0.9)
    line = Line(found, Box(0, 0, 40, 120))
    (block,) = with_own_punctuation([Block((line,), line.bbox)])
    assert [word.text for word in block.lines[0].words] == ["东京12"]


def test_parentheses_around_han_are_full_width() -> None:
    assert _read(("只", 0, 40), ("(", 60, 70), ("见附录", 80, 200), (")", 205, 215)) == "只（见附录）"


def test_arabic_signs_follow_arabic_letters_alone() -> None:
    assert _read(("سفينة,", 200, 300), ("نعم?", 100, 190), ("1,000", 0, 90)) == "سفينة، نعم؟ 1,000"


def test_a_sign_that_stands_alone_is_that_of_the_word_before_it() -> None:
    assert _read(("نعم", 200, 300), ("?", 185, 195)) == "نعم \u061f"
    assert _read(("نعم", 200, 300), ("Yes", 100, 190), ("?", 85, 95)) == "نعم Yes ?"
