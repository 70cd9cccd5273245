

from common.document.geometry import Box, union
from common.document.layout import arrange
from common.document.page import Block, Line, Role, Word
from common.document.text import block_text

WIDTH, HEIGHT = 1000, 1400
SIZE = 20  # of the letters, in pixels
PITCH = 30
PROSE = (
    "amber anchor autumn basket bridge butter candle carpet castle cherry copper corner cotton desert "
    "dinner dragon eagle engine evening family farmer father feather forest garden gentle ginger guitar"
)


def text_line(text: str, x: int, y: int, size: int = SIZE) -> Line:
    """Letters half as wide as they are high, in boxes as high as their font."""
    words: list[Word] = []
    for word in text.split(" "):
        end = x + len(word) * size // 2
        words.append(Word(word, Box(x, y, end, y + size), 0.9))
        x = end + size // 2
    return Line(tuple(words), union(word.bbox for word in words))


def alone(line: Line) -> Block:
    return Block((line,), line.bbox)


def prose(x: int, y: int, columns: int, count: int, start: int = 0) -> list[Block]:
    """``count`` lines of up to ``columns`` letters, each a block of its own, as text layers give them."""
    words, lines = PROSE.split(" "), [""]
    at = start
    while len(lines) <= count:
        word = words[at % len(words)]
        at += 1
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) > columns:
            lines.append(word)
        else:
            lines[-1] = longer
    return [alone(text_line(text, x, y + row * PITCH)) for row, text in enumerate(lines[:count])]


def texts(blocks: tuple[Block, ...]) -> list[str]:
    return [block_text(block) for block in blocks]


def text_of(blocks: list[Block]) -> str:
    return "\n".join(block_text(block) for block in blocks)


def arranged(blocks: list[Block]) -> tuple[Block, ...]:
    return arrange(blocks, WIDTH, HEIGHT)


def roles(blocks: tuple[Block, ...]) -> list[tuple[Role, int]]:
    return [(block.role, block.level) for block in blocks]


def test_columns_are_read_one_after_the_other() -> None:
    left, right = prose(50, 200, 40, 8), prose(550, 200, 40, 8, start=11)
    by_rows = [block for row in zip(left, right, strict=True) for block in row]
    assert texts(arranged(by_rows)) == [text_of(left), text_of(right)]
