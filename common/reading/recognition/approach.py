"""How a page is read, and which of two readings to believe."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from common.document.page import Block, Word
from common.document.segmentation import Segmentation
from common.document.text import mean_confidence, words

# Of Tesseract's confidences: what a fitting model reads is above, what another script's makes of it below.
SURE_CONFIDENCE: Final = 0.75
LEGIBLE_CONFIDENCE: Final = 0.55
_FEW_CHARACTERS: Final = 20
_FEW_BUT_SURE: Final = 0.85
_LONG_WORD: Final = 4  # characters: one that is wider than tall, unless it stands


@dataclass(frozen=True, slots=True)
class Approach:
    """How to read a page: with which models, turned clockwise by how many degrees, and taken as what."""

    models: tuple[str, ...]
    rotation: int = 0
    segmentation: Segmentation = Segmentation.PAGE


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of an image; boxes are pixels of the image as it was turned for reading.

    ``languages`` are BCP-47 codes, the one most written in first.
    """

    blocks: tuple[Block, ...]
    approach: Approach
    languages: tuple[str, ...] = ()

    @property
    def confidence(self) -> float:
        return mean_confidence(words(self.blocks)) or 0.0

    @property
    def credibility(self) -> float:
        """The confidence, but nothing for lines up or down the page: those are to be read turned."""
        return 0.0 if stands(words(self.blocks)) else self.confidence

    @property
    def characters(self) -> int:
        return sum(len(word.text) for word in words(self.blocks))

    @property
    def text(self) -> str:
        return " ".join(word.text for word in words(self.blocks))


def is_doubtful(reading: Reading) -> bool:
    """Whether another script, another turn or another segmentation may read better."""
    if reading.characters < _FEW_CHARACTERS:
        return reading.credibility < _FEW_BUT_SURE
    return reading.credibility < SURE_CONFIDENCE


def stands(of_words: Iterable[Word]) -> bool:
    """Whether most of the longer words run up or down the page."""
    long = [word.bbox for word in of_words if len(word.text) >= _LONG_WORD]
    standing = sum(box.y1 - box.y0 > box.x1 - box.x0 for box in long)
    return 2 * standing > len(long)


def better(first: Reading, second: Reading, margin: float = 0.0) -> Reading:
    """The one of which more was read with confidence: two sure letters are no match for a page.

    ``margin``: by which part the second must be ahead.
    """
    return second if _weight(second) > _weight(first) * (1 + margin) else first


def surer(first: Reading, second: Reading, margin: float = 0.0) -> Reading:
    """The one that is surer of what it read, where models of two scripts read the same lines.

    Their characters cannot be counted against each other: a script may need fewer for the same.
    """
    return second if second.characters and second.credibility > first.credibility + margin else first


def _weight(reading: Reading) -> float:
    """The characters that were read, each counted by how sure its word is."""
    return reading.characters * reading.credibility
