from common.document.geometry import Box
from common.document.page import Block, Engine, Line, Word
from common.document.text import words
from common.document.text_layer import LayerWord
from common.reading.own_text.fusion import blocks_of, fuse


def block(*parts: tuple[str, Box]) -> Block:
    box = parts[0][1]
    return Block((Line(tuple(Word(text, place, 0.8) for text, place in parts), box),), box)


OWN = block(("own", Box(100, 100, 200, 140)))
REGION = Box(0, 500, 1000, 1000)


def test_words_of_unread_regions_are_added_and_say_who_read_them() -> None:
    page = fuse([OWN], [block(("read", Box(100, 600, 200, 640)))], [REGION], Engine.TESSERACT)
    assert [(word.text, word.engine) for word in words(page)] == [("own", None), ("read", Engine.TESSERACT)]


def test_a_word_that_says_already_who_read_it_goes_on_saying_so() -> None:
    second = Block((Line((Word("read", Box(100, 600, 200, 640), 0.8, Engine.PP_OCR),), REGION),), REGION)
    assert [word.engine for word in words(fuse([], [second], [REGION], Engine.TESSERACT))] == [Engine.PP_OCR]


def test_words_outside_the_unread_regions_are_left_out() -> None:
    assert fuse([OWN], [block(("again", Box(300, 100, 400, 140)))], [REGION], Engine.TESSERACT) == (OWN,)


def test_nothing_is_there_twice() -> None:
    read = block(("own", Box(102, 98, 203, 143)), ("new", Box(220, 98, 300, 143)))
    page = fuse([OWN], [read], [Box(0, 0, 1000, 1000)], Engine.TESSERACT)
    assert [word.text for word in words(page)] == ["own", "new"]
    assert page[1].bbox == page[1].lines[0].bbox == Box(220, 98, 300, 143)


def test_a_word_read_over_several_own_ones_is_left_out() -> None:
    own = block(("Page", Box(100, 600, 190, 640)), ("3", Box(200, 600, 220, 640)))
    read = block(("Page3", Box(98, 598, 222, 642)))
    assert fuse([own], [read], [REGION], Engine.TESSERACT) == (own,)


def test_lines_are_parted_at_wide_gaps_and_keep_their_order() -> None:
    line = tuple(
        LayerWord(text, Box(x, 100, x + 80, 140)) for text, x in (("a", 100), ("b", 200), ("c", 500))
    )
    assert [[word.text for word in words((part,))] for part in blocks_of([line])] == [["a", "b"], ["c"]]


def test_a_turned_line_is_parted_along_its_own_direction() -> None:
    line = tuple(
        LayerWord(text, Box(100, y, 140, y + 80)) for text, y in (("a", 500), ("b", 400), ("c", 100))
    )
    assert [[word.text for word in words((part,))] for part in blocks_of([line])] == [["a", "b"], ["c"]]


def test_painted_words_are_certain_and_hidden_ones_nearly_so() -> None:
    line = (LayerWord("a", Box(0, 0, 9, 9)), LayerWord("b", Box(10, 0, 19, 9), hidden=True))
    assert [word.confidence for word in words(blocks_of([line]))] == [1.0, 0.95]
