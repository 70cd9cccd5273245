"""Lone page numbers that the engine passed over: a digit or two far from all other text are specks to it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from PIL import Image

from common.document.geometry import Box, union
from common.document.page import Block, Line, Word
from common.document.text import joined, words
from common.reading.preparation.glyphs import Glyphs, find_glyphs

# Reads a box of the page as a line; confidences are calibrated.
LineReader = Callable[[Box], Sequence[Word]]

_NUMBER: Final = re.compile(r"[-–—~·\s]*(?:\d{1,4}|[ivxlc]{1,7})[-–—~·\s]*")  # noqa: RUF001
_CREDIBLE: Final = 0.5
_FEWEST_WORDS: Final = 10  # of a page that is numbered
# In heights of letters without ascenders.
_NEAREST: Final = 0.8  # to the text above or below
_SPECK: Final = 0.4
_TALLEST: Final = 2.2
_LOWEST_DIGIT: Final = 0.8
_LONGEST: Final = 10.0
_MARGIN: Final = 0.5


def with_page_numbers(
    image: Image.Image, text_height: float, blocks: Sequence[Block], read: LineReader
) -> tuple[Block, ...]:
    """The blocks and, above or below all of them, the number of the page; ``image`` is what was read."""
    known = [word.bbox for word in words(blocks)]
    if len(known) < _FEWEST_WORDS:
        return tuple(blocks)
    text = union(known)
    glyphs = find_glyphs(image)
    near = round(_NEAREST * text_height)
    strips = ((0, text.y0 - near), (text.y1 + near, image.height))
    head, foot = (tuple(_numbers(_lone(glyphs, strip, text_height), text_height, read)) for strip in strips)
    return (*head, *blocks, *foot)


def _lone(glyphs: Glyphs, rows: tuple[int, int], unit: float) -> Glyphs:
    """What is between these rows, but for specks."""
    inside = (glyphs.top >= rows[0]) & (glyphs.top + glyphs.height <= rows[1])
    return glyphs.chosen(inside & (np.maximum(glyphs.width, glyphs.height) >= _SPECK * unit))


def _numbers(glyphs: Glyphs, unit: float, read: LineReader) -> Iterator[Block]:
    """At most one: where there is more, it is a picture or grain."""
    if not len(glyphs) or float(glyphs.height.max()) < _LOWEST_DIGIT * unit:
        return
    left, right = float(glyphs.left.min()), float((glyphs.left + glyphs.width).max())
    top, foot = float(glyphs.top.min()), float((glyphs.top + glyphs.height).max())
    if foot - top > _TALLEST * unit or right - left > _LONGEST * unit:
        return
    margin = _MARGIN * unit
    box = Box(*(max(0, round(at)) for at in (left - margin, top - margin, right + margin, foot + margin)))
    found = read(box)
    if _is_number(found):
        around = union(word.bbox for word in found)
        yield Block((Line(tuple(found), around),), around)


def _is_number(found: Iterable[Word]) -> bool:
    every = list(found)
    text = joined(word.text for word in every)
    return _NUMBER.fullmatch(text) is not None and max(word.confidence for word in every) >= _CREDIBLE
