"""From what an engine read to a page: which reading to believe, and where its words are on the page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from common.document import geometry
from common.document.geometry import Box
from common.document.page import Block, Engine, Line, Page, Word
from common.document.script import Script
from common.document.text import mean_confidence, words
from workers.ocr_cpu.scripts import DEFAULT_MODELS, models_for

Size = tuple[int, int]

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


def page(reading: Reading, image_size: Size, page_size: Size) -> Page:
    """The reading of an upright image of ``image_size`` as the page of ``page_size`` that it shows."""
    return Page(
        width=page_size[0],
        height=page_size[1],
        engine=Engine.TESSERACT,
        blocks=tuple(
            _placed(block, reading.approach.rotation, image_size, page_size) for block in reading.blocks
        ),
        rotation=reading.approach.rotation,
    )


def _confidence(reading: Reading) -> float:
    return mean_confidence(words(reading.blocks)) or 0.0


def _weight(reading: Reading) -> float:
    """The characters that were read, each counted by how sure its word is."""
    return sum(len(word.text) * word.confidence for word in words(reading.blocks))


def _placed(block: Block, rotation: int, image_size: Size, page_size: Size) -> Block:
    def place(box: Box) -> Box:
        return _on_page(box, rotation, image_size, page_size)

    def place_word(word: Word) -> Word:
        return replace(word, bbox=place(word.bbox))

    def place_line(line: Line) -> Line:
        return Line(tuple(map(place_word, line.words)), place(line.bbox))

    return replace(block, lines=tuple(map(place_line, block.lines)), bbox=place(block.bbox))


def _on_page(box: Box, rotation: int, image_size: Size, page_size: Size) -> Box:
    width, height = image_size
    turned = (height, width) if rotation in (90, 270) else (width, height)
    box = geometry.rotate(box, -rotation, *turned)
    box = geometry.scale(box, page_size[0] / width, page_size[1] / height)
    return geometry.clip(box, *page_size)
