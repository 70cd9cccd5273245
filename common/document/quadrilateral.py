"""Lines of text that lie a little askew, as a text detector tells where they are."""

from typing import NamedTuple

from common.document.geometry import Box

Point = tuple[float, float]


class Quad(NamedTuple):
    """The corners of a line of text in pixels, clockwise from where its reading begins."""

    top_left: Point
    top_right: Point
    bottom_right: Point
    bottom_left: Point


def corners(box: Box) -> Quad:
    return Quad((box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1))


def bounds(quad: Quad) -> Box:
    """The upright box around it."""
    xs, ys = zip(*quad, strict=True)
    return Box(round(min(xs)), round(min(ys)), round(max(xs)), round(max(ys)))


def between(quad: Quad, begin: float, end: float) -> Quad:
    """The part of the line from ``begin`` to ``end``, shares of its length."""
    return Quad(
        _along(quad.top_left, quad.top_right, begin),
        _along(quad.top_left, quad.top_right, end),
        _along(quad.bottom_left, quad.bottom_right, end),
        _along(quad.bottom_left, quad.bottom_right, begin),
    )


def _along(start: Point, stop: Point, share: float) -> Point:
    return start[0] + (stop[0] - start[0]) * share, start[1] + (stop[1] - start[1]) * share
