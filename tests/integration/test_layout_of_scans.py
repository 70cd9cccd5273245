"""The arrangement of drawn pages that Tesseract has read."""

import pytest
from PIL import Image

from common.adapters.tesseract_data import tessdata_folder
from common.adapters.tesseract_inprocess import TesserocrEngine
from common.document.layout import arrange
from common.document.markdown import page_markdown
from common.document.page import Block, Engine, Page, Role
from common.document.text import block_text
from tests.pages import draw_sheet, paragraphs

SIZE = (1700, 2200)
GUTTER = 60


@pytest.fixture(scope="module")
def engine() -> TesserocrEngine:
    return TesserocrEngine(tessdata_folder())


def text(seed: int, columns: int, count: int = 2) -> list[str]:
    return paragraphs(seed, count=count, words_each=30, columns=columns)


def paste(page: Image.Image, lines: list[str], x: int, y: int, font_px: int = 28) -> None:
    page.paste(draw_sheet(lines, font_px=font_px, margin=10).image, (x, y))


def read(engine: TesserocrEngine, page: Image.Image) -> tuple[Block, ...]:
    return arrange(engine.read(page, ("eng",), 200, 60), *page.size)


def test_two_columns_below_a_title(engine: TesserocrEngine) -> None:
    page = Image.new("L", SIZE, 255)
    left, right = text(1, 40, 3), text(2, 40, 3)
    paste(page, ["The Amber Harbour Monday Letter"], 350, 150, 56)
    paste(page, left, 100, 400)
    paste(page, right, 100 + 750 + GUTTER, 400)
    paste(page, ["Page 3 of 9"], 750, 2050)
    found = read(engine, page)
    assert (found[0].role, found[-1].role) == (Role.HEADING, Role.FOOTER)
    body = "\n\n".join(block_text(block) for block in found[1:-1])
    assert body == "\n".join([*left, "", *right])


def test_a_list_becomes_a_list_of_markdown(engine: TesserocrEngine) -> None:
    page = Image.new("L", SIZE, 255)
    paste(page, text(3, 80), 100, 200)
    paste(page, ["1. Amber market", "2. Silver harbour", "3. Copper garden"], 160, 800)
    paste(page, text(4, 80), 100, 1000)
    markdown = page_markdown(Page(*SIZE, Engine.TESSERACT, read(engine, page)))
    assert "\n\n1. Amber market\n2. Silver harbour\n3. Copper garden\n\n" in markdown
