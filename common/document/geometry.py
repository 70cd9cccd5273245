"""Boxes on a page, in pixels, origin top left, x to the right, y down."""

from collections.abc import Iterable
from typing import NamedTuple


class Box(NamedTuple):
    """An upright rectangle: left, top, right and bottom edge in pixels (right and bottom exclusive)."""

    x0: int
    y0: int
    x1: int
    y1: int


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of ``boxes``; an empty box at the origin when there are none."""
    known = list(boxes)
    if not known:
        return Box(0, 0, 0, 0)
    return Box(
        min(box.x0 for box in known),
        min(box.y0 for box in known),
        max(box.x1 for box in known),
        max(box.y1 for box in known),
    )


def clip(box: Box, width: int, height: int) -> Box:
    """``box`` cut off at the edges of a page of ``width`` × ``height`` pixels."""
    return Box(
        min(max(box.x0, 0), width),
        min(max(box.y0, 0), height),
        min(max(box.x1, 0), width),
        min(max(box.y1, 0), height),
    )


def scale(box: Box, factor_x: float, factor_y: float) -> Box:
    """``box`` on the same page after its image was resized by the two factors."""
    return Box(
        round(box.x0 * factor_x),
        round(box.y0 * factor_y),
        round(box.x1 * factor_x),
        round(box.y1 * factor_y),
    )


def rotate(box: Box, degrees: int, width: int, height: int) -> Box:
    """``box`` after its page of ``width`` × ``height`` was turned clockwise by 0, 90, 180 or 270 degrees."""
    match degrees % 360:
        case 0:
            return box
        case 90:
            return Box(height - box.y1, box.x0, height - box.y0, box.x1)
        case 180:
            return Box(width - box.x1, height - box.y1, width - box.x0, height - box.y0)
        case 270:
            return Box(box.y0, width - box.x1, box.y1, width - box.x0)
    raise ValueError(f"a page turns by quarter turns only, not by {degrees} degrees")
