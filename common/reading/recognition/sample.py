"""A few lines of a page, enough to tell its script and language by."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
import numpy.typing as npt

from common.document.geometry import Box, Size, clip
from common.reading.preparation.glyphs import Glyphs

_ENOUGH_GLYPHS: Final = 150
_LARGE_SHARE: Final = 0.4  # of a page; reading so much of it apart saves nothing
_LINES: Final = 2
_PITCH: Final = 2.5  # from line to line, in glyph heights
_ONE_LINE: Final = 2.2  # tall glyphs high at most
_LEAST_WIDTH: Final = 3  # times its height: a line


@dataclass(frozen=True, slots=True)
class Sample:
    """``box`` holds a small part of the page's text, or all of it."""

    box: Box
    is_whole: bool


def take_sample(glyphs: Glyphs, size: Size) -> Sample:
    """Where the most text is, on a page whose lines run across."""
    whole = Sample(Box(0, 0, *size), is_whole=True)
    if len(glyphs) * _LARGE_SHARE <= _ENOUGH_GLYPHS:
        return whole
    unit = max(2.0, float(np.median(glyphs.height)))
    height = ceil(_LINES * _PITCH)
    width = ceil(_ENOUGH_GLYPHS / _LINES)
    cells = _counts(glyphs, unit, size)
    column, row = _fullest(cells, min(width, cells.shape[1]), min(height, cells.shape[0]))
    left, top, right, bottom = (round(edge * unit) for edge in (column, row, column + width, row + height))
    across = (glyphs.left < right) & (glyphs.left + glyphs.width > left)
    gaps = _gaps(glyphs, across, size[1], round(unit * _PITCH / 2))
    box = clip(Box(left, gaps(top), right, gaps(bottom)), *size)
    held = _middles_in(glyphs, box)
    return Sample(box, is_whole=False) if held.mean() <= _LARGE_SHARE else whole


def line_rows(glyphs: Glyphs, size: Size) -> tuple[int, int] | None:
    """The first row of an image's only line of text and the one below it; None for any other image.

    Not the columns: connected letters are longer than glyphs are known to be.
    """
    if not len(glyphs):
        return None
    tall = float(np.percentile(glyphs.height, 90))
    top, bottom = float(glyphs.top.min()), float((glyphs.top + glyphs.height).max())
    width = float((glyphs.left + glyphs.width).max() - glyphs.left.min())
    if bottom - top > _ONE_LINE * tall or width < _LEAST_WIDTH * (bottom - top):
        return None
    margin = max(4.0, tall / 4)
    return max(0, int(top - margin)), min(size[1], int(bottom + margin))


def _counts(glyphs: Glyphs, unit: float, size: Size) -> npt.NDArray[np.float64]:
    """How many glyphs have their middle in each cell of ``unit`` pixels."""
    columns, rows = ceil(size[0] / unit), ceil(size[1] / unit)
    x = np.minimum((glyphs.left + glyphs.width / 2) / unit, columns - 1)
    y = np.minimum((glyphs.top + glyphs.height / 2) / unit, rows - 1)
    return np.histogram2d(y, x, bins=(rows, columns), range=((0, rows), (0, columns)))[0]


def _fullest(cells: npt.NDArray[np.float64], width: int, height: int) -> tuple[int, int]:
    """Column and row of the window of so many cells that holds the most."""
    sums = np.pad(cells.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    held = sums[height:, width:] - sums[:-height, width:] - sums[height:, :-width] + sums[:-height, :-width]
    row, column = np.unravel_index(int(held.argmax()), held.shape)
    return int(column), int(row)


def _gaps(glyphs: Glyphs, across: npt.NDArray[np.bool_], height: int, reach: int) -> Callable[[int], int]:
    """Moves an edge between lines: to the row near it that the fewest glyphs cover."""
    tops = np.bincount(glyphs.top[across].astype(np.int64), minlength=height + 1)
    bottoms = np.bincount((glyphs.top + glyphs.height)[across].astype(np.int64), minlength=height + 1)
    covered = np.cumsum(tops[: height + 1] - bottoms[: height + 1])

    def moved(edge: int) -> int:
        first = max(0, edge - reach)
        return first + int(covered[first : edge + reach + 1].argmin())

    return moved


def _middles_in(glyphs: Glyphs, box: Box) -> npt.NDArray[np.bool_]:
    x, y = glyphs.left + glyphs.width / 2, glyphs.top + glyphs.height / 2
    return (box.x0 <= x) & (x < box.x1) & (box.y0 <= y) & (y < box.y1)
