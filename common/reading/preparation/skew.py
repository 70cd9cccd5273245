"""By how much the lines of a page are out of the level."""

from typing import Final

import numpy as np

from common.reading.preparation.glyphs import Glyphs, Numbers

STEEPEST_DEGREES: Final = 15.0
_ENOUGH_GLYPHS: Final = 30
_MOST_GLYPHS: Final = 3000
_COARSE_STEP: Final = 0.25
_FINE_STEP: Final = 0.05
_CLEAR_PEAK: Final = 2.0  # times the concentration at the usual angle


def skew_degrees(glyphs: Glyphs, text_height: float) -> float | None:
    """The clockwise turn by which lines slope, at most 15 degrees either way; None where none is plain.

    The glyphs' lower ends fall together on base lines where one looks along them: the angle at which
    they do so best is the slope. Lines up or down the page, told by the glyphs' sides, count as well.
    """
    chosen = _letters(glyphs, text_height)
    if len(chosen) < _ENOUGH_GLYPHS:
        return None
    middle_x, middle_y = chosen.left + chosen.width / 2, chosen.top + chosen.height / 2
    lying = _steepest(middle_x, chosen.top + chosen.height, text_height)
    standing = _steepest(-middle_y, chosen.left + chosen.width, text_height)
    angle, peak = max(lying, standing, key=lambda found: found[1])
    return angle if peak >= _CLEAR_PEAK else None


def _letters(glyphs: Glyphs, text_height: float) -> Glyphs:
    """Those of about the text's height, evenly thinned out to a number that is soon measured."""
    size = np.maximum(glyphs.width, glyphs.height)
    chosen = np.flatnonzero((size > 0.5 * text_height) & (size < 2.5 * text_height))
    return glyphs.chosen(chosen[:: max(1, len(chosen) // _MOST_GLYPHS)])


def _steepest(along: Numbers, across: Numbers, text_height: float) -> tuple[float, float]:
    """The best angle and how far its concentration stands out from that of the usual one."""
    bin_size = max(1.0, text_height / 4)
    coarse = np.arange(-STEEPEST_DEGREES, STEEPEST_DEGREES + _COARSE_STEP / 2, _COARSE_STEP)
    scores = _concentrations(along, across, coarse, bin_size)
    best = coarse[int(np.argmax(scores))]
    fine = np.arange(best - _COARSE_STEP, best + _COARSE_STEP + _FINE_STEP / 2, _FINE_STEP)
    finest = _concentrations(along, across, fine, bin_size / 2)
    return float(fine[int(np.argmax(finest))]), float(scores.max() / np.median(scores))


def _concentrations(along: Numbers, across: Numbers, angles: Numbers, bin_size: float) -> Numbers:
    """For each angle, how unevenly the points spread over the lines of that slope."""
    return np.array([_concentration(along, across, angle, bin_size) for angle in np.radians(angles)])


def _concentration(along: Numbers, across: Numbers, radians: float, bin_size: float) -> float:
    level = (across * np.cos(radians) - along * np.sin(radians)) / bin_size
    bins = np.bincount((level - level.min()).astype(np.int64)).astype(np.float64)
    return float((bins**2).sum())
