"""Which script a page is written in, and how it lies."""

from dataclasses import dataclass
from typing import Final

ENOUGH_CHARACTERS: Final = 10  # to tell the script by; Tesseract's own 50 leaves out single lines


@dataclass(frozen=True, slots=True)
class Script:
    """``name`` is as Tesseract calls it (Latin, Cyrillic, Han, Japanese, Hangul, …).

    ``rotation`` is the clockwise turn in degrees (0, 90, 180, 270) that makes the page upright; its
    confidence is on the scale of Tesseract's detection, credible from about 2 up.
    """

    name: str
    rotation: int
    rotation_confidence: float
