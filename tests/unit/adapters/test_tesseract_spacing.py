"""Words put together as the plain text of the same reading has them."""

from common.adapters.tesseract_spacing import rejoined
from common.document.geometry import Box
from common.document.page import Block, Line, Word


def block(*lines: tuple[str, ...]) -> Block:
    return Block(tuple(map(line_of, lines)), Box(0, 0, 100, 100))


def line_of(texts: tuple[str, ...]) -> Line:
    words = (Word(text, Box(10 * x, 0, 10 * x + 9, 9), 0.5 + 0.1 * x) for x, text in enumerate(texts))
    return Line(tuple(words), Box(0, 0, 100, 9))


def texts(blocks: tuple[Block, ...]) -> list[list[str]]:
    return [[word.text for word in line.words] for one in blocks for line in one.lines]


def test_words_without_a_blank_between_them_are_one() -> None:
    joined = rejoined([block(("모든", "인", "간", "은"), ("태어", "날"))], "모든 인간은\n태어날\n\n")
    assert texts(joined) == [["모든", "인간은"], ["태어날"]]
    assert joined[0].lines[0].words[1].bbox == Box(10, 0, 39, 9)
    assert joined[0].lines[0].words[1].confidence == 0.7


def test_words_of_two_lines_stay_apart() -> None:
    assert texts(rejoined([block(("모든",), ("인",))], "모든인")) == [["모든"], ["인"]]


def test_a_text_of_other_letters_changes_nothing() -> None:
    torn = (block(("인", "간")),)
    assert rejoined(torn, "사람") == torn
