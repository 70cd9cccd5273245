import pytest

from common.document.geometry import Box
from common.document.page import Word
from common.reading.tables.phrases import Scale, text_lines


@pytest.mark.timeout(10)
def test_very_many_words_at_one_height_are_one_line() -> None:
    words = [Word("ab", Box(12 * index, 100, 12 * index + 9, 110), 0.9) for index in range(40_000)]
    (line,) = text_lines(words, Scale(10.0, 9.0))
    assert len(line.phrases) == 1


def test_a_line_drifts_with_the_middle_of_its_words() -> None:
    words = [
        Word("ab", Box(30 * index, 2 * index, 30 * index + 25, 2 * index + 10), 0.9) for index in range(4)
    ]
    assert len(text_lines(words, Scale(10.0, 9.0))) == 1  # the last is 6 below the first, 4 below their mean
    lower = Word("ab", Box(120, 8, 145, 18), 0.9)
    assert len(text_lines([*words, lower], Scale(10.0, 9.0))) == 2
