"""Bullets that the engine passed over: found by their ink, beside lines that begin below each other.

A dot alone is a speck to Tesseract as often as not. Here a dot, square or dash is a bullet where a second
line has the same at the same place before it.
"""

# ruff: noqa: RUF001 - what engines make of a bullet

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from common.document.direction import is_right_to_left
from common.document.geometry import Box, union
from common.document.page import Block, Line, Word
from common.document.text import words

Ink = npt.NDArray[np.bool_]

_BULLET: Final = "•"
_DASH: Final = "–"
_MISREAD: Final = frozenset((*"oe»«¢©®°·.=*+¥#@", "¢«", "¢»"))
_CONFIDENCE: Final = 0.7
_REACH: Final = 3.0  # line heights before a line
_NEAREST: Final = 0.2
_SMALLEST, _LARGEST, _LONGEST = 0.12, 0.6, 1.2
_ROUND: Final = 1.5  # times as long as high, a dot or square at most
_DASH_SHAPE: Final = 3.0
_FILLED: Final = 0.68  # of its box: a letter is not
_MIDDLE: Final = (0.25, 0.85)  # of a line's height, from its top
_SAME_PLACE: Final = 0.25  # of a line's height
_SAME_INDENT: Final = 0.6
_SAME_SIZE: Final = 1.4
_FEWEST: Final = 2
_LONGEST_ITEM: Final = 6  # lines
_CONTRAST: Final = 0.5  # between the darkest and the lightest


@dataclass(frozen=True, slots=True)
class _Found:
    """A mark before the text of a line; ``misread``: the engine took it for the line's first word."""

    line: Line
    box: Box
    text_start: int
    height: float
    sign: str
    misread: bool


def with_bullets(image: Image.Image, blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks with a word more where a bullet is; ``image`` is grey and what they were read from."""
    lines = [line for block in blocks for line in block.lines if line.words]
    if len(lines) < _FEWEST:
        return tuple(blocks)
    height = median(line.bbox.y1 - line.bbox.y0 for line in lines)
    backwards = is_right_to_left(word.text for word in words(blocks))
    page = _Page(image, backwards, height)
    found = [mark for line in lines if (mark := page.mark_before(line)) is not None]
    starts = [_start(line.bbox, backwards) for line in lines]
    signed = {id(mark.line): mark for mark in found if _is_bullet(mark, _siblings(mark, found), starts)}
    return tuple(_signed_block(block, signed) for block in blocks)


def _start(box: Box, backwards: bool) -> int:
    return -box.x1 if backwards else box.x0


def _is_bullet(mark: _Found, siblings: int, starts: Iterable[int]) -> bool:
    """Not a speck in the margin of running text, most lines of which begin where that line does."""
    slack = _SAME_INDENT * mark.height
    level = sum(abs(start - mark.text_start) <= slack for start in starts)
    return siblings >= _FEWEST and level <= _LONGEST_ITEM * siblings


def _siblings(mark: _Found, found: Iterable[_Found]) -> int:
    """How many there are like it, itself among them."""
    slack = _SAME_PLACE * mark.height
    size = mark.box.x1 - mark.box.x0
    return sum(
        other.sign == mark.sign
        and abs(other.box.x0 - mark.box.x0) <= slack
        and abs(other.text_start - mark.text_start) <= _SAME_INDENT * mark.height
        and max(size, other.box.x1 - other.box.x0) <= _SAME_SIZE * min(size, other.box.x1 - other.box.x0)
        for other in found
    )


def _signed_block(block: Block, signed: dict[int, _Found]) -> Block:
    if not any(id(line) in signed for line in block.lines):
        return block
    lines = tuple(_signed_line(line, signed.get(id(line))) for line in block.lines)
    return replace(block, lines=lines, bbox=union(line.bbox for line in lines))


def _signed_line(line: Line, mark: _Found | None) -> Line:
    if mark is None:
        return line
    rest = line.words[1:] if mark.misread else line.words
    signed = (Word(mark.sign, mark.box, _CONFIDENCE), *rest)
    return Line(signed, union(word.bbox for word in signed))


class _Page:
    """The ink of a page; ``height`` is that of its lines."""

    def __init__(self, image: Image.Image, backwards: bool, height: float) -> None:
        self._image = image
        self._backwards = backwards
        self._height = height

    def mark_before(self, line: Line) -> _Found | None:
        first = line.words[0]
        misread = first.text in _MISREAD and len(line.words) > 1
        text = line.words[1] if misread else first
        if not text.text[:1].isalnum():
            return None
        box = self._mark_box(self._beside(line, text.bbox))
        if box is None:
            return None
        sign = _DASH if box.x1 - box.x0 > _ROUND * (box.y1 - box.y0) else _BULLET
        start = _start(text.bbox, self._backwards)
        return _Found(line, box, start, self._height, sign, misread)

    def _beside(self, line: Line, text: Box) -> Box:
        """As high as the line; one of small letters alone, as if it had others."""
        more = max(0, round((self._height - (line.bbox.y1 - line.bbox.y0)) / 2))
        top, foot = max(0, line.bbox.y0 - more), min(self._image.height, line.bbox.y1 + more)
        return Box(text.x0, top, text.x1, foot)

    def _mark_box(self, text: Box) -> Box | None:
        """Around the one mark before a line that begins with ``text``; None where there is none or more."""
        reach = round(_REACH * self._height)
        x0, x1 = (text.x1, text.x1 + reach) if self._backwards else (text.x0 - reach, text.x0)
        x0, x1 = max(0, x0), min(self._image.width, x1)
        if x1 - x0 < self._height or text.y1 <= text.y0:
            return None
        ink = _ink(np.asarray(self._image.crop((x0, text.y0, x1, text.y1))))
        columns, rows = (np.flatnonzero(ink.any(axis=axis)) for axis in (0, 1))
        if not len(columns):
            return None
        box = Box(
            x0 + int(columns[0]),
            text.y0 + int(rows[0]),
            x0 + int(columns[-1]) + 1,
            text.y0 + int(rows[-1]) + 1,
        )
        gap = box.x0 - text.x1 if self._backwards else text.x0 - box.x1
        filled = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].mean()
        middle = ((box.y0 + box.y1) / 2 - text.y0) / (text.y1 - text.y0)
        fits = gap >= _NEAREST * self._height and _MIDDLE[0] <= middle <= _MIDDLE[1] and filled >= _FILLED
        return box if fits and self._has_shape(box) else None

    def _has_shape(self, box: Box) -> bool:
        width, height = (box.x1 - box.x0) / self._height, (box.y1 - box.y0) / self._height
        if _DASH_SHAPE * height <= width <= _LONGEST:
            return width >= _SMALLEST * _DASH_SHAPE
        return min(width, height) >= _SMALLEST and max(width, height) <= min(
            _LARGEST, _ROUND * min(width, height)
        )


def _ink(strip: npt.NDArray[np.uint8]) -> Ink:
    """What is dark on a light ground."""
    ground = int(np.median(strip))
    return np.less(strip, ground * _CONTRAST)
