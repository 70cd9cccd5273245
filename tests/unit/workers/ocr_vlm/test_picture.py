"""The picture that a model is shown."""

import io
import random

import pytest
from PIL import Image

from workers.ocr_vlm.picture import picture


def shown(image: Image.Image, max_edge_px: int = 2000, max_pixels: int = 1_000_000) -> Image.Image:
    made = picture(image, max_edge_px, max_pixels)
    assert made.media_type == "image/jpeg"
    decoded = Image.open(io.BytesIO(made.data))
    assert decoded.format == "JPEG"
    return decoded


@pytest.mark.parametrize(
    ("size", "becomes"),
    [
        ((800, 600), (800, 600)),
        ((3000, 3000), (1000, 1000)),
        ((4000, 100), (2000, 50)),
        ((100, 4000), (50, 2000)),
        ((1, 30_000), (1, 2000)),
        ((2, 1), (2, 1)),
    ],
)
def test_it_is_within_bounds_and_never_enlarged(size: tuple[int, int], becomes: tuple[int, int]) -> None:
    assert shown(Image.new("RGB", size)).size == becomes


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P", "CMYK"])
def test_every_mode_becomes_colour(mode: str) -> None:
    assert shown(Image.new(mode, (20, 20))).mode == "RGB"


def test_colours_are_kept() -> None:
    red, green, blue = shown(Image.new("RGB", (50, 50), (200, 30, 40))).getpixel((25, 25))  # type: ignore[misc]
    assert red > 180
    assert max(green, blue) < 60


def test_the_given_image_stays_as_it_is() -> None:
    image = Image.new("L", (3000, 3000))
    shown(image)
    assert (image.mode, image.size) == ("L", (3000, 3000))


def test_a_grainy_page_is_packed_as_tight_as_models_ask() -> None:
    size = (2500, 2400)
    grain = Image.frombytes("RGB", size, random.Random(1).randbytes(3 * size[0] * size[1]))
    made = picture(grain, 2576, 8_000_000)
    assert len(made.data) <= 3_700_000
    assert Image.open(io.BytesIO(made.data)).size == size
