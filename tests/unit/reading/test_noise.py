import pytest

from common.document.page import Line
from common.document.text import line_text
from common.reading.noise import without_noise
from tests.unit.reading.readings import block, line, words


def _left(*lines):
    return [line_text(each) for kept in without_noise([block(*lines)]) for each in kept.lines]


@pytest.mark.parametrize("text", ["| . ~ \u2018 —", "ae ee", "= oS", "..:", "i'"])
def test_doubted_marks_and_short_runs_are_noise(text):
    assert _left(line(text, 0.2)) == []


@pytest.mark.parametrize("text", ["7", "B", "10.00", "—", "§ 4", "(a)"])
def test_short_texts_that_were_read_with_confidence_stay(text):
    assert _left(line(text, 0.6)) == [text]


@pytest.mark.parametrize("text", ["Quittung", "см. страницу", "हिन्दी", "東京都庁"])
def test_words_stay_however_doubtful_they_are(text):
    assert _left(line(text, 0.1)) == [text]


def test_a_doubted_mark_beside_words_goes_and_the_words_stay():
    mixed = Line((*words("|", 0.3), *words("total 10.00", 0.9, x=20)), line("|").bbox)
    assert _left(mixed) == ["total 10.00"]


def test_a_block_without_noise_is_left_as_it_is():
    clean = block(line("first"), line("second", y=40))
    (kept,) = without_noise([clean])
    assert kept is clean


def test_the_box_of_a_block_shrinks_to_what_is_left():
    (kept,) = without_noise([block(line("text"), line("~ |", 0.1, y=400))])
    assert kept.bbox == line("text").bbox
