import pytest
from PIL import Image, ImageDraw

from common.reading.recognition.legible_image import LegibleImage

INK, PAPER = 0, 255


@pytest.fixture
def frame() -> Image.Image:
    image = Image.new("L", (400, 400), PAPER)
    ImageDraw.Draw(image).rectangle((50, 50, 350, 350), None, INK, 3)
    return image


def across_and_upright(image: Image.Image) -> list[object]:
    return [image.getpixel((200, 51)), image.getpixel((51, 200))]


@pytest.mark.parametrize(("model", "across"), [("eng", INK), ("Devanagari", PAPER), ("heb", PAPER)])
def test_rules_across_are_erased_for_some_scripts(frame: Image.Image, model: str, across: int) -> None:
    assert across_and_upright(LegibleImage(frame, 20.0).seen(0, (model,))) == [across, PAPER]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_what_is_upright_is_told_after_the_turn(frame: Image.Image, rotation: int) -> None:
    assert across_and_upright(LegibleImage(frame, 20.0).seen(rotation, ("eng",))) == [INK, PAPER]


def test_all_rules_stay_where_nobody_knows_how_large_the_text_is(frame: Image.Image) -> None:
    assert across_and_upright(LegibleImage(frame).seen(0, ("heb",))) == [INK, INK]
