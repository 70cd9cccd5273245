"""How alike two pictures look: SSIM (Wang, Bovik, Sheikh and Simoncelli, 2004), 1 for the same."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

_WINDOW, _SIGMA = (11, 11), 1.5
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

Levels = NDArray[np.float64]


def ssim(one: Image.Image, other: Image.Image) -> float:
    """Of two pictures of the same size, in grey."""
    if one.size != other.size:
        raise ValueError(f"{one.size} is not {other.size}")
    a, b = _levels(one), _levels(other)
    mean_a, mean_b = _blurred(a), _blurred(b)
    variance_a, variance_b = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    covariance = _blurred(a * b) - mean_a * mean_b
    similarity = ((2 * mean_a * mean_b + _C1) * (2 * covariance + _C2)) / (
        (mean_a**2 + mean_b**2 + _C1) * (variance_a + variance_b + _C2)
    )
    return float(similarity.mean())


def _levels(image: Image.Image) -> Levels:
    return np.asarray(image.convert("L"), np.float64)


def _blurred(levels: Levels) -> Levels:
    return np.asarray(cv2.GaussianBlur(levels, _WINDOW, _SIGMA), np.float64)
