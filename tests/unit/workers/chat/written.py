"""Pages with the words just where the tests put them."""

from collections.abc import Sequence

from common.document.geometry import Box, union
from common.document.page import Block, Engine, Line, Page, Role, Table, Word

TALL = 20
LETTER = 10


def line(text: str, x: int = 0, y: int = 0) -> Line:
    words = []
    for word in text.split():
        words.append(Word(word, Box(x, y, x + LETTER * len(word), y + TALL), 0.9))
        x += LETTER * (len(word) + 1)
    return Line(tuple(words), union(word.bbox for word in words))


def block(*texts: str, x: int = 0, y: int = 0, role: Role = Role.PARAGRAPH) -> Block:
    lines = tuple(line(text, x, y + 30 * row) for row, text in enumerate(texts))
    return Block(lines, union(each.bbox for each in lines), role)


def page(*blocks: Block, language: str = "en", tables: Sequence[Table] = ()) -> Page:
    languages = (language,) if language else ()
    return Page(1000, 1400, Engine.TESSERACT, blocks, tuple(tables), 0, languages)
