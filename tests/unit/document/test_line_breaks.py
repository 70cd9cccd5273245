from collections.abc import Callable
from dataclasses import replace

import pytest

from common.document.geometry import Box, rotate, union
from common.document.line_breaks import LineBreaks
from common.document.page import Block, Engine, Line, Page, Role, Word

SIZE = (1000, 1400)
HEIGHT = 20
PITCH = 30
PROSE = [
    "Amber anchor autumn basket bridge butter candle",
    "carpet castle cherry copper corner cotton and a",
    "desert. Dinner dragon eagle engine evening were",
    "family farmer father feather. Forest garden was",
    "gentle ginger guitar.",
]
POEM = [
    "The amber lantern by the river",
    "Burns all the winter through",
    "And every sailor in the harbour",
    "Will see it too",
]
ADDRESS = ["Jane Doe", "Head of Books", "12 Harbour Street", "London W1 4AB"]
HEBREW_POEM = ["שלום עולם ספר בית דרך מים", "שמש ירח", "לילה עץ הר ים שדה אבן", "ספר"]
HEBREW_PROSE = ["שלום עולם ספר בית דרך מים", "שמש ירח לילה עץ הר ים ים", "אבן ספר שלום עולם דרך הר", "בית"]


def block(texts: list[str], x: int = 100, y: int = 100, px: int = 10, role: Role = Role.PARAGRAPH) -> Block:
    """Letters ``px`` wide."""
    lines = []
    for row, text in enumerate(texts):
        words, at = [], x
        for word in text.split():
            box = Box(at, y + PITCH * row, at + px * len(word), y + PITCH * row + HEIGHT)
            words.append(Word(word, box, 0.9))
            at = box.x1 + px
        lines.append(Line(tuple(words), union(word.bbox for word in words) if words else Box(x, y, x, y)))
    return Block(tuple(lines), union(line.bbox for line in lines), role)


def mirrored(of: Block) -> Block:
    return moved(of, lambda box: Box(SIZE[0] - box.x1, box.y0, SIZE[0] - box.x0, box.y1))


def moved(of: Block, move: Callable[[Box], Box]) -> Block:
    lines = tuple(
        Line(tuple(replace(word, bbox=move(word.bbox)) for word in line.words), move(line.bbox))
        for line in of.lines
    )
    return replace(of, lines=lines, bbox=move(of.bbox))


def stay(first: Block, *others: Block) -> bool:
    return LineBreaks(Page(*SIZE, Engine.TESSERACT, (first, *others))).are_on_purpose(first)


@pytest.mark.parametrize("px", [7, 10, 14])
@pytest.mark.parametrize("texts", [POEM, ADDRESS, ADDRESS[:2], ["Item Qty", "Glove 1200", "Total: 2.12"]])
def test_verse_addresses_and_receipts_stay_lines(texts: list[str], px: int) -> None:
    assert stay(block(texts, px=px))
    assert stay(block(texts, px=px), block(PROSE, y=600))


@pytest.mark.parametrize("px", [7, 10, 14])
def test_running_text_does_not(px: int) -> None:
    assert not stay(block(PROSE, px=px))
    assert not stay(block(PROSE, px=px), block([" ".join(PROSE[:2])], y=600, px=px))


def test_lines_from_right_to_left_are_judged_by_their_left_ends() -> None:
    assert stay(mirrored(block(HEBREW_POEM)))
    assert not stay(mirrored(block(HEBREW_PROSE)))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_pages_that_lie_on_their_side_are_judged_upright(rotation: int) -> None:
    width, height = SIZE if rotation == 180 else SIZE[::-1]
    for texts, expected in ((PROSE, False), (POEM, True)):
        turned = moved(block(texts), lambda box: rotate(box, -rotation, *SIZE))
        page = Page(width, height, Engine.TESSERACT, (turned,), rotation=rotation)
        assert LineBreaks(page).are_on_purpose(turned) is expected


@pytest.mark.parametrize("picture_first", [True, False])
def test_text_that_runs_past_a_picture_does_not_stay_lines(picture_first: bool) -> None:
    beside, wide = PROSE[:4] * 3, [f"{line} {line.lower()}" for line in PROSE[:4]]
    assert not stay(block(beside + wide if picture_first else wide + beside, px=8))


def test_a_word_that_was_parted_goes_on() -> None:
    assert not stay(block(["A very much short-", "er line of words than the one that is below"]))


def test_two_short_lines_in_the_left_of_two_columns_are_running_text() -> None:
    left = block(["Every sailor in the harbour sees", "Amber lanterns."])
    right = block(PROSE, x=440)
    assert not stay(left, right)


def test_chinese_may_end_its_lines_anywhere() -> None:
    assert not stay(block(["第一行的文字在这里写着好", "第二行的文字在这里写着好"], px=20))
    assert stay(block(["第一行", "第二行的文字在这里写着好", "三行", "四行文"], px=20))


@pytest.mark.parametrize("texts", [["", "two"], ["one", ""], ["", ""], [], ["one"]])
def test_lines_without_words_do_not_tell(texts: list[str]) -> None:
    found = block(texts) if texts else Block((), Box(0, 0, 1, 1))
    assert not stay(found, block(PROSE, y=600))


def test_headings_and_captions_take_no_room_that_others_have() -> None:
    caption = block(["The harbour seen from", "London in the summer"], role=Role.CAPTION)
    assert not stay(caption, block(PROSE, y=600))
