from collections.abc import Sequence

import pytest
from PIL import Image, ImageDraw

from common.document.geometry import Box, union
from common.document.page import Block, Line, Word
from common.document.text import block_text
from common.reading.page_numbers import with_page_numbers

TEXT_HEIGHT = 20.0
FOOT = Box(395, 950, 407, 978)


def page(*marks: Box) -> tuple[Image.Image, tuple[Block, ...]]:
    """Five lines of words as dark bars, and other dark bars."""
    image = Image.new("L", (800, 1000), 240)
    draw = ImageDraw.Draw(image)
    blocks = []
    for row in range(5):
        boxes = [Box(100 + 60 * at, 200 + 50 * row, 150 + 60 * at, 225 + 50 * row) for at in range(10)]
        words = tuple(Word("word", box, 0.9) for box in boxes)
        blocks.append(Block((Line(words, union(boxes)),), union(boxes)))
    for box in (*marks, *(word.bbox for block in blocks for word in block.lines[0].words)):
        draw.rectangle((box.x0, box.y0, box.x1 - 1, box.y1 - 1), 20)
    return image, tuple(blocks)


def added(marks: Sequence[Box], text: str, confidence: float = 0.9) -> list[str]:
    """What is there besides the words, each strip as before or after them."""
    image, blocks = page(*marks)
    found = with_page_numbers(image, TEXT_HEIGHT, blocks, lambda box: [Word(text, box, confidence)])
    return [block_text(block) for block in found if block not in blocks]


@pytest.mark.parametrize("text", ["7", "-3-", "xiv", "112"])
def test_a_number_alone_below_the_text_is_read(text: str) -> None:
    assert added([FOOT], text) == [text]


def test_a_number_above_the_text_comes_before_it() -> None:
    image, blocks = page(Box(395, 40, 407, 68))
    found = with_page_numbers(image, TEXT_HEIGHT, blocks, lambda box: [Word("7", box, 0.9)])
    assert block_text(found[0]) == "7"
    assert found[1:] == blocks


def test_what_reads_as_no_number_is_left_out() -> None:
    assert added([FOOT], "ab") == []


def test_a_number_read_with_doubt_is_left_out() -> None:
    assert added([FOOT], "7", 0.3) == []


@pytest.mark.parametrize(
    "marks",
    [
        pytest.param([Box(395, 950, 399, 954)], id="a speck"),
        pytest.param([FOOT, Box(100, 950, 112, 978)], id="two far apart"),
        pytest.param([FOOT, Box(395, 800, 407, 828)], id="two below each other"),
        pytest.param([Box(395, 432, 407, 460)], id="near the text"),
    ],
)
def test_other_ink_is_not_looked_at(marks: list[Box]) -> None:
    assert added(marks, "7") == []


def test_specks_beside_a_number_do_not_hide_it() -> None:
    assert added([FOOT, Box(100, 700, 105, 705)], "7") == ["7"]
