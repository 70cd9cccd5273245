"""What a child sees of a page for the model, with the real reader and without it."""

import io
from pathlib import Path

import pytest
from PIL import Image

from common.adapters.tesseract_data import tessdata_folder
from common.contracts.tasks import MediaType
from common.document.page import Role
from common.document.text import page_text, words
from common.reading.page_order import PageOrder
from tests import files
from tests.pages import blank_page, draw_sheet, paragraphs
from workers.ocr_vlm.answer import BlockAnswer, PageAnswer
from workers.ocr_vlm.engine import Sight, SightOrder, ground, look, look_without_reading

SHEET = draw_sheet(paragraphs(seed=5, count=2, words_each=12, columns=36), font_px=24)
TRUTH = PageAnswer(blocks=(BlockAnswer(role=Role.PARAGRAPH, text=SHEET.text),))


def order(
    folder: Path, data: bytes, media_type: MediaType = MediaType.PNG, max_pixels: int = 3_750_000
) -> SightOrder:
    path = folder / "source"
    path.write_bytes(data)
    return SightOrder(PageOrder(path, media_type, 0, ("eng",), tessdata_folder(), 60), 2576, max_pixels)


def shown(sight: Sight) -> Image.Image:
    return Image.open(io.BytesIO(sight.picture.data))


def test_a_page_of_text_is_evident(tmp_path: Path) -> None:
    evidence = look(order(tmp_path, files.png(SHEET.image))).evidence
    assert 20 <= evidence.sure_words <= 24
    assert evidence.characters >= len("".join(SHEET.text.split())) - 4
    assert 4 <= evidence.ink_lines <= 6


def test_nothing_is_evident_of_a_blank_page(tmp_path: Path) -> None:
    evidence = look(order(tmp_path, files.png(blank_page()))).evidence
    assert (evidence.sure_words, evidence.characters, evidence.ink_lines) == (0, 0, 0)


@pytest.mark.parametrize("max_pixels", [3_750_000, 50_000])
def test_without_a_witness_words_are_placed_by_ink(tmp_path: Path, max_pixels: int) -> None:
    """In pixels of the page, however few of them were looked at."""
    sight = look_without_reading(order(tmp_path, files.png(SHEET.image), max_pixels=max_pixels))
    assert sight.evidence.sure_words == 0
    page = ground(TRUTH, sight.witness, sight.ink, False)
    assert (page.width, page.height) == SHEET.image.size
    assert page_text(page).split() == SHEET.text.split()
    near = [
        placed
        for placed, word in zip(SHEET.words, words(page.blocks), strict=True)
        if max(abs(one - other) for one, other in zip(placed.bbox, word.bbox, strict=True)) <= 12
    ]
    assert len(near) >= 0.8 * len(SHEET.words)


def test_the_model_sees_colours(tmp_path: Path) -> None:
    red, green, _ = shown(look(order(tmp_path, files.png(Image.new("RGB", (90, 90), "red"))))).getpixel(
        (40, 40)
    )  # type: ignore[misc]
    assert red > 200 > 60 > green


@pytest.mark.parametrize("look_at", [look, look_without_reading])
def test_the_model_sees_a_fax_with_square_pixels(tmp_path: Path, look_at: object) -> None:
    width, height = SHEET.image.size
    squashed = SHEET.image.resize((width, height // 2))
    fax = files.encoded(squashed, "TIFF", dpi=(204, 102))
    assert callable(look_at)
    across, down = shown(look_at(order(tmp_path, fax, MediaType.TIFF))).size
    assert abs(down / across - height / width) < 0.01


def test_the_model_sees_a_pdf_page_as_sharp_as_it_is_allowed_to(tmp_path: Path) -> None:
    pdf = files.born_digital_pdf([["Amber bridge at noon"]])
    width, height = shown(look(order(tmp_path, pdf, MediaType.PDF))).size
    assert max(width, height) <= 2576
    assert width * height > 3_600_000 or max(width, height) > 2500
