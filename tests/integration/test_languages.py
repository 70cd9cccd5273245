"""Every language of the list, from a drawn page to its text."""

import unicodedata

import pytest

from common.adapters.tesseract_data import tessdata_folder
from common.adapters.tesseract_inprocess import TesserocrEngine
from common.document.segmentation import Segmentation
from common.document.text import block_text
from common.domain.companions import models_to_read
from common.domain.languages import Language, languages
from tests.accuracy import accuracy
from tests.language_pages import draw_page, sample_of

_CLEAN_LATIN = 0.02
_CLEAN_PRINT = 0.05

ENGINE = TesserocrEngine(tessdata_folder())
ALL = languages()
VERTICAL = {language.code for language in ALL if language.direction == "ttb"}


def read(language: Language) -> str:
    image = draw_page(sample_of(language), language.script, language.direction)
    segmentation = Segmentation.PAGE if language.code in VERTICAL else Segmentation.BLOCK
    blocks = ENGINE.read(image, models_to_read([language.model]), 300, 60, segmentation)
    return "\n".join(block_text(block) for block in blocks)


def folded(text: str, language: Language) -> str:
    """Without what is no letter: the width of East Asian punctuation and blanks between Han characters,
    and the two ways to write a Yiddish digraph."""
    text = (
        unicodedata.normalize("NFKC", text)
        .replace("\u05f0", "\u05d5\u05d5")
        .replace("\u05f1", "\u05d5\u05d9")
    )
    return "".join(text.split()) if language.script in {"Hans", "Hant", "Jpan"} else text


@pytest.mark.parametrize("language", ALL, ids=[language.code for language in ALL])
def test_a_page_in_the_language_is_read(language: Language) -> None:
    reading = folded(read(language), language)
    assert reading.strip()
    if language.reliable:
        most = _CLEAN_LATIN if language.script in {"Latn", "Latf"} else _CLEAN_PRINT
        truth = folded("\n".join(sample_of(language)), language)
        found = accuracy(truth, reading).cer
        assert found <= most, f"CER {found:.3f}\ntruth:   {truth!r}\nreading: {reading!r}"


def test_most_languages_are_read_reliably() -> None:
    assert sum(language.reliable and not language.is_script for language in ALL) >= 100
