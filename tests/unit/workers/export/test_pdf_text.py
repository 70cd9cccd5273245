"""The invisible layer's lines, before anything is drawn."""

from pathlib import Path

import pytest

from common.document.geometry import Box, union
from common.document.page import Block, Engine, Line, Page, Word
from common.errors import PageUnreadable
from workers.export.formats.searchable_pdf import own_text
from workers.export.formats.searchable_pdf.layer import layer_of
from workers.export.formats.searchable_pdf.own_text import Stays, what_stays


def page(*words: Word, rotation: int = 0) -> Page:
    line = Line(words, union(word.bbox for word in words))
    return Page(1000, 500, Engine.TESSERACT, (Block((line,), line.bbox),), rotation=rotation)


def word(text: str, x0: int, x1: int, y0: int = 100, y1: int = 140) -> Word:
    return Word(text, Box(x0, y0, x1, y1), 0.9)


def test_words_lie_as_on_the_page_turned_for_reading() -> None:
    layer = layer_of(page(word("up", 100, 140, 200, 300), rotation=90), lambda word: True)
    assert layer.size == (500, 1000)
    assert layer.paragraphs[0].lines[0][0].bbox == Box(200, 100, 300, 140)


def test_neighbours_in_a_script_without_blanks_are_one_word() -> None:
    layer = layer_of(page(word("生而", 0, 80), word("自由", 84, 160)), lambda word: True)
    assert [word.text for word in layer.paragraphs[0].lines[0]] == ["生而自由"]
    assert layer.paragraphs[0].lines[0][0].bbox == Box(0, 100, 160, 140)


def test_words_far_apart_stay_words_in_any_script() -> None:
    layer = layer_of(page(word("生而", 0, 80), word("自由", 600, 680)), lambda word: True)
    assert [word.text for word in layer.paragraphs[0].lines[0]] == ["生而", "自由"]


def test_lines_without_a_wanted_word_are_left_out() -> None:
    assert layer_of(page(word("old", 0, 80)), lambda word: False).paragraphs == ()


def test_words_without_height_get_some() -> None:
    layer = layer_of(page(word("flat", 0, 80, 100, 100)), lambda word: True)
    assert layer.paragraphs[0].lines[0][0].bbox == Box(0, 100, 80, 101)


def test_of_a_page_that_cannot_be_read_now_all_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(source: Path, index: int) -> None:
        raise PageUnreadable

    monkeypatch.setattr(own_text, "read_text_layer", unreadable)
    own = Word("own", Box(0, 0, 50, 40), 1.0, Engine.TEXT_LAYER)
    assert what_stays(Path("source"), 0, page(own, word("read", 100, 150))) is Stays.ALL


def test_of_a_page_without_words_its_reader_tells_what_stays() -> None:
    blank, own = Page(10, 10, Engine.TESSERACT), Page(10, 10, Engine.TEXT_LAYER)
    assert what_stays(Path("source"), 0, blank) is Stays.NOTHING
    assert what_stays(Path("source"), 0, own) is Stays.ALL
