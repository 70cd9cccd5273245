from itertools import pairwise

import pytest

from common.document.page import Engine, Word
from common.reading.calibration import calibrate, calibrated
from tests.unit.reading.readings import block, line

_BOX = (0, 0, 1, 1)
_ENGINES = (Engine.TESSERACT, Engine.PP_OCR)


def _meaning(confidence, engine):
    return calibrated(Word("x", _BOX, confidence, engine)).confidence


@pytest.mark.parametrize("engine", _ENGINES)
def test_a_surer_word_stays_the_surer_one(engine):
    meanings = [_meaning(step / 200, engine) for step in range(201)]
    assert all(earlier < later for earlier, later in pairwise(meanings))
    assert meanings[0] >= 0
    assert meanings[-1] <= 1


def test_the_same_number_means_less_from_the_second_reader():
    assert _meaning(0.95, Engine.PP_OCR) < _meaning(0.95, Engine.TESSERACT) - 0.2


def test_a_text_layers_confidence_is_no_guess():
    assert _meaning(1.0, Engine.TEXT_LAYER) == 1.0


def test_words_that_name_no_engine_are_the_pages():
    (of_page,) = calibrate([block(line("word", 0.95))], Engine.PP_OCR)
    assert of_page.lines[0].words[0].confidence == _meaning(0.95, Engine.PP_OCR)
