"""How a page is read, and which of two readings to believe."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from common.document.page import Block
from common.document.script import Script
from common.document.text import mean_confidence, words
from workers.ocr_cpu.scripts import DEFAULT_MODELS, models_for

# Below these a first reading is doubted: another script, or a page on its side.
_SURE_CONFIDENCE: Final = 0.7
_FEW_CHARACTERS: Final = 20
_SURE_ROTATION: Final = 2.0  # on the scale of Tesseract's detection


@dataclass(frozen=True, slots=True)
class Approach:
    """How to read a page: with which models, and turned clockwise by how many degrees."""

    models: tuple[str, ...]
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of an image; boxes are pixels of the image as it was turned for reading."""

    blocks: tuple[Block, ...]
    approach: Approach


def first_approach(languages: Sequence[str]) -> Approach:
    return Approach(tuple(languages) or DEFAULT_MODELS)


def is_doubtful(reading: Reading) -> bool:
    characters = sum(len(word.text) for word in words(reading.blocks))
    return characters < _FEW_CHARACTERS or _confidence(reading) < _SURE_CONFIDENCE


def second_approach(first: Approach, languages: Sequence[str], script: Script | None) -> Approach | None:
    """What to try after a doubtful reading, if anything; languages that the sender named stay."""
    if script is None:
        return None
    models = tuple(languages) or models_for(script.name)
    rotation = script.rotation if script.rotation_confidence >= _SURE_ROTATION else 0
    second = Approach(models, rotation)
    return second if second != first else None


def better(first: Reading, second: Reading) -> Reading:
    """The one of which more was read with confidence: two sure letters are no match for a page."""
    return second if _weight(second) > _weight(first) else first


def _confidence(reading: Reading) -> float:
    return mean_confidence(words(reading.blocks)) or 0.0


def _weight(reading: Reading) -> float:
    """The characters that were read, each counted by how sure its word is."""
    return sum(len(word.text) * word.confidence for word in words(reading.blocks))
