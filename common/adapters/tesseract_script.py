"""What Tesseract's orientation and script detection found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """``name`` is Tesseract's (Latin, Cyrillic, Han, Japanese, Hangul, …).

    ``rotation`` is the clockwise turn in degrees (0, 90, 180, 270) that makes the page upright; its
    confidence is credible from about 2 up (Tesseract's own scale).
    """

    name: str
    rotation: int
    rotation_confidence: float
