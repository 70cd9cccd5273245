"""Rules among words, and pages with very many of them."""

import pytest
from PIL import Image, ImageDraw

from common.document.geometry import Box
from common.document.page import Word
from common.reading.tables.regions import ruled_regions
from common.reading.tables.rules import NO_RULES, Rules, rules_in, without_ink, without_read_rules

HEIGHT = 12.0


def dashes(pitch: int) -> Image.Image:
    """Short rules all over a page, ``pitch`` pixels from row to row."""
    image = Image.new("L", (1600, 1600), 255)
    draw = ImageDraw.Draw(image)
    for y in range(10, 1590, pitch):
        for x in range(10, 1540, 60):
            draw.line((x, y, x + 40, y), fill=0, width=2)
    return image


def test_a_page_of_hatching_has_no_rules() -> None:
    few, many = dashes(100), dashes(10)
    assert len(rules_in(few, few.size, HEIGHT).horizontal) == 16 * 26
    assert rules_in(many, many.size, HEIGHT) == NO_RULES


def test_a_rule_broken_in_pieces_is_one_beside_another() -> None:
    image = Image.new("L", (800, 400), 255)
    draw = ImageDraw.Draw(image)
    for start in range(50, 700, 104):
        draw.line((start, 100, start + 100, 100), fill=0, width=3)
        draw.line((start, 130, start + 100, 130), fill=0, width=3)
    found = rules_in(image, image.size, 20.0).horizontal
    assert [rule.x1 - rule.x0 > 600 for rule in found] == [True, True]


def test_rules_that_meet_by_others_are_one_region() -> None:
    ladder = [Box(0, y, 200, y + 2) for y in range(0, 300, 50)]
    sides = [Box(0, 0, 2, 252), Box(198, 0, 200, 252)]
    apart = [Box(box.x0 + 400, box.y0, box.x1 + 400, box.y1) for box in (*ladder, *sides)]
    found = ruled_regions(Rules((*ladder, *apart[:6]), (*sides, *apart[6:])), HEIGHT)
    assert [region.bbox for region in found] == [Box(0, 0, 200, 252), Box(400, 0, 600, 252)]


def test_a_bar_is_a_rule_only_where_an_upright_rule_is() -> None:
    rules = Rules(vertical=(Box(100, 0, 103, 500),))
    there, elsewhere = Word("|", Box(98, 40, 106, 60), 0.5), Word("|", Box(198, 40, 206, 60), 0.5)
    letter = Word("l", Box(98, 80, 106, 100), 0.5)
    assert without_read_rules([there, elsewhere, letter], rules) == [elsewhere, letter]


@pytest.mark.timeout(10)
def test_thousands_of_rules_and_words_are_compared_with_their_neighbours_alone() -> None:
    places = [(x, y) for y in range(0, 9000, 30) for x in range(0, 3000, 100)]
    across = tuple(Box(x, y, x + 60, y + 3) for x, y in places)
    words = [Word("some", Box(x, y + 8, x + 60, y + 22), 0.9) for x, y in places]
    kept = without_ink(Rules(across), words, HEIGHT)
    assert kept.horizontal == across
    assert ruled_regions(kept, HEIGHT) == []
