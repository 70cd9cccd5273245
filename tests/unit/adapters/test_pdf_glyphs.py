"""Words of lines by where their letters stand."""

import time

from common.adapters.pdf_glyphs import Glyph, Line, words_of

BET, GIMEL, SHEVA = "\u05d1", "\u05d2", "\u05b0"


def _line(texts: str, first: int = 0) -> Line:
    """Glyphs from left to right, each 6 points wide."""
    return [
        Glyph(text, (first + at,), 6.0 * at, 6.0 * at + 6, 97, 108.5, em=10, turn=0)
        for at, text in enumerate(texts)
    ]


def test_a_mark_belongs_to_the_letter_that_it_stands_under_wherever_the_file_has_it() -> None:
    letters = _line(GIMEL + BET)
    mark = letters[1]._replace(text=SHEVA, indexes=(7,))
    (words,) = words_of([[mark], letters], [], page_is_right_to_left=True)
    assert [word.text for word in words] == [BET + SHEVA + GIMEL]


def test_thousands_of_marks_on_one_line_take_linear_time() -> None:
    count = 10_000
    letters = _line(BET * count)
    marks = [letter._replace(text=SHEVA, indexes=(count + at,)) for at, letter in enumerate(letters)]
    start = time.process_time()
    (words,) = words_of([letters, marks], [], page_is_right_to_left=True)
    assert time.process_time() - start < 5
    assert words[0].text == (BET + SHEVA) * count
