from PIL import Image

from common.adapters.page_parts import only
from common.document.geometry import Box


def test_nothing_but_the_boxes_is_left() -> None:
    page = only(Image.new("L", (100, 80), 0), [Box(10, 20, 30, 40)], (100, 80))
    assert page.point(lambda level: 255 - level).getbbox() == (10, 20, 30, 40)


def test_boxes_are_of_the_page_that_the_image_is_a_reduction_of() -> None:
    page = only(Image.new("RGB", (100, 80), "black"), [Box(10, 20, 30, 40)], (200, 160))
    assert page.convert("L").point(lambda level: 255 - level).getbbox() == (5, 10, 15, 20)
