import pytest

from common.document.geometry import Box
from common.document.page import Block, Line, Word
from common.document.script import Script
from workers.ocr_cpu import approach
from workers.ocr_cpu.approach import Approach, Reading
from workers.ocr_cpu.scripts import models_for

LONG = "a sentence of more than twenty characters"
SOMEWHERE = Box(10, 20, 60, 40)


def reading(text: str = LONG, confidence: float = 0.9, box: Box = SOMEWHERE, rotation: int = 0) -> Reading:
    words = tuple(Word(part, box, confidence) for part in text.split())
    blocks = (Block((Line(words, box),), box),) if words else ()
    return Reading(blocks, Approach(("eng",), rotation))


def test_without_a_language_english_is_tried_first() -> None:
    assert approach.first_approach(()) == Approach(("eng",))
    assert approach.first_approach(("deu", "fra")) == Approach(("deu", "fra"))


@pytest.mark.parametrize(
    ("found", "doubtful"),
    [
        (reading(), False),
        (reading(confidence=0.5), True),
        (reading("too short", confidence=0.99), True),
        (reading(""), True),
    ],
)
def test_a_reading_is_doubted_when_it_is_unsure_or_nearly_empty(found: Reading, doubtful: bool) -> None:
    assert approach.is_doubtful(found) is doubtful


def test_the_script_chooses_the_models() -> None:
    cyrillic = Script("Cyrillic", 0, 9.0)
    assert approach.second_approach(Approach(("eng",)), (), cyrillic) == Approach(("rus", "eng"))


def test_languages_that_were_asked_for_stay() -> None:
    upside_down = Script("Cyrillic", 180, 9.0)
    assert approach.second_approach(Approach(("deu",)), ("deu",), upside_down) == Approach(("deu",), 180)


@pytest.mark.parametrize("script", [None, Script("Latin", 0, 9.0), Script("Latin", 180, 0.4)])
def test_there_is_no_second_way_where_nothing_else_was_found(script: Script | None) -> None:
    assert approach.second_approach(Approach(("eng",)), (), script) is None


def test_the_surer_reading_wins() -> None:
    sure, unsure = reading(confidence=0.9), reading(confidence=0.4)
    assert approach.better(unsure, sure) is sure
    assert approach.better(sure, unsure) is sure
    assert approach.better(reading(""), unsure) is unsure


def test_a_page_that_was_read_wins_against_two_surer_letters() -> None:
    page, letters = reading("sentence " * 115, confidence=0.69), reading("ab", confidence=0.7)
    assert approach.better(page, letters) is page
    assert approach.better(letters, page) is page


def test_every_known_script_has_models_and_others_are_read_as_english() -> None:
    assert models_for("Devanagari") == ("hin",)
    assert models_for("Klingon") == ("eng",)
