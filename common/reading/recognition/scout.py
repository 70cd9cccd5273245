"""Finding out by a few lines how a page is to be read."""

from collections.abc import Iterable
from typing import Final

from common.adapters.language_identification import identify
from common.document.letters import letters_by_script
from common.document.script import Script
from common.domain.companions import models_to_read
from common.reading.recognition.approach import LEGIBLE_CONFIDENCE, SURE_CONFIDENCE, Approach, Reading, surer
from common.reading.recognition.image_reader import ImageReader
from common.reading.recognition.scripts import (
    ANY_LATIN,
    DEFAULT_MODELS,
    FRAKTUR,
    model_for,
    readers_of,
    readers_of_others,
)

_SURE_ROTATION: Final = 2.0  # on the scale of Tesseract's detection
_TURNS: Final = (0, 180, 90, 270)
_ENOUGH_LETTERS: Final = 40  # to tell a language by, and sense from nonsense
_PLAINLY: Final = 0.1
_SLIGHTLY: Final = 0.02


def scout(reader: ImageReader) -> Approach:
    """The turn and the models for an image of which nothing is known.

    English is tried first: what it makes of other Latin languages tells which one it is. Raises
    EngineTimeout, EngineCrashed and EngineFailed.
    """
    found = reader.read_sample(DEFAULT_MODELS)
    if reader.is_blank():
        return found.approach
    if found.credibility < SURE_CONFIDENCE:
        found = _in_any_script(found, reader)
        if _is_latin(found):  # whatever other script's model it was that read it best
            found = reader.read_sample(DEFAULT_MODELS, found.approach.rotation)
    rotation = found.approach.rotation
    return Approach(models_to_read((_model(found, reader),)), rotation, reader.segmentation(rotation))


def best_turn(models: tuple[str, ...], reader: ImageReader) -> int:
    """The clockwise turn at which the models read the image best. Raises as ``scout`` does."""
    if reader.is_blank():
        return 0
    as_it_is = reader.read_sample(models)
    turns = _likely_turns(reader.detect_script())
    others = (reader.read_sample(models, turn) for turn in turns if turn)
    return _surest(as_it_is, others, enough=SURE_CONFIDENCE).approach.rotation


def _in_any_script(latin: Reading, reader: ImageReader) -> Reading:
    """The surest of what the models of other scripts and other turns make of the sample."""
    script = reader.detect_script()
    turn, *other_turns = _likely_turns(script)
    own = readers_of(script)
    best = _surest(latin, (reader.read_sample((model,), turn) for model in own))
    legible = LEGIBLE_CONFIDENCE if _has_enough_letters(best) else SURE_CONFIDENCE
    if best.credibility < legible:
        whole = reader.read(Approach(DEFAULT_MODELS, 0, reader.segmentation(0)))
        if whole.credibility >= SURE_CONFIDENCE:
            return whole  # the sample was a bad one
        turned = (reader.read_sample(own[:1], other) for other in other_turns)
        best = _surest(best, turned, enough=SURE_CONFIDENCE)
    if best.credibility < legible:
        foreign = (reader.read_sample((model,), turn) for model in readers_of_others(script))
        other = _surest(best, foreign, enough=SURE_CONFIDENCE)
        best = other if other.credibility >= LEGIBLE_CONFIDENCE else best
    return best


def _likely_turns(script: Script | None) -> tuple[int, ...]:
    """All four, the likeliest first."""
    likeliest = script.rotation if script and script.rotation_confidence >= _SURE_ROTATION else 0
    return (likeliest, *(turn for turn in _TURNS if turn != likeliest))


def _surest(best: Reading, others: Iterable[Reading], enough: float = 1.0) -> Reading:
    """The first that is plainly surer than those before it and sure ``enough``, else the surest of all."""
    for other in others:
        if best.credibility >= enough:
            break
        as_it_was = best.approach.rotation == other.approach.rotation
        margin = _SLIGHTLY if as_it_was and best.approach.models != DEFAULT_MODELS else _PLAINLY
        best = surer(best, other, margin)
    return best


def _model(found: Reading, reader: ImageReader) -> str:
    """The best model for what was read of the sample."""
    (model,) = found.approach.models
    if _has_enough_letters(found):
        return model_for(next(iter(identify(found.text)), None), model)
    if found.approach.models == DEFAULT_MODELS:
        any_latin = reader.read_sample(ANY_LATIN, found.approach.rotation)
        return surer(any_latin, found, _SLIGHTLY).approach.models[0]
    return model


def _has_enough_letters(found: Reading) -> bool:
    return sum(map(str.isalpha, found.text)) >= _ENOUGH_LETTERS


def _is_latin(found: Reading) -> bool:
    letters = letters_by_script(found.text)
    return 2 * letters["Latn"] > letters.total() and found.approach.models != FRAKTUR
