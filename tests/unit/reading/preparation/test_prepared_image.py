"""What is done to a page's image before it is read, and what is left alone."""

import random

import pytest
from PIL import Image, ImageChops, ImageOps

from common.document.geometry import Box
from common.reading.preparation.glyphs import find_glyphs
from common.reading.preparation.prepared_image import prepare
from common.reading.preparation.skew import skew_degrees
from common.reading.preparation.specks import has_specks
from common.reading.preparation.text_height import line_extent, text_height
from tests.pages import Sheet, blank_page, draw_sheet, paragraphs, scan

FEWEST = 4


def page(font_px: int = 44, seed: int = 1) -> Sheet:
    return draw_sheet(paragraphs(seed, count=3), font_px=font_px, margin=2 * font_px)


def turned(image: Image.Image, degrees: float) -> Image.Image:
    """Clockwise."""
    return image.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def grainy(image: Image.Image, deviation: float) -> Image.Image:
    return ImageChops.add(image, Image.effect_noise(image.size, deviation), offset=-128)


def shaded_page(image: Image.Image) -> Image.Image:
    """Lit from the left alone."""
    light = ImageOps.invert(Image.linear_gradient("L").rotate(90)).point(lambda level: 60 + level * 3 // 4)
    return ImageChops.multiply(image, light.resize(image.size))


def paper_levels(image: Image.Image) -> int:
    """The darkest of the four corners, where there is no print."""
    right, bottom = image.width - 5, image.height - 5
    return min(image.crop((x, y, x + 5, y + 5)).getextrema()[1] for x in (0, right) for y in (0, bottom))


def specked(image: Image.Image, share: float) -> Image.Image:
    chance = random.Random(7)
    image = image.copy()
    for _ in range(round(share * image.width * image.height)):
        at = chance.randrange(image.width), chance.randrange(image.height)
        image.putpixel(at, chance.choice((0, 255)))
    return image


def measured_height(image: Image.Image) -> float | None:
    return text_height(find_glyphs(image), FEWEST)


def measured_skew(image: Image.Image) -> float | None:
    glyphs = find_glyphs(image)
    height = text_height(glyphs, FEWEST)
    return skew_degrees(glyphs, height) if height else None


def overlap(one: Box, other: tuple[int, int, int, int]) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


def ink(image: Image.Image) -> Box:
    found = ImageOps.invert(image).point(lambda level: 255 if level > 100 else 0).getbbox()
    assert found is not None
    return Box(*found)


@pytest.mark.parametrize("font_px", [10, 20, 44, 90])
def test_the_text_height_is_that_of_most_letters(font_px: int) -> None:
    """DejaVu's x-height is 0.55 of its size."""
    assert measured_height(page(font_px).image) == pytest.approx(0.55 * font_px, rel=0.15, abs=1.5)


def test_pictures_rules_and_specks_are_no_text() -> None:
    chance = random.Random(5)
    image = page().image
    image.paste(90, (0, 0, image.width, 12))
    image.paste(60, (image.width - 200, 0, image.width, image.height))
    for _ in range(2000):
        image.putpixel((chance.randrange(image.width), chance.randrange(image.height)), 0)
    assert measured_height(image) == pytest.approx(24, abs=3)


def test_light_text_on_a_dark_ground_is_measured_too() -> None:
    assert measured_height(ImageOps.invert(page().image)) == pytest.approx(24, abs=3)


def test_grain_is_not_taken_for_small_print() -> None:
    assert measured_height(grainy(page().image, 40)) == pytest.approx(24, abs=2)
    grain = grainy(blank_page((1200, 1600)), 40)
    assert prepare(grain, None).image is grain


def test_a_blank_page_has_no_text_height_and_is_left_alone() -> None:
    blank = blank_page((2480, 3508))
    for x in range(10):
        blank.paste(0, (100 + 200 * x, 300, 106 + 200 * x, 306))
    prepared = prepare(blank, None)
    assert prepared.image is blank
    assert prepared.placement.back(Box(1, 2, 3, 4)) == Box(1, 2, 3, 4)


@pytest.mark.parametrize("dpi", [300, None])
def test_a_clean_scan_is_not_touched(dpi: int | None) -> None:
    image = scan(1).image
    prepared = prepare(image, dpi)
    assert prepared.image is image
    assert prepared.dpi == 300


def test_small_text_is_enlarged() -> None:
    small = page(12)
    prepared = prepare(small.image, None)
    assert prepared.image.width > 2 * small.image.width
    assert measured_height(prepared.image) == pytest.approx(20, abs=2)


def test_an_enlarged_page_stays_within_what_a_child_can_hold() -> None:
    tile = page(12).image
    wall = Image.new("L", (5000, 5000), 255)
    for x in range(0, 5000, tile.width):
        for y in range(0, 5000, tile.height):
            wall.paste(tile, (x, y))
    prepared = prepare(wall, None)
    assert 5000 <= prepared.image.width <= 5500
    assert measured_height(prepared.image) is not None


def test_huge_text_is_reduced() -> None:
    prepared = prepare(page(160).image, None)
    assert measured_height(prepared.image) == pytest.approx(32, abs=3)


@pytest.mark.parametrize("font_px", [12, 160])
def test_boxes_on_a_resized_page_lead_back_to_it(font_px: int) -> None:
    sheet = page(font_px)
    prepared = prepare(sheet.image, None)
    word = sheet.words[7]
    box = prepared.placement.forward(Box(*word.bbox))
    assert prepared.image.crop(box).getextrema()[0] < 100  # its ink is there
    assert overlap(prepared.placement.back(box), word.bbox) > 0.9


@pytest.mark.parametrize("degrees", [-14, -5.5, -1, 0, 0.5, 3, 12])
def test_the_skew_is_measured(degrees: float) -> None:
    assert measured_skew(turned(page().image, degrees)) == pytest.approx(degrees, abs=0.15)


@pytest.mark.parametrize("quarter", [90, 180, 270])
def test_the_skew_is_measured_on_a_page_that_lies_on_its_side(quarter: int) -> None:
    image = turned(page().image, 4).rotate(-quarter, expand=True)
    assert measured_skew(image) == pytest.approx(4, abs=0.15)


def test_noise_has_no_skew() -> None:
    chance = random.Random(3)
    image = blank_page((1500, 1500))
    for _ in range(1500):
        x, y = chance.randrange(1480), chance.randrange(1480)
        image.paste(0, (x, y, x + chance.randrange(4, 20), y + chance.randrange(4, 20)))
    assert measured_skew(image) is None


def test_a_skewed_page_is_made_level() -> None:
    prepared = prepare(turned(page().image, 5), None)
    assert measured_skew(prepared.image) == pytest.approx(0, abs=0.15)


def test_a_slope_that_does_not_hinder_reading_is_left_alone() -> None:
    slanted = turned(page().image, 0.5)
    assert prepare(slanted, None).image is slanted


def test_boxes_on_a_straightened_page_lead_back_to_the_skewed_one() -> None:
    """A word's ink on the skewed page is where the box of its ink on the level one leads."""
    alone = Image.new("L", page().image.size, 255)
    first = page().words[0]
    alone.paste(page().image.crop(first.bbox), first.bbox[:2])
    prepared = prepare(turned(page().image, 7), None)
    on_level = prepared.placement.forward(ink(turned(alone, 7)))
    assert (
        overlap(prepared.placement.back(_shrunk_to_ink(prepared.image, on_level)), ink(turned(alone, 7)))
        > 0.8
    )


def test_a_shaded_page_is_lit_evenly() -> None:
    shaded = shaded_page(page().image)
    prepared = prepare(shaded, None)
    assert prepared.placement.source == prepared.placement.target == shaded.size
    assert paper_levels(shaded) < 100
    assert paper_levels(prepared.image) > 220
    assert prepared.image.getextrema()[0] < 60  # the ink stays


@pytest.mark.parametrize("level", [255, 150])
def test_paper_of_any_even_shade_is_left_alone(level: int) -> None:
    image = page().image.point(lambda value: value * level // 255)
    assert prepare(image, None).image is image


def test_a_dark_page_is_left_alone_whatever_greys_its_text_has() -> None:
    dark = ImageOps.invert(page().image).point(lambda level: 25 + level * 9 // 10)
    dimmed = dark.crop((0, dark.height // 2, *dark.size)).point(lambda level: min(level, 120))
    dark.paste(dimmed, (0, dark.height // 2))
    assert prepare(dark, None).image is dark


def test_white_print_on_a_dark_half_stays_readable() -> None:
    image = shaded_page(page().image)
    half = image.height // 2
    image.paste(ImageOps.invert(page().image.crop((0, 0, image.width, half))), (0, 0))
    word = page().words[3]
    prepared = prepare(image, None)
    low, high = prepared.image.crop(prepared.placement.forward(Box(*word.bbox))).getextrema()
    assert high - low > 100


def test_single_specks_are_removed_and_print_is_kept() -> None:
    speckled = specked(page().image, 0.03)
    prepared = prepare(speckled, None)
    assert has_specks(speckled) and not has_specks(prepared.image)
    assert prepared.image.crop(page().words[3].bbox).getextrema()[0] < 60


def test_small_print_without_specks_is_not_taken_for_them() -> None:
    assert not has_specks(page(12).image.point(lambda level: 255 if level > 128 else 0))


def test_a_line_cut_out_tightly_is_framed() -> None:
    sheet = draw_sheet(["Planet timber, 4 lemon guitars"], font_px=50)
    edges = ink(sheet.image)
    line = sheet.image.crop(edges)
    prepared = prepare(line, None)
    assert prepared.image.crop((0, 0, prepared.image.width, 5)).getextrema() == (255, 255)
    whole = prepared.placement.back(Box(0, 0, *prepared.image.size))
    assert whole == Box(0, 0, *line.size)
    assert overlap(prepared.placement.back(ink(prepared.image)), (0, 0, *line.size)) > 0.9


@pytest.mark.parametrize(
    "lines", [["Planet timber", "4 lemon guitars"], ["PLANET TIMBER", "4 LEMON GUITARS"]]
)
def test_two_lines_are_not_one(lines: list[str]) -> None:
    sheet = draw_sheet(lines, font_px=40, line_height=1.1)
    cut = sheet.image.crop(ink(sheet.image))
    glyphs = find_glyphs(cut)
    height = text_height(glyphs, FEWEST)
    assert height is not None
    assert line_extent(glyphs, height) is None


@pytest.mark.parametrize(("told", "dpi"), [(200, 200), (400, 400), (72, 300), (2400, 300), (None, 300)])
def test_a_resolution_by_which_print_would_be_absurd_is_not_believed(told: int | None, dpi: int) -> None:
    assert prepare(page(44).image, told).dpi == dpi


def test_the_resolution_follows_the_scale() -> None:
    prepared = prepare(page(20).image, 150)
    assert prepared.dpi == pytest.approx(150 * prepared.image.width / page(20).image.width, abs=1)


def test_a_fax_gets_square_pixels() -> None:
    upright = page(44).image
    squashed = upright.resize((upright.width, upright.height // 2))
    prepared = prepare(squashed, 204, pixel_aspect=2.0)
    assert prepared.image.size == (upright.width, upright.height // 2 * 2)
    assert prepared.placement.back(Box(10, 20, 30, 40)) == Box(10, 10, 30, 20)


@pytest.mark.parametrize(("size", "aspect"), [((400, 17_000), 204 / 98), ((17_000, 400), 98 / 204)])
def test_a_fax_of_great_length_stays_within_what_tesseract_takes(
    size: tuple[int, int], aspect: float
) -> None:
    prepared = prepare(blank_page(size), 204, pixel_aspect=aspect)
    assert max(prepared.image.size) == 32_000
    assert prepared.placement.back(Box(0, 0, *prepared.image.size)) == Box(0, 0, *size)


def test_a_large_fax_gets_square_pixels_but_no_more_of_them() -> None:
    prepared = prepare(blank_page((8000, 5000)), 204, pixel_aspect=4.0)
    assert prepared.image.size == (4000, 10_000)


def test_a_long_line_cut_out_tightly_stays_within_what_tesseract_takes() -> None:
    line = draw_sheet([" ".join(paragraphs(3, count=20))[:1200]], font_px=12, margin=2).image
    long = Image.new("L", (14_000, line.height), 255)
    for x in range(0, long.width, line.width):
        long.paste(line, (x, 0))
    line = long.crop((0, ink(long).y0, long.width, ink(long).y1))
    prepared = prepare(line, None)
    assert prepared.image.width > line.width
    assert max(prepared.image.size) <= 32_000 + 20


def test_a_strip_that_slopes_is_left_as_it_slopes() -> None:
    """Level, it would lie in a page of more than twice its pixels."""
    wide = draw_sheet(
        [" ".join(paragraphs(seed, count=3, words_each=32)) for seed in range(30)], size=(16_000, 2200)
    )
    slope = turned(wide.image, 4)
    middle = slope.height // 2
    strip = slope.crop((200, middle - 400, 15_800, middle + 400))
    assert measured_skew(strip) == pytest.approx(4, abs=0.3)
    assert prepare(strip, None).image is strip


def _shrunk_to_ink(image: Image.Image, box: Box) -> Box:
    x0, y0, x1, y1 = ink(image.crop(box))
    return Box(box.x0 + x0, box.y0 + y0, box.x0 + x1, box.y0 + y1)
