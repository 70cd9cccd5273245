"""Words, lines and blocks for tests, in a few characters."""

from common.document.geometry import Box, union
from common.document.page import Block, Engine, Line, Word

PITCH = 10
HEIGHT = 20


def words(
    text: str, confidence: float = 0.9, *, x: int = 0, y: int = 0, engine: Engine | None = None
) -> tuple[Word, ...]:
    """Side by side from ``x``; every character is ``PITCH`` wide."""
    placed = []
    for word in text.split():
        box = Box(x, y, x + PITCH * len(word), y + HEIGHT)
        placed.append(Word(word, box, confidence, engine))
        x = box.x1 + PITCH
    return tuple(placed)


def line(text: str, confidence: float = 0.9, *, x: int = 0, y: int = 0, engine: Engine | None = None) -> Line:
    of_line = words(text, confidence, x=x, y=y, engine=engine)
    return Line(of_line, union(word.bbox for word in of_line))


def block(*lines: Line) -> Block:
    return Block(lines, union(each.bbox for each in lines))
