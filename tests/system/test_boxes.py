"""Boxes lie on the words, in pixels of the page as a viewer shows it."""

from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from tests import files
from tests.client import Client, accepted
from tests.pages import Box, PlacedWord, draw_sheet, paragraphs
from tests.system.judging import check_inside

SHEET = draw_sheet(["harbour lantern", "velvet kitchen"], size=(900, 500), margin=120)
TOLERANCE_PX = 8

SHOWN_UPRIGHT: dict[str, Callable[[], bytes]] = {
    "png": lambda: files.png(SHEET.image),
    "jpeg-upside-down": lambda: files.exif_turned_jpeg(SHEET.image, 3),
    "jpeg-turned-right": lambda: files.exif_turned_jpeg(SHEET.image, 6),
    "jpeg-turned-left": lambda: files.exif_turned_jpeg(SHEET.image, 8),
    "pdf": lambda: files.scanned_pdf([SHEET.image]),
    "pdf-turned-right": lambda: files.turned_pdf(
        files.scanned_pdf([SHEET.image.transpose(Image.Transpose.ROTATE_90)]), 90
    ),
    "pdf-turned-left": lambda: files.turned_pdf(
        files.scanned_pdf([SHEET.image.transpose(Image.Transpose.ROTATE_270)]), 270
    ),
}


@pytest.mark.parametrize("kind", SHOWN_UPRIGHT)
def test_word_boxes_lie_on_the_words(client: Client, kind: str) -> None:
    page = read_with_words(client, SHOWN_UPRIGHT[kind]())
    scale = page["width"] / SHEET.image.width
    assert page["height"] == pytest.approx(SHEET.image.height * scale, abs=2)
    found = words_of(page)
    assert [word["text"] for word in found] == [word.text for word in SHEET.words]
    for word, placed in zip(found, SHEET.words, strict=True):
        check_inside(word["bbox"], page)
        assert_on(word["bbox"], placed.bbox, scale)


def test_images_are_measured_in_their_own_pixels(client: Client) -> None:
    page = read_with_words(client, files.png(SHEET.image))
    assert (page["width"], page["height"]) == SHEET.image.size


def test_a_picture_on_its_side_is_as_wide_as_it_is_shown(client: Client) -> None:
    page = read_with_words(client, files.exif_turned_jpeg(SHEET.image, 6))
    assert (page["width"], page["height"]) == SHEET.image.size


def test_boxes_of_a_huge_picture_are_in_its_own_pixels(client: Client) -> None:
    """It has more pixels than reading needs: it is read smaller, and nobody can tell."""
    sheet = draw_sheet(paragraphs(seed=7, count=1), size=(9_000, 7_000), font_px=60, margin=1_500)
    page = read_with_words(client, files.png(sheet.image))
    assert (page["width"], page["height"]) == sheet.image.size
    found = words_of(page)
    assert [word["text"] for word in found] == [word.text for word in sheet.words]
    for word, placed in zip(found, sheet.words, strict=True):
        assert_on(word["bbox"], placed.bbox, 1)


def test_a_page_that_was_scanned_upside_down_is_read_and_its_boxes_stay_where_the_ink_is(
    client: Client,
) -> None:
    upright = draw_sheet(paragraphs(seed=8))
    turned = upright.image.transpose(Image.Transpose.ROTATE_180)
    page = read_with_words(client, files.png(turned))
    assert page["rotation"] == 180
    found = words_of(page)
    assert [word["text"] for word in found] == [word.text for word in upright.words]
    width, height = turned.size
    for word, placed in zip(found, upright.words, strict=True):
        x0, y0, x1, y1 = placed.bbox
        assert_on(word["bbox"], (width - x1, height - y1, width - x0, height - y0), 1)


def test_blocks_hold_their_lines_and_lines_their_words(client: Client) -> None:
    page = read_with_words(client, files.png(draw_sheet(paragraphs(seed=5)).image))
    for block in page["blocks"]:
        assert_covers(block["bbox"], [line["bbox"] for line in block["lines"]])
        assert block["text"].split() == [word["text"] for line in block["lines"] for word in line["words"]]
        for line in block["lines"]:
            assert_covers(line["bbox"], [word["bbox"] for word in line["words"]])
            assert all(0 <= word["confidence"] <= 1 for word in line["words"])


def test_no_block_joins_two_paragraphs(client: Client) -> None:
    lines = paragraphs(seed=5)
    page = client.read(files.png(draw_sheet(lines).image), language="en")["pages"][0]
    whole = [" ".join(part.split()) for part in "\n".join(lines).split("\n\n")]
    assert len(whole) == 3
    for block in page["blocks"]:
        assert any(" ".join(block["text"].split()) in paragraph for paragraph in whole)


def test_block_boxes_lie_on_their_paragraphs(client: Client) -> None:
    sheet = draw_sheet(paragraphs(seed=6))
    page = client.read(files.png(sheet.image), language="en")["pages"][0]
    left = list(sheet.words)
    for block in page["blocks"]:
        count = len(block["text"].split())
        assert_on(block["bbox"], hull(left[:count]), 1)
        left = left[count:]
    assert not left


def test_words_come_only_when_they_are_asked_for(client: Client) -> None:
    page = client.read(files.png(SHEET.image), language="en")["pages"][0]
    assert all("words" not in block and "lines" not in block for block in page["blocks"])


def read_with_words(client: Client, data: bytes) -> dict[str, Any]:
    job = client.read(data, language="en")
    page: dict[str, Any] = accepted(client.get(f"/api/v1/ocr/{job['uuid']}/", params={"detail": "words"}))[
        "pages"
    ][0]
    return page


def words_of(page: dict[str, Any]) -> list[dict[str, Any]]:
    """A block gives its words by line; whatever else it holds."""
    return [word for block in page["blocks"] for line in block["lines"] for word in line["words"]]


def hull(words: list[PlacedWord]) -> Box:
    x0, y0, x1, y1 = zip(*(word.bbox for word in words), strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def assert_on(found: list[float], placed: Box, scale: float) -> None:
    expected = [edge * scale for edge in placed]
    assert found == pytest.approx(expected, abs=TOLERANCE_PX * max(1.0, scale))


def assert_covers(outer: list[float], inner: list[list[float]]) -> None:
    assert inner
    for x0, y0, x1, y1 in inner:
        assert outer[0] <= x0 and outer[1] <= y0 and x1 <= outer[2] and y1 <= outer[3]
