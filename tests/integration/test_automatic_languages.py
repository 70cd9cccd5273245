"""Drawn pages in a language that nobody named: which models read them, turned by how much."""

import time
from functools import cache

import pytest
from PIL import Image

from common.adapters.tesseract_data import tessdata_folder
from common.adapters.tesseract_inprocess import TesserocrEngine
from common.domain.languages import language_of, models
from common.reading.recognition.approach import Reading
from common.reading.recognition.legible_image import LegibleImage
from common.reading.recognition.recognition import recognise
from tests.accuracy import accuracy
from tests.language_pages import draw_page, samples
from tests.pages import draw_sheet, paragraphs

ENGINE = TesserocrEngine(tessdata_folder())
LATIN = ("en", "de", "fr", "es", "it", "pt", "nl", "cs", "pl", "hu", "ro", "sv", "fi", "tr", "vi", "lt")
OTHERS = ("ru", "uk", "bg", "el", "ar", "fa", "ur", "he", "hi", "bn", "ta", "te", "kn", "ml", "gu", "pa")
EAST = ("th", "zh-Hans", "zh-Hant", "ja", "ko", "ka", "hy")


def page(code: str, lines: int | None = None) -> Image.Image:
    (model,) = models(code)
    return draw_page(samples()[code][:lines], language_of(model).script, language_of(model).direction)


def read(image: Image.Image, *named: str) -> Reading:
    return recognise(LegibleImage(image), 300, named, ENGINE, time.monotonic() + 60)


@cache
def found_in(code: str) -> Reading:
    """The upright page, in a language that nobody named."""
    return read(page(code))


def letters(text: str) -> str:
    return "".join(text.split())


def errors(reading: Reading, code: str, lines: int | None = None) -> float:
    return accuracy(letters("".join(samples()[code][:lines])), letters(reading.text)).cer


@pytest.mark.parametrize("code", [*LATIN, *OTHERS, *EAST])
def test_the_language_is_found_and_read_nearly_as_well_as_when_it_was_named(code: str) -> None:
    found = found_in(code)
    assert found.languages[:1] == (code,)
    assert errors(found, code) <= errors(read(page(code), *models(code)), code) + 0.01


@pytest.mark.parametrize("code", ["de", "cs", "ru", "el", "ar", "he", "hi", "ta", "zh-Hans", "ja", "ko"])
def test_a_single_line_is_enough(code: str) -> None:
    assert errors(read(page(code, lines=1)), code, lines=1) <= 0.1


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("code", ["de", "ru", "ar", "ja"])
def test_a_turned_page_is_turned_back_whatever_its_language(code: str, turn: int) -> None:
    found = read(page(code).rotate(turn, expand=True))
    assert found.approach.rotation == turn
    assert errors(found, code) <= errors(found_in(code), code) + 0.01


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_dense_page_is_turned_back_in_a_named_language(turn: int) -> None:
    sheet = draw_sheet(paragraphs(seed=8, count=5), size=(2200, 3000), font_px=44, margin=150)
    found = read(sheet.image.rotate(turn, expand=True), "eng")
    assert found.approach.rotation == turn
    assert accuracy(letters(sheet.text), letters(found.text)).cer <= 0.01


def test_six_chinese_characters_are_enough() -> None:
    assert letters(read(draw_page(("天地玄黃宇宙",), "Hant", "ltr")).text) == "天地玄黃宇宙"
