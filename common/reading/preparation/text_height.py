"""How tall the text of a page is, and whether it is a single line."""

from typing import Final

import numpy as np

from common.reading.preparation.glyphs import Glyphs

_DOTS_AND_COMMAS: Final = 0.4  # of the tall letters' height; so low is no letter
_LINE_SPREAD: Final = 1.0  # text heights that the middles of one line's letters lie apart


def text_height(glyphs: Glyphs, fewest: int) -> float | None:
    """The usual height of a letter without dots and commas, in pixels; None where there are too few.

    In running text of Latin, Greek or Cyrillic that is the x-height, in capitals theirs.
    """
    if len(glyphs) < fewest:
        return None
    return float(np.median(_letters(glyphs).height))


def line_extent(glyphs: Glyphs, text_height: float) -> float | None:
    """From the top to the bottom of a single line's ink, in pixels; None where there are more lines."""
    letters = _letters(glyphs)
    low, high = np.percentile(letters.top + letters.height / 2, (10, 90))
    if high - low >= _LINE_SPREAD * text_height:
        return None
    return float((glyphs.top + glyphs.height).max() - glyphs.top.min())


def _letters(glyphs: Glyphs) -> Glyphs:
    return glyphs.chosen(glyphs.height >= _DOTS_AND_COMMAS * np.percentile(glyphs.height, 90))
