"""Where Tesseract is unsure of what it read: on single lines, or on the page as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from common.document.page import Block, Line
from common.document.text import mean_confidence

# Tesseract gives a line of clean print about 0.96; below this one in ten characters is wrong.
_WEAK_LINE: Final = 0.9
# The characters in weak lines, as a share of all, above which lines were missed as well.
_WEAK_PAGE: Final = 0.15
_FEW_CHARACTERS: Final = 20


@dataclass(frozen=True, slots=True)
class Doubt:
    """``whole``: the page is to be read again; else its ``lines`` are, (block, line) places of the page."""

    whole: bool
    lines: frozenset[tuple[int, int]]

    def __bool__(self) -> bool:
        return self.whole or bool(self.lines)


def doubt(blocks: Sequence[Block], has_ink: bool) -> Doubt:
    """``has_ink``: the image is not blank, so that reading next to nothing is no good sign."""
    lengths = weak_length = 0
    weak = set()
    for at, block in enumerate(blocks):
        for row, line in enumerate(block.lines):
            length = _length(line)
            lengths += length
            if is_weak(line):
                weak_length += length
                weak.add((at, row))
    if lengths < _FEW_CHARACTERS:
        return Doubt(has_ink and (not lengths or bool(weak)), frozenset(weak))
    return Doubt(weak_length > _WEAK_PAGE * lengths, frozenset(weak))


def is_weak(line: Line) -> bool:
    return (mean_confidence(line.words) or 0.0) < _WEAK_LINE


def _length(line: Line) -> int:
    return sum(len(word.text) for word in line.words)
