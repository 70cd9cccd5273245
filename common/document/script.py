"""Which script a page is written in, and how it lies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """``name`` is as Tesseract calls it (Latin, Cyrillic, Han, Japanese, Hangul, …).

    ``rotation`` is the clockwise turn in degrees (0, 90, 180, 270) that makes the page upright; its
    confidence is on the scale of Tesseract's detection, credible from about 2 up.
    """

    name: str
    rotation: int
    rotation_confidence: float
