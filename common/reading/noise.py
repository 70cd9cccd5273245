"""Specks, rules, stamps and pictures that an engine took for text: left out rather than printed.

What is left out has to look like noise and be doubted by its reader: a page number, a lone letter, a
price or a dash that was read with some confidence stays.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from common.document.geometry import union
from common.document.page import Block, Line, Word
from common.document.text import mean_confidence

# Calibrated confidences: of such words less than one in three is right.
_DOUBTED_LINE: Final = 0.35
_DOUBTED_MARK: Final = 0.5  # of a word without letters and digits
_LONGEST_RUN: Final = 3  # letters or digits in a row, of noise


def without_noise(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks without their noise; ``blocks`` are calibrated. Lines and blocks of nothing else go too."""
    return tuple(kept for block in blocks if (kept := _block(block)) is not None)


def _block(block: Block) -> Block | None:
    lines = tuple(kept for line in block.lines if (kept := _line(line)) is not None)
    if lines == block.lines:
        return block
    return replace(block, lines=lines, bbox=union(line.bbox for line in lines)) if lines else None


def _line(line: Line) -> Line | None:
    if _is_noise(line.words):
        return None
    words = tuple(word for word in line.words if not _is_mark(word))
    if words == line.words:
        return line
    return Line(words, union(word.bbox for word in words)) if words else None


def _is_noise(words: Sequence[Word]) -> bool:
    """Doubted from end to end, and nothing in it as long as a word."""
    doubted = (mean_confidence(words) or 0.0) < _DOUBTED_LINE
    return doubted and all(_longest_run(word.text) <= _LONGEST_RUN for word in words)


def _is_mark(word: Word) -> bool:
    return word.confidence < _DOUBTED_MARK and not any(_runs(word.text))


def _longest_run(text: str) -> int:
    return max(_runs(text), default=0)


def _runs(text: str) -> Iterator[int]:
    """The lengths of its runs of letters and digits."""
    return (len(list(run)) for counts, run in groupby(text, key=_is_letter) if counts)


def _is_letter(character: str) -> bool:
    """Of any script; combining vowel signs are part of their letter."""
    return character.isalnum() or unicodedata.category(character).startswith("M")
