"""Which short line says what another one is: "Total due" to the left of an amount, or above it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from common.document.direction import is_right_to_left
from common.document.geometry import Box
from common.document.page import Block, Line, Role
from common.document.text import line_text

_MOST_WORDS: Final = 5
_LETTER: Final = re.compile(r"[^\W\d_]")
_DIGIT: Final = re.compile(r"\d")
_SAME_ROW: Final = 0.5  # of the lower line's height
_NEAR_ABOVE: Final = 1.5  # heights
_PROSE: Final = frozenset({Role.PARAGRAPH, Role.LIST_ITEM, Role.HEADING, Role.CAPTION})


@dataclass(frozen=True, slots=True)
class _Label:
    text: str
    line: Line
    block: int
    backwards: bool
    heads_column: bool


def labels(blocks: Sequence[Block]) -> dict[int, str]:
    """The label of each line that has one, by the line's ``id``; tables have headers instead."""
    lines = [
        (line, index) for index, block in enumerate(blocks) if block.role in _PROSE for line in block.lines
    ]
    known = list(_labels(lines))
    if not known:
        return {}
    values = [(line, index) for line, index in lines if len(line.words) <= _MOST_WORDS * 2]
    found: dict[int, str] = {}
    for line, index in values:
        label = _beside(line, index, known) or _above(line, known)
        if label is not None:
            found[id(line)] = label.text
    return found


def _labels(lines: Sequence[tuple[Line, int]]) -> Iterator[_Label]:
    short = [(line, index) for line, index in lines if len(line.words) <= _MOST_WORDS]
    for line, index in short:
        text = line_text(line)
        if _names_something(text):
            heads = text.endswith((":", "\uff1a")) or any(
                other is not line and _share_row(other.bbox, line.bbox) for other, _ in short
            )
            yield _Label(text, line, index, is_right_to_left([text]), heads)


def _names_something(text: str) -> bool:
    if not _LETTER.search(text) or "@" in text:
        return False
    return text.endswith((":", "\uff1a")) or not (_DIGIT.search(text) or text.endswith((".", ",", ";")))


def _beside(line: Line, block: int, known: Sequence[_Label]) -> _Label | None:
    """The nearest on the same row, where reading begins, of another block."""
    box = line.bbox
    on_row = [
        label
        for label in known
        if label.block != block and _share_row(label.line.bbox, box) and _is_before(label, box)
    ]
    return min(on_row, key=lambda label: _gap(label, box), default=None)


def _is_before(label: _Label, box: Box) -> bool:
    return label.line.bbox.x0 >= box.x1 if label.backwards else label.line.bbox.x1 <= box.x0


def _gap(label: _Label, box: Box) -> int:
    return label.line.bbox.x0 - box.x1 if label.backwards else box.x0 - label.line.bbox.x1


def _share_row(one: Box, other: Box) -> bool:
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared >= _SAME_ROW * min(one.y1 - one.y0, other.y1 - other.y0)


def _above(line: Line, known: Sequence[_Label]) -> _Label | None:
    """For a line with figures: the label right over it, one of a row of them or with a colon."""
    box = line.bbox
    if not _DIGIT.search(line_text(line)):
        return None
    reach = _NEAR_ABOVE * (box.y1 - box.y0)
    over = [
        label
        for label in known
        if label.heads_column
        and 0 <= box.y0 - label.line.bbox.y1 + (box.y1 - box.y0) // 3 <= reach
        and min(box.x1, label.line.bbox.x1) > max(box.x0, label.line.bbox.x0)
    ]
    return max(over, key=lambda label: label.line.bbox.y1, default=None)
