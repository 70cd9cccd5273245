"""What an engine's confidence means: the share of its words that are right.

Tesseract is too modest about clean print and too sure of noise, PP-OCR is too sure of everything. The
tables below turn what they say into what is so; they were fitted to words of printed pages, degraded
ones among them, and kept few and smooth.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from common.document.page import Block, Engine, Line, Word

_Table = tuple[tuple[float, float], ...]

_TABLES: Final[dict[Engine, _Table]] = {
    Engine.TESSERACT: ((0.0, 0.12), (0.5, 0.36), (0.8, 0.62), (0.9, 0.88), (0.95, 0.97), (1.0, 0.985)),
    Engine.PP_OCR: (
        (0.0, 0.05),
        (0.5, 0.2),
        (0.9, 0.45),
        (0.97, 0.62),
        (0.99, 0.8),
        (0.997, 0.9),
        (1.0, 0.96),
    ),
}


def calibrate(blocks: Sequence[Block], engine: Engine = Engine.TESSERACT) -> tuple[Block, ...]:
    """The blocks with confidences that are probabilities; ``engine`` is of words that name none."""
    return tuple(replace(block, lines=tuple(_line(line, engine) for line in block.lines)) for block in blocks)


def calibrated(word: Word, engine: Engine = Engine.TESSERACT) -> Word:
    table = _TABLES.get(word.engine or engine)
    return word if table is None else replace(word, confidence=round(_looked_up(word.confidence, table), 4))


def _line(line: Line, engine: Engine) -> Line:
    return replace(line, words=tuple(calibrated(word, engine) for word in line.words))


def _looked_up(value: float, table: _Table) -> float:
    """Straight lines between the points of the table."""
    for (x0, y0), (x1, y1) in pairwise(table):
        if value <= x1:
            return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
    return table[-1][1]
