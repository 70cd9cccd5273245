"""Light that falls unevenly on a page: measured at its letters, and taken out."""

from typing import Final

import cv2
import numpy as np
from PIL import Image

from common.reading.preparation.glyphs import Glyphs, Grey

_CELLS_TO_A_LETTER: Final = 3  # of a letter's height: how finely the ground is known
_LETTER_GAP: Final = 11  # cells: dark spots of less are ink on the ground
_SMOOTH: Final = 3.0  # cells
_EVEN: Final = 0.75  # of the ground's level under the lightest tenth of the letters: under the darkest


def ground(image: Image.Image, text_height: float) -> Grey:
    """The level of the paper, as if there were no ink on it, in cells of a third of a letter."""
    cell = max(1, round(text_height / _CELLS_TO_A_LETTER))
    cells = np.asarray(image.reduce(cell) if cell > 1 else image)
    closed = cv2.morphologyEx(cells, cv2.MORPH_CLOSE, np.ones((_LETTER_GAP, _LETTER_GAP), np.uint8))
    return cv2.GaussianBlur(closed, (0, 0), _SMOOTH).astype(np.uint8, copy=False)


def is_uneven(of_ground: Grey, glyphs: Glyphs, size: tuple[int, int]) -> bool:
    """Whether a page's letters stand on so different ground that no one level parts ink from it.

    ``size`` is the page's in pixels.
    """
    rows, columns = of_ground.shape
    across = ((glyphs.left + glyphs.width / 2) * columns / size[0]).astype(np.int64).clip(0, columns - 1)
    down = ((glyphs.top + glyphs.height / 2) * rows / size[1]).astype(np.int64).clip(0, rows - 1)
    darkest, lightest = np.percentile(of_ground[down, across], (10, 90))
    return bool(darkest < _EVEN * lightest)


def evened(image: Image.Image, of_ground: Grey) -> Image.Image:
    """``image`` with all its ground white: each pixel as a share of what the paper would be there."""
    paper = cv2.resize(of_ground, image.size, interpolation=cv2.INTER_LINEAR)
    return Image.fromarray(cv2.divide(np.asarray(image), paper, scale=255))
