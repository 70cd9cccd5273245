"""What is to be seen on a small grey rendering of a page: where words are, and what else looks like text.

Boxes are numpy arrays of shape (n, 4) or sequences of four: left, top, right and bottom edge in pixels.
"""

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[Any]  # uint8, (height, width)
Boxes = NDArray[np.int32]
Flags = NDArray[np.bool_]

_SEEN_STEP: Final = 5  # grey levels from a pixel to the next
_INK_CONTRAST: Final = 24  # to what is around it within a stroke's reach
_OVERHANG: Final = 0.4  # heights that slanted letters and swashes reach beyond their box
_RULE_LENGTH: Final = 70
_LEAST_INK: Final = 25
_STROKE_REACH: Final = 25  # pixels; strokes wider than this are not text
_DARK_GROUND: Final = 140  # grey level, letters averaged in
_LETTER_HEIGHTS: Final = (4, 60)  # pixels
_WIDEST_LETTERS: Final = 12  # heights: letters that touch make a word
_LETTER_GAP: Final = 0.9  # heights, to each side
_FEWEST_LETTERS: Final = 3
_STRAIGHT: Final = 2.5  # heights of letters that a row of them may reach, tall ones and slant included


def seen(picture: Picture, boxes: Boxes) -> Flags:
    """Whether there is anything but one even colour in each of the boxes, which may lie over the edge."""
    if picture.shape[1] < 2:
        return np.zeros(len(boxes), np.bool_)
    edges = (cv2.absdiff(picture[:, 1:], picture[:, :-1]) > _SEEN_STEP).view(np.uint8)
    table = cv2.integral(edges)
    height, width = edges.shape
    # A pixel more to each side: a dash fills its own box evenly.
    x0, y0 = np.clip(boxes[:, 0] - 1, 0, width), np.clip(boxes[:, 1], 0, height)
    x1, y1 = np.clip(boxes[:, 2] + 1, 0, width), np.clip(boxes[:, 3], 0, height)
    found: Flags = table[y1, x1] - table[y0, x1] - table[y1, x0] + table[y0, x0] > 0
    return found


def text_rows(picture: Picture, explained: Boxes) -> Boxes:
    """Rows of letter-like shapes, dark or light on their ground, outside the boxes ``explained``."""
    outside = np.full(picture.shape, 255, np.uint8)
    for x0, y0, x1, y1 in explained.tolist():
        reach = max(3, round(_OVERHANG * (y1 - y0)))
        outside[max(y0 - 3, 0) : y1 + 3, max(x0 - reach, 0) : x1 + reach] = 0
    x, y, width, height = cv2.boundingRect(_stray_ink(picture, outside))
    if not width:
        return np.zeros((0, 4), np.int32)
    part = np.s_[y : y + height, x : x + width]
    letters = _letters(cv2.bitwise_and(_ink(picture[part]), outside[part]))
    return _rows(letters, (height, width)) + np.array([x, y, x, y], np.int32)


def _stray_ink(picture: Picture, outside: Picture) -> Picture:
    """255 at what is neither page, nor explained, nor a long rule; blank if that is next to nothing."""
    ground = int(np.median(picture[::8, ::8]))
    stray = cv2.bitwise_not(cv2.inRange(picture, ground - _INK_CONTRAST, ground + _INK_CONTRAST))
    stray = cv2.bitwise_and(stray, outside)
    if cv2.countNonZero(stray) < _LEAST_INK:
        return np.zeros_like(stray)
    for size in ((_RULE_LENGTH, 1), (1, _RULE_LENGTH)):
        rules = cv2.morphologyEx(stray, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, size))
        stray = cv2.subtract(stray, rules)
    return stray if cv2.countNonZero(stray) >= _LEAST_INK else np.zeros_like(stray)


def _ink(picture: Picture) -> Picture:
    """255 where a pixel stands out: darker than a ground that is not dark, or lighter than a dark one."""
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (_STROKE_REACH, _STROKE_REACH))
    dark = cv2.morphologyEx(picture, cv2.MORPH_BLACKHAT, kernel)
    light = cv2.morphologyEx(picture, cv2.MORPH_TOPHAT, kernel)
    ground = cv2.blur(picture, (2 * _STROKE_REACH, 2 * _STROKE_REACH))
    light[ground > _DARK_GROUND] = 0
    return cv2.threshold(cv2.max(dark, light), _INK_CONTRAST, 255, cv2.THRESH_BINARY)[1]


def _letters(ink: Picture) -> Boxes:
    """Shapes as high and wide as a letter or a few that touch, neither rules nor specks nor frames."""
    _, _, shapes, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    x, y, width, height, area = shapes[1:].T
    lowest, highest = _LETTER_HEIGHTS
    like_letters = (
        (height >= lowest)
        & (height <= highest)
        & (width >= 2)
        & (width <= _WIDEST_LETTERS * height)
        & (area >= 0.12 * width * height)
    )
    boxes: Boxes = np.stack([x, y, x + width, y + height], axis=1)[like_letters]
    return boxes


def _rows(letters: Boxes, shape: tuple[int, ...]) -> Boxes:
    """Boxes around neighbours of about the same height that stand beside each other."""
    joined = np.zeros(shape, np.uint8)
    for x0, y0, x1, y1 in letters.tolist():
        reach = max(2, round(_LETTER_GAP * (y1 - y0)))
        middle, half = (y0 + y1) // 2, max(1, (y1 - y0) // 4)
        joined[middle - half : middle + half + 1, max(x0 - reach, 0) : x1 + reach] = 255
    count, labels = cv2.connectedComponents(joined, connectivity=4)
    if count <= 1:
        return np.zeros((0, 4), np.int32)
    middles = labels[(letters[:, 1] + letters[:, 3]) // 2, (letters[:, 0] + letters[:, 2]) // 2]
    rows = [letters[middles == label] for label in range(1, count)]
    boxes = [_around(row) for row in rows if _is_text(row)]
    return np.array(boxes, np.int32).reshape(-1, 4)


def _is_text(row: Boxes) -> bool:
    """Several shapes, not all alike (as the dashes and marks of a chart are), in one line."""
    if len(row) < _FEWEST_LETTERS:
        return False
    widths, heights = row[:, 2] - row[:, 0], row[:, 3] - row[:, 1]
    height = float(np.median(heights))
    alike = float(np.std(widths)) < 0.1 * float(np.mean(widths))
    spread = int(row[:, 3].max() - row[:, 1].min())
    return not alike and spread <= _STRAIGHT * height


def _around(row: Boxes) -> tuple[int, int, int, int]:
    x0, y0 = row[:, :2].min(axis=0).tolist()
    x1, y1 = row[:, 2:].max(axis=0).tolist()
    return x0, y0, x1, y1
