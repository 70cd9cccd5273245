"""The second reader's real models on drawn lines, alone and in a child with the memory of a worker's."""

import functools
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from common.adapters.child_pool import ChildPool
from common.document.geometry import Box
from common.document.page import Block, Engine, Line, Word
from common.document.quadrilateral import Quad, bounds, corners
from common.document.text import line_text, words
from tests.accuracy import accuracy
from tests.pages import draw_sheet, paragraphs

pytest.importorskip("rapidocr")

from common.adapters.pp_ocr import PpOcr
from common.reading.second_reader.second_reading import improve

_LINES = ("Quarterly report", "Total 1,204.50 EUR", "Straße Žilina Łódź façade")


@pytest.fixture(scope="module")
def reader():
    return PpOcr()


@pytest.fixture(scope="module")
def sheet():
    return draw_sheet(_LINES, font_px=40)


def _faint(image):
    """As on a bleached receipt: black has become light grey."""
    return image.point(lambda level: 235 - (255 - level) // 4)


def test_lines_are_found_from_top_to_bottom_and_read(reader, sheet):
    read = [reader.read_line(sheet.image, quad) for quad in reader.find_lines(sheet.image)]
    assert [line_text(line) for line in read] == list(_LINES)


def test_words_are_marked_as_its_own_and_know_their_place(reader, sheet):
    read = [reader.read_line(sheet.image, quad) for quad in reader.find_lines(sheet.image)]
    found = [word for line in read for word in line.words]
    assert {word.engine for word in found} == {Engine.PP_OCR}
    for word, true in zip(found, sheet.words, strict=True):
        middle = (true.bbox[0] + true.bbox[2]) / 2
        assert word.bbox.x0 < middle < word.bbox.x1
        assert abs(word.bbox.x0 - true.bbox[0]) < 20
        assert abs(word.bbox.x1 - true.bbox[2]) < 20


def test_boxes_are_of_the_image_that_was_given_whatever_the_scale_of_the_search(reader, sheet):
    whole = [bounds(quad) for quad in reader.find_lines(sheet.image)]
    shrunk = [bounds(quad) for quad in reader.find_lines(sheet.image, 0.5)]
    for one, other in zip(whole, shrunk, strict=True):
        assert all(abs(edge - same) <= 12 for edge, same in zip(one, other, strict=True))


def test_a_blank_image_and_an_empty_quadrilateral_hold_no_lines(reader):
    blank = Image.new("L", (400, 300), 255)
    assert reader.find_lines(blank) == ()
    assert reader.read_line(blank, corners(Box(10, 10, 390, 60))) is None
    assert reader.read_line(blank, corners(Box(10, 10, 10, 60))) is None


def test_a_slanting_line_is_straightened(reader):
    straight = draw_sheet(["Total 1,204.50 EUR"], font_px=40, margin=80)
    slanting = straight.image.rotate(4, expand=False, fillcolor=255)
    (quad,) = reader.find_lines(slanting)
    assert isinstance(quad, Quad)
    assert line_text(reader.read_line(slanting, quad)) == "Total 1,204.50 EUR"


def test_a_page_that_was_misread_becomes_legible(reader):
    sheet = draw_sheet(_LINES, font_px=40)
    garbled = tuple(
        Block((Line((Word(word.text[::-1], Box(*word.bbox), 0.4),), Box(*word.bbox)),), Box(*word.bbox))
        for word in sheet.words
    )
    blocks = improve(_faint(sheet.image), garbled, ["eng"], lambda: reader, time.monotonic() + 60)
    read = " ".join(word.text for word in words(blocks))
    assert accuracy(sheet.text, read).cer < 0.02


@functools.cache
def _in_child() -> PpOcr:
    return PpOcr()


def _words_in_child(path: Path) -> int:
    image = Image.open(path).convert("L")
    return len(list(words(improve(image, (), ["eng"], _in_child, time.monotonic() + 60))))


async def test_a_page_of_300_dpi_fits_into_a_childs_memory(tmp_path):
    lines = paragraphs(3, count=5, words_each=60, columns=66)
    path = tmp_path / "page.png"
    draw_sheet(lines, size=(2480, 3508), font_px=50, margin=200).image.save(path)
    pool = ChildPool(slots=1, memory_limit_mb=1500)
    try:
        count = await pool.run(_words_in_child, path, time_limit_s=60)
    finally:
        await pool.close()
    assert count >= 295  # of 300


def test_nothing_is_gathered_for_the_makers_of_the_library(tmp_path: Path) -> None:
    """ONNX Runtime puts what it is about to send into a database in the home folder."""
    reading = (
        "from PIL import Image; from common.adapters.pp_ocr import PpOcr;"
        " PpOcr().find_lines(Image.new('L', (300, 200), 255))"
    )
    # It sends nothing either where it takes itself to be in somebody's build or tests.
    told = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run(
        [sys.executable, "-c", reading], env=told, cwd=Path(__file__).parents[2], check=True, timeout=50
    )
    assert not list(tmp_path.rglob("*"))
