"""The invisible layer's lines, before anything is drawn."""

from common.document.geometry import Box, union
from common.document.page import Block, Engine, Line, Page, Word
from workers.export.formats.searchable_pdf.invisible_text import layer_of


def page(*words: Word, rotation: int = 0) -> Page:
    line = Line(words, union(word.bbox for word in words))
    return Page(1000, 500, Engine.TESSERACT, (Block((line,), line.bbox),), rotation=rotation)


def word(text: str, x0: int, x1: int, y0: int = 100, y1: int = 140) -> Word:
    return Word(text, Box(x0, y0, x1, y1), 0.9)


def test_words_lie_as_on_the_page_turned_for_reading() -> None:
    layer = layer_of(page(word("up", 100, 140, 200, 300), rotation=90), lambda word: True)
    assert layer.size == (500, 1000)
    assert layer.blocks[0][0][0].bbox == Box(200, 100, 300, 140)


def test_neighbours_in_a_script_without_blanks_are_one_word() -> None:
    layer = layer_of(page(word("生而", 0, 80), word("自由", 84, 160)), lambda word: True)
    assert [word.text for word in layer.blocks[0][0]] == ["生而自由"]
    assert layer.blocks[0][0][0].bbox == Box(0, 100, 160, 140)


def test_words_far_apart_stay_words_in_any_script() -> None:
    layer = layer_of(page(word("生而", 0, 80), word("自由", 600, 680)), lambda word: True)
    assert [word.text for word in layer.blocks[0][0]] == ["生而", "自由"]


def test_lines_without_a_wanted_word_are_left_out() -> None:
    assert layer_of(page(word("old", 0, 80)), lambda word: False).blocks == ()


def test_words_without_height_get_some() -> None:
    layer = layer_of(page(word("flat", 0, 80, 100, 100)), lambda word: True)
    assert layer.blocks[0][0][0].bbox == Box(0, 100, 80, 101)
