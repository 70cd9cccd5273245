"""The glyphs of a page as upright boxes: what its text height and its skew are measured by."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Grey = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_] | npt.NDArray[np.int64]

_MEASURED_PIXELS: Final = 2_500_000
_DARK_PAGE: Final = 110  # of 255: text on such a ground is lighter than it
_NEIGHBOURHOOD: Final = 31  # pixels of the reduced copy
_CONTRAST: Final = 18  # levels by which ink differs from the ground around it, at least
_ABOVE_NOISE: Final = 2.5  # times the noise's standard deviation
_NOISE_ROWS: Final = 256
_LAPLACIAN: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_LAPLACIAN_OF_NOISE: Final = 6 * 0.6745  # its median size where the standard deviation is one level
_SMALLEST: Final = 4  # pixels of the reduced copy; less is noise
_LARGEST_SHARE: Final = 0.25  # of the image's shorter side; more is a picture or a rule
_LARGEST_OF_SMALL_IMAGES: Final = 60  # pixels: a line may fill its image
_LONGEST_SHAPE: Final = 12  # times as long as it is wide: a rule
_THINNEST_FILL: Final = 0.08  # of its box: a frame


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Left and top edges, widths and heights in pixels of the image that was measured."""

    left: Numbers
    top: Numbers
    width: Numbers
    height: Numbers

    def __len__(self) -> int:
        return len(self.left)

    def chosen(self, which: Chosen) -> "Glyphs":
        return Glyphs(self.left[which], self.top[which], self.width[which], self.height[which])


def find_glyphs(image: Image.Image) -> Glyphs:
    """Connected ink of ``image`` (mode L) of the shape that letters have, dark on light or light on dark."""
    cv2.setNumThreads(1)
    factor = _reduction(image.size)
    copy = np.asarray(image.reduce(factor) if factor > 1 else image)
    _, _, stats, _ = cv2.connectedComponentsWithStats(_ink(copy), connectivity=8)
    return _letter_like(stats[1:].astype(np.float64), min(copy.shape), factor)


def is_dark(page: Grey) -> bool:
    """Whether its text is lighter than its ground."""
    return bool(np.median(page[::8, ::8]) < _DARK_PAGE)


def _reduction(size: tuple[int, int]) -> int:
    """By how many times the copy that is measured is smaller."""
    factor = 1
    while size[0] * size[1] > _MEASURED_PIXELS * factor**2:
        factor += 1
    return factor


def _ink(copy: Grey) -> Grey:
    """255 where a pixel stands out from the ground around it."""
    dark = is_dark(copy)
    ink_is = cv2.THRESH_BINARY if dark else cv2.THRESH_BINARY_INV
    contrast = max(_CONTRAST, _ABOVE_NOISE * _noise(copy))
    margin = -contrast if dark else contrast
    found = cv2.adaptiveThreshold(copy, 255, cv2.ADAPTIVE_THRESH_MEAN_C, ink_is, _NEIGHBOURHOOD, margin)
    return found.astype(np.uint8, copy=False)


def _noise(copy: Grey) -> float:
    """The standard deviation of its grain, in levels, as a band across its middle has it.

    After Immerkær, "Fast Noise Variance Estimation" (1996), by the median, which print does not raise.
    """
    top = max(0, (len(copy) - _NOISE_ROWS) // 2)
    response = cv2.filter2D(copy[top : top + _NOISE_ROWS], cv2.CV_32F, _LAPLACIAN)
    return float(np.median(np.abs(response))) / _LAPLACIAN_OF_NOISE


def _letter_like(stats: Numbers, shorter_side: int, factor: int) -> Glyphs:
    width, height, area = (
        stats[:, cv2.CC_STAT_WIDTH],
        stats[:, cv2.CC_STAT_HEIGHT],
        stats[:, cv2.CC_STAT_AREA],
    )
    short, long = np.minimum(width, height), np.maximum(width, height)
    fits = (
        (long > _SMALLEST)
        & (long < max(_LARGEST_SHARE * shorter_side, _LARGEST_OF_SMALL_IMAGES))
        & (long < _LONGEST_SHAPE * short)
        & (area > _THINNEST_FILL * width * height)
    )
    kept = stats[fits] * factor
    return Glyphs(
        left=kept[:, cv2.CC_STAT_LEFT],
        top=kept[:, cv2.CC_STAT_TOP],
        width=kept[:, cv2.CC_STAT_WIDTH],
        height=kept[:, cv2.CC_STAT_HEIGHT],
    )
