from collections.abc import Sequence

import pytest
from PIL import Image, ImageDraw

from common.document.geometry import Box, union
from common.document.page import Block, Line, Word
from common.document.text import block_text
from common.reading.bullets import with_bullets

SIZE = (1000, 1000)
LEFT, PITCH, HEIGHT = 200, 40, 24
ENGLISH = ("Amber anchor", "Basket bridge", "Castle cherry", "Dragon engine")
HEBREW = ("שלום עולם", "ספר בית", "דרך מים", "שמש ירח")
Mark = tuple[float, float, float]  # width, height, distance from the text, in heights of a line
DOT, SQUARE, DASH = (0.25, 0.25, 0.6), (0.4, 0.4, 0.5), (0.8, 0.1, 0.5)
SPECK, LETTER = (0.05, 0.05, 0.6), (0.5, 0.9, 0.5)


def page(
    texts: Sequence[str], marks: dict[int, Mark], backwards: bool = False, noise: int = 0
) -> tuple[Image.Image, list[Block]]:
    """Lines of dark words, and dark marks before some of them."""
    image = Image.new("L", SIZE, 235 - noise)
    draw = ImageDraw.Draw(image)
    blocks = []
    for row, text in enumerate(texts):
        words, x, y = [], LEFT, 100 + row * PITCH
        for word in text.split():
            words.append(Word(word, flip(Box(x, y, x + 14 * len(word), y + HEIGHT), backwards), 0.9))
            x += 14 * len(word) + 10
            draw.rectangle(inner(words[-1].bbox), 20)
        blocks.append(Block((Line(tuple(words), union(word.bbox for word in words)),), words[0].bbox))
        if row in marks:
            width, height, gap = (part * HEIGHT for part in marks[row])
            middle = y + 0.55 * HEIGHT
            box = Box(
                round(LEFT - gap - width),
                round(middle - height / 2),
                round(LEFT - gap),
                round(middle + height / 2),
            )
            draw.rectangle(inner(flip(box, backwards)), 20)
    return image, blocks


def inner(box: Box) -> tuple[int, int, int, int]:
    return box.x0, box.y0, box.x1 - 1, box.y1 - 1


def flip(box: Box, backwards: bool) -> Box:
    return Box(SIZE[0] - box.x1, box.y0, SIZE[0] - box.x0, box.y1) if backwards else box


def texts_of(image: Image.Image, blocks: Sequence[Block]) -> list[str]:
    return [block_text(block) for block in with_bullets(image, blocks)]


@pytest.mark.parametrize(("mark", "sign"), [(DOT, "•"), (SQUARE, "•"), (DASH, "–")])  # noqa: RUF001
@pytest.mark.parametrize("backwards", [False, True])
def test_dots_squares_and_dashes_before_lines_are_bullets(mark: Mark, sign: str, backwards: bool) -> None:
    texts = HEBREW if backwards else ENGLISH
    found = texts_of(*page(texts, dict.fromkeys(range(4), mark), backwards))
    assert found == [f"{sign} {text}" for text in texts]


def test_a_bullet_is_where_its_ink_is() -> None:
    image, blocks = page(ENGLISH, dict.fromkeys(range(4), DOT))
    first = with_bullets(image, blocks)[0]
    assert first.lines[0].words[0].bbox == Box(180, 110, 186, 116)
    assert first.bbox == first.lines[0].bbox == union(word.bbox for word in first.lines[0].words)


def test_one_mark_alone_is_a_speck() -> None:
    assert texts_of(*page(ENGLISH, {1: DOT})) == list(ENGLISH)


@pytest.mark.parametrize("mark", [SPECK, LETTER])
def test_specks_and_letters_are_no_bullets(mark: Mark) -> None:
    assert texts_of(*page(ENGLISH, dict.fromkeys(range(4), mark))) == list(ENGLISH)


def test_marks_that_do_not_stand_below_each_other_are_no_bullets() -> None:
    marks = {0: (0.25, 0.25, 0.4), 1: (0.25, 0.25, 1.2), 2: (0.25, 0.25, 2.0)}
    assert texts_of(*page(ENGLISH, marks)) == list(ENGLISH)


def test_specks_in_the_margin_of_running_text_are_no_bullets() -> None:
    texts = ENGLISH * 5
    assert texts_of(*page(texts, {4: DOT, 11: DOT})) == list(texts)


def test_a_letter_that_was_read_for_a_bullet_is_replaced() -> None:
    image, blocks = page(ENGLISH, dict.fromkeys(range(4), DOT))
    line = blocks[2].lines[0]
    misread = Word("e", Box(180, 110 + 2 * PITCH, 186, 116 + 2 * PITCH), 0.4)
    blocks[2] = Block((Line((misread, *line.words), line.bbox),), line.bbox)
    assert texts_of(image, blocks) == [f"• {text}" for text in ENGLISH]


def test_pages_without_lines_stay_as_they_are() -> None:
    assert with_bullets(Image.new("L", SIZE, 255), []) == ()
    blank = Block((Line((), Box(0, 0, 1, 1)),), Box(0, 0, 1, 1))
    assert with_bullets(Image.new("L", SIZE, 255), [blank]) == (blank,)


def test_lines_at_the_edge_and_without_height_do_no_harm() -> None:
    boxes = [Box(0, 0, 40, 20), Box(0, 30, 40, 50), Box(990, 990, 1000, 1000), Box(5, 70, 5, 70)]
    blocks = [Block((Line((Word("amber", box, 0.9),), box),), box) for box in boxes]
    assert with_bullets(Image.new("L", SIZE, 0), blocks) == tuple(blocks)
