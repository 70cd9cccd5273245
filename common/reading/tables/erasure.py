"""Rules taken off an upright page before it is read: engines take them for bars and parts of letters.

A rule has to be longer than any stroke of a letter, thin, and mostly free of ink beside it; what touches
it keeps its ink, so that a letter on a line stays whole. Rules across stay, whole, for most scripts:
Tesseract knows what they are, and parts by them what stands above and below (without them tables of the
ICDAR 2013 kind are read worse, adjacency F1 0.92 instead of 0.97).
"""

from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Mask = npt.NDArray[Any]  # of np.uint8, 0 or 1; OpenCV does not tell

_LOOK_PIXELS: Final = 2_600_000  # of the copy in which rules are looked for
_CONTRAST: Final = 40  # grey levels between a rule and the paper
# In text heights, as preparation measures them: those of letters without ascenders.
_STROKE: Final = 0.5  # the thickest rule
_SHORTEST: Final = 3.0
_SURELY: Final = 6.0  # without a rule that crosses it
_BESIDE: Final = 0.3  # of a rule's length may have ink beside it
_THICKEST_PX: Final = 15


def without_rules(image: Image.Image, text_height: float | None, across: bool = False) -> Image.Image:
    """The page (mode L) with paper where its rules were; itself where it has none.

    ``text_height`` in its pixels, None where it has no text. Only dark rules on lighter paper are taken
    off: upright ones, and with ``across`` the others, too.
    """
    if text_height is None or not _has_rules(image, text_height, across):
        return image
    grey = np.asarray(image)
    rules = _rules(grey, text_height, across)
    if not rules.any():
        return image
    size = min(_THICKEST_PX, round(_STROKE * text_height)) * 2 + 5
    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    return Image.fromarray(np.where(rules > 0, paper, grey))


def _has_rules(image: Image.Image, text_height: float, across: bool) -> bool:
    factor = 1
    while image.width * image.height > _LOOK_PIXELS * factor * factor:
        factor += 1
    small = np.asarray(image.reduce(factor) if factor > 1 else image)
    ink = _ink(small, text_height / factor)
    length = max(12, round(_SHORTEST * text_height / factor))
    directions = (0, 1) if across else (1,)
    return any(cv2.countNonZero(_long(ink, length, along)) > 0 for along in directions)


def _rules(grey: Mask, height: float, across: bool) -> Mask:
    """Where rules are, their blurred edges included, letters that touch them not."""
    ink = _ink(grey, height)
    length = max(12, round(_SHORTEST * height))
    found = [_long(ink, length, along) for along in (0, 1)]
    letters = cv2.bitwise_and(ink, cv2.bitwise_not(cv2.bitwise_or(*found) * 255))
    upright = _erasable(found[1], found[0], letters, height)
    if across:
        lying = _erasable(found[0].T.copy(), found[1].T.copy(), letters.T.copy(), height).T
        return cv2.bitwise_or(upright, np.ascontiguousarray(lying))
    return cv2.bitwise_and(upright, cv2.bitwise_not(found[0] * 255))


def _ink(grey: Mask, height: float) -> Mask:
    """Thin dark strokes are 1."""
    size = min(_THICKEST_PX, max(2, round(_STROKE * height))) * 2 + 1
    hat = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((size, size), np.uint8))
    return (hat > _CONTRAST).astype(np.uint8)


def _long(ink: Mask, length: int, along: int) -> Mask:
    """Straight runs of ink at least so long, across (0) or upright (1), a pixel of slope allowed."""
    thicker = cv2.dilate(ink, _kernel(3, 1 - along))
    return cv2.bitwise_and(cv2.morphologyEx(thicker, cv2.MORPH_OPEN, _kernel(length, along)), thicker)


def _erasable(upright: Mask, across: Mask, letters: Mask, height: float) -> Mask:
    """The parts of ``upright`` that are rules and have no letter on them."""
    near = cv2.bitwise_and(cv2.dilate(letters, _kernel(3, 0)), upright)
    touched = cv2.bitwise_and(cv2.dilate(near, _kernel(2 * _THICKEST_PX + 1, 0)), upright)
    crosses = cv2.dilate(across, _kernel(round(height) | 1, 0))
    chosen = np.zeros_like(upright)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(upright, connectivity=8)
    for label in range(1, count):
        x, y, width, length, area = (int(number) for number in stats[label])
        place = np.s_[y : y + length, x : x + width]
        own = labels[place] == label
        if area > (_STROKE * height + 3) * length:
            continue
        share = np.count_nonzero(touched[place][own]) / area
        meets = np.count_nonzero(crosses[place][own]) > 0
        if share <= _BESIDE and (meets or length >= _SURELY * height):
            chosen[place][own & (touched[place] == 0)] = 1
    return cv2.bitwise_and(cv2.dilate(chosen, _kernel(3, 0)), cv2.bitwise_not(letters * 255))


def _kernel(length: int, along: int) -> Any:
    """A line across (0) or upright (1)."""
    return np.ones((1, length) if along == 0 else (length, 1), np.uint8)
