from PIL import Image, ImageDraw

from common.document.geometry import Box, part_within
from tests.pages import blank_page, draw_sheet, paragraphs
from workers.ocr_vlm.ink import ink_lines


def test_each_line_of_writing_is_one_of_ink() -> None:
    sheet = draw_sheet(paragraphs(seed=1, count=2))
    lines = ink_lines(sheet.image)
    assert len(lines) == len([line for line in sheet.lines if line])
    for word in sheet.words:
        assert sum(_holds(line.bbox, word.bbox) for line in lines) == 1


def test_light_writing_on_a_dark_page_is_ink_too() -> None:
    sheet = draw_sheet(["amber anchor", "autumn basket"])
    assert len(ink_lines(sheet.image.point(lambda level: 255 - level))) == 2


def test_rules_of_a_form_are_no_writing_and_tie_no_lines_together() -> None:
    image = draw_sheet(["amber anchor autumn", "basket bridge butter"], line_height=2).image
    draw = ImageDraw.Draw(image)
    for y in (50, 130, 210):
        draw.line((20, y, image.width - 20, y), 0, 3)
    draw.line((20, 50, 20, 210), 0, 3)
    assert len(ink_lines(image)) == 2


def test_there_is_no_ink_on_blank_paper() -> None:
    assert ink_lines(blank_page()) == ()


def test_grain_is_no_ink() -> None:
    grain = Image.effect_noise((800, 600), 25)
    assert sum(len(line.pieces) for line in ink_lines(grain)) < 20


def _holds(line: Box, word: tuple[int, int, int, int]) -> bool:
    """But for the room that a font leaves beside its letters."""
    return part_within(Box(*word), line) > 0.9
