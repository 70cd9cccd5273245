"""What every page engine promises, asked of both ways to run Tesseract."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from common.adapters.tesseract_command import PytesseractEngine
from common.adapters.tesseract_data import tessdata_folder
from common.adapters.tesseract_inprocess import TesserocrEngine
from common.document.page import Block
from common.document.segmentation import Segmentation
from common.document.text import block_text, words
from common.errors import EngineFailed, EngineTimeout
from common.reading.recognition.image_reader import PageEngine
from tests.language_pages import draw_page, samples
from tests.pages import blank_page, draw_sheet, paragraphs

TIME_LIMIT_S = 60
SHEET = draw_sheet(["Amber bridge at noon", "copper candle", "", "", "Another paragraph"], font_px=44)
DENSE = draw_sheet(paragraphs(seed=7, count=3), font_px=32, size=(1500, 1500))


@pytest.fixture(scope="module", params=[TesserocrEngine, PytesseractEngine])
def engine(request: pytest.FixtureRequest) -> PageEngine:
    make: Callable[[Path], PageEngine] = request.param
    return make(tessdata_folder())


def read(
    engine: PageEngine, image: Image.Image, *languages: str, dpi: int | None = None
) -> tuple[Block, ...]:
    return tuple(engine.read(image, languages or ("eng",), dpi, TIME_LIMIT_S))


def test_lines_are_grouped_into_paragraphs_in_reading_order(engine: PageEngine) -> None:
    assert [block_text(block) for block in read(engine, SHEET.image)] == [
        "Amber bridge at noon\ncopper candle",
        "Another paragraph",
    ]


def test_words_lie_where_their_ink_is(engine: PageEngine) -> None:
    found = list(words(read(engine, SHEET.image)))
    assert [word.text for word in found] == [word.text for word in SHEET.words]
    for word, placed in zip(found, SHEET.words, strict=True):
        assert word.bbox == pytest.approx(placed.bbox, abs=6)


def test_lines_and_blocks_enclose_their_words(engine: PageEngine) -> None:
    for block in read(engine, SHEET.image):
        for line in block.lines:
            assert block.bbox.x0 <= line.bbox.x0 and line.bbox.x1 <= block.bbox.x1
            assert block.bbox.y0 <= line.bbox.y0 and line.bbox.y1 <= block.bbox.y1
            assert all(line.bbox.x0 <= word.bbox.x0 and word.bbox.x1 <= line.bbox.x1 for word in line.words)


def test_clean_print_is_read_with_confidence(engine: PageEngine) -> None:
    assert all(0.8 < word.confidence <= 1 for word in words(read(engine, SHEET.image)))


def test_a_blank_page_has_no_blocks(engine: PageEngine) -> None:
    assert read(engine, blank_page()) == ()


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (2000, 3)])
def test_a_sliver_of_a_page_has_no_blocks(engine: PageEngine, size: tuple[int, int]) -> None:
    assert read(engine, blank_page(size)) == ()


def test_several_languages_are_read_together(engine: PageEngine) -> None:
    sheet = draw_sheet(["Straße nach Süden", "Московский вокзал"], font_px=48)
    text = "\n".join(block_text(block) for block in read(engine, sheet.image, "deu", "rus"))
    assert "Straße nach Süden" in text
    assert "Московский вокзал" in text


def test_korean_words_are_whole(engine: PageEngine) -> None:
    lines = samples()["ko"]
    image = draw_page(lines, "Kore", "ltr")
    found = engine.read(image, ("kor",), None, TIME_LIMIT_S, Segmentation.BLOCK)
    assert [word.text for word in words(found)] == " ".join(lines).split()


@pytest.mark.parametrize("dpi", [None, 72, 300, 1200])
def test_any_resolution_may_be_told(engine: PageEngine, dpi: int | None) -> None:
    assert len(list(words(read(engine, SHEET.image, dpi=dpi)))) == len(SHEET.words)


def test_reading_the_same_page_again_gives_the_same(engine: PageEngine) -> None:
    first = read(engine, SHEET.image)
    read(engine, DENSE.image)
    assert read(engine, SHEET.image) == first


def test_an_unknown_model_is_an_error_of_ours(engine: PageEngine) -> None:
    with pytest.raises(EngineFailed):
        read(engine, SHEET.image, "xxx")


def test_the_time_limit_is_kept_and_the_engine_usable_after_it(engine: PageEngine) -> None:
    with pytest.raises(EngineTimeout):
        engine.read(DENSE.image, ("eng",), None, 0.05)
    assert len(read(engine, SHEET.image)) == 2


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_script_and_rotation_are_detected(engine: PageEngine, turned: int) -> None:
    script = engine.detect_script(DENSE.image.rotate(-turned, expand=True), TIME_LIMIT_S)
    assert script is not None
    assert script.name == "Latin"
    assert (turned + script.rotation) % 360 == 0
    assert script.rotation_confidence > 2


def test_too_little_text_has_no_script(engine: PageEngine) -> None:
    assert engine.detect_script(blank_page(), TIME_LIMIT_S) is None
