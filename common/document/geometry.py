"""Boxes on a page, in pixels, origin top left, x to the right, y down."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

Size = tuple[int, int]


class Box(NamedTuple):
    """An upright rectangle: left, top, right and bottom edge in pixels (right and bottom exclusive)."""

    x0: int
    y0: int
    x1: int
    y1: int


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of ``boxes``; an empty box at the origin when there are none."""
    known = list(boxes)
    if len(known) == 1:
        return known[0]
    if not known:
        return Box(0, 0, 0, 0)
    lefts, tops, rights, bottoms = zip(*known, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def area(box: Box) -> int:
    """0 where the box is empty."""
    return max(0, box.x1 - box.x0) * max(0, box.y1 - box.y0)


def centre(box: Box) -> tuple[float, float]:
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def shared_area(one: Box, other: Box) -> int:
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return max(0, width) * max(0, height)


def part_within(box: Box, other: Box) -> float:
    """How much of ``box`` lies in the ``other`` one, 0 to 1; 0 of an empty box."""
    return shared_area(box, other) / max(1, area(box))


def has_centre_of(box: Box, other: Box) -> bool:
    """Whether the middle of the ``other`` box is in ``box`` or on its edge."""
    x, y = centre(other)
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1


def clip(box: Box, width: int, height: int) -> Box:
    """``box`` cut off at the edges of a page of ``width`` × ``height`` pixels."""
    if 0 <= box.x0 <= box.x1 <= width and 0 <= box.y0 <= box.y1 <= height:
        return box
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


class Affine(NamedTuple):
    """x' = ``xx`` x + ``xy`` y + ``x0`` and y' = ``yx`` x + ``yy`` y + ``y0``."""

    xx: float = 1.0
    xy: float = 0.0
    x0: float = 0.0
    yx: float = 0.0
    yy: float = 1.0
    y0: float = 0.0

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.xx * x + self.xy * y + self.x0, self.yx * x + self.yy * y + self.y0

    def then(self, other: "Affine") -> "Affine":
        """This mapping, and the ``other`` one upon its outcome."""
        x0, y0 = other.at(self.x0, self.y0)
        return Affine(
            other.xx * self.xx + other.xy * self.yx,
            other.xx * self.xy + other.xy * self.yy,
            x0,
            other.yx * self.xx + other.yy * self.yx,
            other.yx * self.xy + other.yy * self.yy,
            y0,
        )

    def inverse(self) -> "Affine":
        scale = self.xx * self.yy - self.xy * self.yx
        xx, xy, yx, yy = self.yy / scale, -self.xy / scale, -self.yx / scale, self.xx / scale
        return Affine(xx, xy, -(xx * self.x0 + xy * self.y0), yx, yy, -(yx * self.x0 + yy * self.y0))


_AS_IT_WAS: Final = Affine()


@dataclass(frozen=True, slots=True)
class Placement:
    """How an image of size ``target`` was made of one of size ``source``, and where their pixels meet.

    Each method tells of one change more. Box by box, scales and quarter turns are exact to the rounding.
    """

    source: Size
    target: Size
    mapping: Affine = _AS_IT_WAS

    @classmethod
    def unchanged(cls, size: Size) -> "Placement":
        return cls(size, size)

    def resized(self, size: Size) -> "Placement":
        return self._changed(Affine(xx=size[0] / self.target[0], yy=size[1] / self.target[1]), size)

    def framed(self, border: int) -> "Placement":
        """With ``border`` pixels more on each side."""
        width, height = self.target
        return self._changed(Affine(x0=border, y0=border), (width + 2 * border, height + 2 * border))

    def turned(self, degrees: int) -> "Placement":
        """Turned clockwise by 0, 90, 180 or 270 degrees."""
        width, height = self.target
        match degrees % 360:
            case 0:
                return self
            case 90:
                return self._changed(Affine(0, -1, height, 1, 0, 0), (height, width))
            case 180:
                return self._changed(Affine(-1, 0, width, 0, -1, height), (width, height))
            case 270:
                return self._changed(Affine(0, 1, 0, -1, 0, width), (height, width))
        raise ValueError(f"a page turns by quarter turns only, not by {degrees} degrees")

    def straightened(self, degrees: float) -> "Placement":
        """Turned clockwise by a small angle about its centre, enlarged so that no corner is lost."""
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        width, height = self.target
        size = (
            math.ceil(width * cos + height * abs(sin) - 1e-6),
            math.ceil(width * abs(sin) + height * cos - 1e-6),
        )
        about_centre = Affine(x0=-width / 2, y0=-height / 2).then(Affine(cos, -sin, 0, sin, cos, 0))
        return self._changed(about_centre.then(Affine(x0=size[0] / 2, y0=size[1] / 2)), size)

    def then(self, other: "Placement") -> "Placement":
        """This change, and the ``other`` one upon its outcome."""
        return Placement(self.source, other.target, self.mapping.then(other.mapping))

    @property
    def is_the_same(self) -> bool:
        """Nothing was changed: every box on the image is where it was."""
        return self.source == self.target and self.mapping == _AS_IT_WAS

    def forward(self, box: Box) -> Box:
        """Where a box of the source is on the target."""
        return clip(_mapped(box, self.mapping), *self.target)

    def back(self, box: Box) -> Box:
        """Where a box of the target was on the source."""
        return clip(_mapped(box, _inverse(self.mapping)), *self.source)

    def _changed(self, mapping: Affine, size: Size) -> "Placement":
        return Placement(self.source, size, self.mapping.then(mapping))


@lru_cache(maxsize=8)
def _inverse(mapping: Affine) -> Affine:
    """All boxes of a page are mapped by the same few."""
    return mapping.inverse()


def _mapped(box: Box, mapping: Affine) -> Box:
    """The upright box around ``box`` once it is mapped.

    A tilted box has no ink in its tips, so each corner is cut off at a quarter of the shorter side:
    four-sided bounds would leave a slanted word with a margin that it does not have.
    """
    if mapping == _AS_IT_WAS:
        return box
    tilted = min(abs(mapping.xx), abs(mapping.xy)) > 1e-9
    cut = min(box.x1 - box.x0, box.y1 - box.y0) / 4 if tilted else 0.0
    points = [
        mapping.at(x, y)
        for left, top in ((cut, 0.0), (0.0, cut))
        for x in (box.x0 + left, box.x1 - left)
        for y in (box.y0 + top, box.y1 - top)
    ]
    x0, y0 = round(min(x for x, _ in points)), round(min(y for _, y in points))
    x1, y1 = round(max(x for x, _ in points)), round(max(y for _, y in points))
    if box.x1 > box.x0 and box.y1 > box.y0:  # a box that is there stays there, however small it gets
        x1, y1 = max(x1, x0 + 1), max(y1, y0 + 1)
    return Box(x0, y0, x1, y1)
