"""Salt and pepper: single pixels of the wrong level, which break letters up and look like points."""

from typing import Final

import cv2
import numpy as np
from PIL import Image

_SAMPLE_PX: Final = 1000  # of each side, from the middle
_STANDS_OUT: Final = 80  # levels from what is around it
_MANY: Final = 0.004  # of all pixels; clean print has less than a tenth of that


def has_specks(image: Image.Image) -> bool:
    sample = np.asarray(image.crop(_middle(image.size)))
    around = sample.astype(np.int16)
    kernel = np.ones((3, 3), np.uint8)
    kernel[1, 1] = 0
    lightest, darkest = cv2.dilate(sample, kernel), cv2.erode(sample, kernel)
    dark = darkest.astype(np.int16) - around > _STANDS_OUT
    light = around - lightest.astype(np.int16) > _STANDS_OUT
    return bool(np.count_nonzero(dark | light) > _MANY * sample.size)


def without_specks(image: Image.Image) -> Image.Image:
    """Each pixel as most of those around it."""
    return Image.fromarray(cv2.medianBlur(np.asarray(image), 3))


def _middle(size: tuple[int, int]) -> tuple[int, int, int, int]:
    width, height = (min(side, _SAMPLE_PX) for side in size)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return left, top, left + width, top + height
