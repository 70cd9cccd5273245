import pytest

from common.document.geometry import Box
from common.document.page import Block, Engine, Line, Word
from workers.ocr_cpu import transform
from workers.ocr_cpu.approach import Approach, Reading

LONG = "a sentence of more than twenty characters"
SOMEWHERE = Box(10, 20, 60, 40)


def reading(text: str = LONG, confidence: float = 0.9, box: Box = SOMEWHERE, rotation: int = 0) -> Reading:
    words = tuple(Word(part, box, confidence) for part in text.split())
    blocks = (Block((Line(words, box),), box),) if words else ()
    return Reading(blocks, Approach(("eng",), rotation))


def test_boxes_are_those_of_the_page() -> None:
    page = transform.page(reading(), (200, 100), (200, 100))
    assert (page.width, page.height, page.engine, page.rotation) == (200, 100, Engine.TESSERACT, 0)
    assert page.blocks[0].bbox == page.blocks[0].lines[0].words[0].bbox == Box(10, 20, 60, 40)


def test_boxes_of_a_reduced_image_are_scaled_up() -> None:
    page = transform.page(reading(), (200, 100), (400, 300))
    assert page.blocks[0].bbox == Box(20, 60, 120, 120)


@pytest.mark.parametrize(
    ("rotation", "expected"),
    [(90, Box(20, 40, 40, 90)), (180, Box(140, 60, 190, 80)), (270, Box(160, 10, 180, 60))],
)
def test_boxes_of_a_turned_image_are_turned_back(rotation: int, expected: Box) -> None:
    page = transform.page(reading(rotation=rotation), (200, 100), (200, 100))
    assert page.rotation == rotation
    assert page.blocks[0].bbox == expected


def test_boxes_never_leave_the_page() -> None:
    page = transform.page(reading(box=Box(-3, -3, 500, 500)), (200, 100), (200, 100))
    assert page.blocks[0].bbox == Box(0, 0, 200, 100)
