"""Which lines of a block are read on into each other, and where a new thing begins."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from common.document.direction import is_right_to_left
from common.document.line_breaks import LineBreaks
from common.document.page import Block, Line

_GAP_HEIGHTS: Final = 2.0  # wider than any blank, also in justified lines
_PROSE_WORDS: Final = 8
_LOOSE_HEIGHTS: Final = 1.5


def stretches(block: Block, breaks: LineBreaks) -> Iterator[Sequence[Line]]:
    """Line by line where they end on purpose or have columns; else up to where a line ends early."""
    lines = [line for line in block.lines if line.words]
    ends = _early_ends(lines)
    if len(lines) > 1 and (breaks.are_on_purpose(block) or _have_columns(lines)):
        ends = [early or _is_item(line) for early, line in zip(ends, lines, strict=False)]
    start = 0
    for at in range(len(lines)):
        if at + 1 == len(lines) or ends[at]:
            yield lines[start : at + 1]
            start = at + 1


def _is_item(line: Line) -> bool:
    """Short, or a label with what it is for: lines of prose are neither."""
    return len(line.words) < _PROSE_WORDS or _has_gap(line) or any(":" in word.text for word in line.words)


def _have_columns(lines: Sequence[Line]) -> bool:
    """Labels and values apart, in most lines."""
    return 2 * sum(map(_has_gap, lines)) > len(lines)


def _has_gap(line: Line) -> bool:
    height = line.bbox.y1 - line.bbox.y0
    boxes = sorted(word.bbox for word in line.words)
    return any(after.x0 - before.x1 > _GAP_HEIGHTS * height for before, after in pairwise(boxes))


def _early_ends(lines: Sequence[Line]) -> list[bool]:
    """Where the next line's first word would have fitted, and that line begins afresh."""
    backwards = is_right_to_left(word.text for line in lines[:2] for word in line.words)
    if backwards or len(lines) < 2:
        return [False] * max(0, len(lines) - 1)
    right = max(line.bbox.x1 for line in lines)
    return [
        right - upper.bbox.x1
        > lower.words[0].bbox.x1 - lower.words[0].bbox.x0 + _LOOSE_HEIGHTS * (upper.bbox.y1 - upper.bbox.y0)
        and not lower.words[0].text[:1].islower()
        for upper, lower in pairwise(lines)
    ]
