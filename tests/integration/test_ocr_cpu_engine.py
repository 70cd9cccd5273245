"""A page from its file to its words, in this process and in a child, with the real engines."""

import os
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from common.adapters.child_pool import ChildPool
from common.adapters.child_process import Routine
from common.adapters.tesseract_data import tessdata_folder
from common.contracts.tasks import MediaType
from common.document.page import Page
from common.document.text import page_text, words
from common.errors import EngineUnavailable, PageUnreadable
from common.reading.engines import warm_up
from common.reading.page_order import PageOrder
from tests import files
from tests.pages import blank_page, draw_sheet, paragraphs
from workers.ocr_cpu.engine import read_page, read_page_apart

SHEET = draw_sheet(paragraphs(seed=3, count=1), font_px=40)
FOUR_WAYS = (0, 90, 180, 270)


def order(
    folder: Path, data: bytes, media_type: MediaType, *languages: str, source_page: int = 0
) -> PageOrder:
    path = folder / "source"
    path.write_bytes(data)
    return PageOrder(path, media_type, source_page, languages, tessdata_folder(), 60)


def overlap(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    common = max(0, width) * max(0, height)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return common / (sum(areas) - common)


def assert_boxes_where_drawn(page: Page, turned: int = 0) -> None:
    """Every word lies where its ink is on the page, which is ``SHEET`` turned clockwise.

    Tesseract is a few pixels off with one word in a hundred, so it is the mean that is close.
    """
    found = list(words(page.blocks))
    assert [word.text for word in found] == [word.text for word in SHEET.words]
    overlaps = []
    for word, placed in zip(found, SHEET.words, strict=True):
        canvas = Image.new("L", SHEET.image.size)
        canvas.paste(255, placed.bbox)
        ink = canvas.rotate(-turned, expand=True).getbbox()
        assert ink is not None
        overlaps.append(overlap(word.bbox, ink))
    assert min(overlaps) > 0.4
    assert sum(overlaps) / len(overlaps) > 0.9


def test_a_page_of_a_pdf(tmp_path: Path) -> None:
    pdf = files.scanned_pdf([blank_page(), SHEET.image], dpi=300)
    page = read_page(order(tmp_path, pdf, MediaType.PDF, "eng", source_page=1))
    assert page_text(page) == SHEET.text
    assert (page.width, page.height, page.rotation) == (*SHEET.image.size, 0)
    assert_boxes_where_drawn(page)


@pytest.mark.parametrize("turned", FOUR_WAYS)
def test_a_page_on_its_side_is_set_upright_and_its_boxes_stay(tmp_path: Path, turned: int) -> None:
    image = SHEET.image.rotate(-turned, expand=True)
    page = read_page(order(tmp_path, files.png(image), MediaType.PNG, "eng"))
    assert page_text(page) == SHEET.text
    assert (page.width, page.height) == image.size
    assert_boxes_where_drawn(page, turned)


def test_the_orientation_in_a_photo_is_no_rotation_of_ours(tmp_path: Path) -> None:
    page = read_page(order(tmp_path, files.exif_turned_jpeg(SHEET.image, 6), MediaType.JPEG, "eng"))
    assert page.rotation == 0
    assert_boxes_where_drawn(page)


def test_a_script_that_nobody_named_is_found_out(tmp_path: Path) -> None:
    russian = draw_sheet(["Московский вокзал открыт", "Сегодня хорошая погода"], font_px=48)
    page = read_page(order(tmp_path, files.png(russian.image), MediaType.PNG))
    assert page_text(page) == russian.text


def test_a_blank_page_is_a_page_without_blocks(tmp_path: Path) -> None:
    page = read_page(order(tmp_path, files.png(blank_page((800, 600))), MediaType.PNG))
    assert (page.width, page.height, page.blocks) == (800, 600, ())


def test_an_image_larger_than_is_read_has_boxes_of_its_own_size(tmp_path: Path) -> None:
    large = SHEET.image.resize((SHEET.image.width * 12, SHEET.image.height * 12))
    assert large.width * large.height > 50_000_000
    page = read_page(order(tmp_path, files.png(large), MediaType.PNG, "eng"))
    assert (page.width, page.height) == large.size
    first, placed = page.blocks[0].lines[0].words[0], SHEET.words[0]
    assert first.text == placed.text
    assert overlap(first.bbox, tuple(12 * edge for edge in placed.bbox)) > 0.8


def test_the_second_reader_reads_the_same(tmp_path: Path) -> None:
    wanted = order(tmp_path, files.png(SHEET.image), MediaType.PNG, "eng")
    assert page_text(read_page_apart(wanted)) == page_text(read_page(wanted))


async def test_a_child_reads_and_its_errors_arrive(tmp_path: Path) -> None:
    pool = ChildPool(routine=Routine(warm_up=partial(warm_up, tessdata_folder(), 7)))
    await pool.start()
    readable = order(tmp_path, files.png(SHEET.image), MediaType.PNG, "eng")
    assert page_text(await pool.run(read_page, readable, time_limit_s=60)) == SHEET.text
    with pytest.raises(PageUnreadable):
        await pool.run(read_page, order(tmp_path, b"torn", MediaType.PNG), time_limit_s=60)
    await pool.close()


def test_a_folder_without_models_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="TESSDATA_PREFIX"):
        tessdata_folder(tmp_path)


async def test_pages_are_read_at_the_niceness_that_was_asked_for() -> None:
    pool = ChildPool(routine=Routine(warm_up=partial(warm_up, tessdata_folder(), 7)))
    await pool.start()
    try:
        assert await pool.run(os.nice, 0, time_limit_s=20) == os.nice(0) + 7
    finally:
        await pool.close()
