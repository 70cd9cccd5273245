import pytest

from common.document.geometry import Box
from common.document.page import Block, Line, Word
from common.reading.recognition import approach
from common.reading.recognition.approach import Approach, Reading

LONG = "a sentence of more than twenty characters"
LYING, STANDING = Box(10, 20, 60, 40), Box(20, 10, 40, 60)


def reading(text: str = LONG, confidence: float = 0.9, box: Box = LYING, models: str = "eng") -> Reading:
    words = tuple(Word(part, box, confidence) for part in text.split())
    blocks = (Block((Line(words, box),), box),) if words else ()
    return Reading(blocks, Approach((models,)))


@pytest.mark.parametrize(
    ("found", "doubtful"),
    [
        (reading(), False),
        (reading(confidence=0.5), True),
        (reading(box=STANDING), True),
        (reading("short", confidence=0.95), False),
        (reading("short", confidence=0.8), True),
        (reading(""), True),
    ],
)
def test_a_reading_is_doubted_when_it_is_unsure_or_empty_or_on_its_side(
    found: Reading, doubtful: bool
) -> None:
    assert approach.is_doubtful(found) is doubtful


def test_the_surer_reading_wins() -> None:
    sure, unsure = reading(confidence=0.9), reading(confidence=0.4)
    assert approach.better(unsure, sure) is sure
    assert approach.better(sure, unsure) is sure
    assert approach.better(reading(""), unsure) is unsure


def test_a_second_reading_may_have_to_be_clearly_better() -> None:
    first, second = reading(confidence=0.60), reading(confidence=0.64)
    assert approach.better(first, second) is second
    assert approach.better(first, second, margin=0.1) is first


def test_a_page_that_was_read_wins_against_two_surer_letters() -> None:
    page, letters = reading("sentence " * 115, confidence=0.69), reading("ab", confidence=0.7)
    assert approach.better(page, letters) is page
    assert approach.better(letters, page) is page


def test_of_two_scripts_the_surer_model_wins_however_many_characters_it_needs() -> None:
    english, chinese = reading(confidence=0.3), reading("人人生而自由", 0.9, models="chi_sim")
    assert approach.surer(english, chinese) is chinese
    assert approach.surer(chinese, english) is chinese
    assert approach.surer(english, reading("", 0.9)) is english


def test_lines_up_the_page_are_not_believed_however_sure_they_are() -> None:
    lying, standing = reading(confidence=0.8), reading(confidence=0.95, box=STANDING)
    assert approach.surer(standing, lying) is lying
    assert approach.surer(lying, standing) is lying


def test_short_words_are_no_sign_of_lines_up_the_page() -> None:
    assert not approach.stands(
        word for block in reading("I a an", box=STANDING).blocks for word in block.lines[0].words
    )
