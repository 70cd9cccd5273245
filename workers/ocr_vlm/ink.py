"""Where anything is written on a page: its lines by image analysis, whatever the script or the hand.

OpenCV looks at foreign pixels, so this runs in a child process.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from common.document.geometry import Box, centre, scale, union
from common.document.places import Places
from workers.ocr_vlm.grounding.ink_line import InkLine

_Grey = npt.NDArray[np.uint8]

_MEASURED_PIXELS: Final = 2_500_000
_DARK_PAGE: Final = 110  # of 255: what is written on such a ground is lighter than it
_NEIGHBOURHOOD: Final = 41  # pixels of the reduced copy
_CONTRAST: Final = 18  # levels by which ink differs from the ground around it
_GRAINY: Final = 6.0  # levels of noise that are smoothed first
_ABOVE_NOISE: Final = 3.5  # times the noise's standard deviation
_NOISE_ROWS: Final = 256
_LAPLACIAN: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_LAPLACIAN_OF_NOISE: Final = 6 * 0.6745  # its median size where the standard deviation is one level
_RULE_SHARE: Final = 0.08  # of the page's width or height: a straight line so long is a rule
_SMALLEST: Final = 4  # square pixels of ink; less is a speck
_TALLEST: Final = 5.0  # usual heights of what is written; taller is a picture or a frame
_USUAL_HEIGHTS: Final = (6, 0.2)  # from so many pixels to that share of the page
_REACH: Final = 1.6  # heights between two pieces of one line
_BESIDE: Final = 0.5  # of the lower part's height, of two on one line
_WIDEST_GAP: Final = 2.5  # heights
_BRIDGE: Final = 0.3  # heights that a line's own pieces are thickened by
_FLATTEST_LINE: Final = 0.4  # of the usual height
_MOST_PIECES: Final = 20_000


def ink_lines(image: Image.Image) -> tuple[InkLine, ...]:
    """The lines of ``image`` (mode L, upright), in its pixels; none of a page that is only noise."""
    cv2.setNumThreads(1)
    factor = max(1.0, (image.width * image.height / _MEASURED_PIXELS) ** 0.5)
    size = (max(1, round(image.width / factor)), max(1, round(image.height / factor)))
    copy = np.asarray(image if factor == 1.0 else image.resize(size, Image.Resampling.BOX, reducing_gap=2.0))
    ink = _without_rules(_ink(copy))
    pieces, labels = _pieces(ink)
    height = _usual_height(pieces, copy.shape[0])
    if height is None:
        return ()
    kept = [at for at, box in enumerate(pieces) if box is not None and box.y1 - box.y0 <= _TALLEST * height]
    boxes = {at: box for at in kept if (box := pieces[at]) is not None}
    rows = _rows(ink, labels, boxes, height)
    across, down = image.width / size[0], image.height / size[1]
    return tuple(_line([scale(box, across, down) for box in row]) for row in rows)


def _ink(copy: _Grey) -> _Grey:
    """255 where a pixel stands out from the ground around it, and from its grain."""
    noise = _noise(copy)
    if noise > _GRAINY:
        copy = cv2.GaussianBlur(copy, (5, 5), 0).astype(np.uint8, copy=False)
        noise = _noise(copy)
    contrast = max(_CONTRAST, _ABOVE_NOISE * noise)
    dark = bool(np.median(copy[::8, ::8]) < _DARK_PAGE)
    kind = cv2.THRESH_BINARY if dark else cv2.THRESH_BINARY_INV
    margin = -contrast if dark else contrast
    found = cv2.adaptiveThreshold(copy, 255, cv2.ADAPTIVE_THRESH_MEAN_C, kind, _NEIGHBOURHOOD, margin)
    return found.astype(np.uint8, copy=False)


def _noise(copy: _Grey) -> float:
    """The standard deviation of its grain, in levels, as a band across its middle has it.

    After Immerkær, "Fast Noise Variance Estimation" (1996), by the median, which print does not raise.
    """
    top = max(0, (len(copy) - _NOISE_ROWS) // 2)
    response = cv2.filter2D(copy[top : top + _NOISE_ROWS], cv2.CV_32F, _LAPLACIAN)
    return float(np.median(np.abs(response))) / _LAPLACIAN_OF_NOISE


def _without_rules(ink: _Grey) -> _Grey:
    """Without the lines of forms and ruled paper, which would tie everything together."""
    height, width = ink.shape
    for length, shape in ((width, (1, 0)), (height, (0, 1))):
        size = max(30, round(length * _RULE_SHARE))
        kernel = np.ones((size if shape[1] else 1, size if shape[0] else 1), np.uint8)
        rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel)
        rules = cv2.dilate(rules, np.ones((3, 3), np.uint8))
        ink = cv2.subtract(ink, rules).astype(np.uint8, copy=False)
    return ink


def _pieces(ink: _Grey) -> tuple[list[Box | None], npt.NDArray[np.int32]]:
    """Connected ink by its label; None where it is a speck or the ground."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    found: list[Box | None] = [None] * count
    if count > _MOST_PIECES:
        return [None], labels.astype(np.int32, copy=False)
    for at, (x, y, width, height, area) in enumerate(stats.tolist()):
        if at and area >= _SMALLEST:
            found[at] = Box(x, y, x + width, y + height)
    return found, labels.astype(np.int32, copy=False)


def _usual_height(pieces: Sequence[Box | None], page: int) -> float | None:
    low, share = _USUAL_HEIGHTS
    heights = [box.y1 - box.y0 for box in pieces if box and low <= box.y1 - box.y0 <= share * page]
    return float(np.median(heights)) if heights else None


def _rows(ink: _Grey, labels: npt.NDArray[np.int32], boxes: dict[int, Box], height: float) -> list[list[Box]]:
    """The boxes by the line that they are on: what is tied together when ink is smeared along lines."""
    known = np.zeros(int(labels.max()) + 1, np.uint8)
    known[list(boxes)] = 255
    smeared = _smeared(known[labels], height)
    _, found_bands = cv2.connectedComponents(smeared, connectivity=8)
    bands = found_bands.astype(np.int32, copy=False)
    rows: defaultdict[int, list[Box]] = defaultdict(list)
    for box in boxes.values():
        rows[_band(bands, box)].append(box)
    loose = rows.pop(0, [])
    found = [row for row in rows.values() if _is_line(row, height)]
    found = _side_by_side_joined(found, height)
    _add_loose(found, loose, height)
    return sorted(found, key=lambda row: (union(row).y0, union(row).x0))


def _side_by_side_joined(rows: Sequence[list[Box]], height: float) -> list[list[Box]]:
    """Parts of a line that wide gaps keep apart made one; gutters between columns are wider."""
    joined: list[tuple[Box, list[Box]]] = []
    for row in sorted(rows, key=lambda row: union(row).x0):
        box = union(row)
        at = next((at for at, (other, _) in enumerate(joined) if _goes_on(other, box, height)), None)
        if at is None:
            joined.append((box, row))
        else:
            joined[at] = union((joined[at][0], box)), [*joined[at][1], *row]
    return [row for _, row in joined]


def _goes_on(line: Box, part: Box, height: float) -> bool:
    shared = min(line.y1, part.y1) - max(line.y0, part.y0)
    lower = min(line.y1 - line.y0, part.y1 - part.y0)
    return shared > _BESIDE * lower and -height <= part.x0 - line.x1 <= _WIDEST_GAP * height


def _add_loose(rows: list[list[Box]], loose: Sequence[Box], height: float) -> None:
    """Points, commas and what else is not in the middle of a line go to the one that they are nearest to."""
    bands = Places(union(row) for row in rows)
    for piece in loose:
        x, y = centre(piece)
        near = [
            (max(band.y0 - y, y - band.y1, 0.0) + max(band.x0 - x, x - band.x1, 0.0), at)
            for at in bands.near(piece, reach=height)
            for band in [bands.boxes[at]]
        ]
        if near and min(near)[0] <= height:
            rows[min(near)[1]].append(piece)


def _smeared(ink: _Grey, height: float) -> _Grey:
    """Only the middles of letters, so that strokes which reach into the next line tie nothing together."""
    across = max(3, round(height * _REACH))
    core = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, across), np.uint8))
    bar = cv2.blur(core, (max(3, round(2 * across)), max(1, round(height * _BRIDGE))))
    return (bar > 110).astype(np.uint8)


def _band(bands: npt.NDArray[np.int32], box: Box) -> int:
    """The band that most of a piece lies in; 0 where it is in none."""
    inner = bands[box.y0 : box.y1, box.x0 : box.x1]
    counts = np.bincount(inner[inner > 0].ravel())
    return int(counts.argmax()) if len(counts) else 0


def _is_line(row: Sequence[Box], height: float) -> bool:
    box = union(row)
    return box.y1 - box.y0 >= _FLATTEST_LINE * height


def _line(boxes: Sequence[Box]) -> InkLine:
    pieces = tuple(sorted(boxes))
    return InkLine(union(pieces), pieces)
