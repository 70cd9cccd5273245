"""Reading the image of a page: in the way that suits it, and in another where the reading is doubtful."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from common.document.segmentation import Segmentation
from common.document.text import words
from common.domain.companions import MIXED_GAIN, models_if_mixed, models_to_read
from common.domain.tesseract_variables import is_taken_apart
from common.reading.recognition.approach import Approach, Reading, better, is_doubtful, surer
from common.reading.recognition.image_reader import ImageReader, PageEngine
from common.reading.recognition.legible_image import LegibleImage
from common.reading.recognition.page_languages import detected_languages, missing_models
from common.reading.recognition.scout import best_turn, scout

__all__ = ["PageEngine", "recognise"]

_CLEARLY: Final = 0.1
_SLIGHTLY: Final = 0.02
_DOUBTFUL_WORD: Final = 0.6
_DOUBTFUL_SHARE: Final = 0.05  # of a page's characters
_PLAIN_LINE: Final = 0.9  # a line is soon read again


def recognise(
    image: LegibleImage, dpi: int | None, languages: Sequence[str], engine: PageEngine, deadline: float
) -> Reading:
    """One reading where that is plain, else the best of a few.

    ``dpi`` is None where nobody knows; ``languages`` are models, none to find out. ``deadline`` is of the
    monotonic clock. Raises EngineTimeout, EngineCrashed and EngineFailed.
    """
    reader = ImageReader(image, dpi, engine, deadline)
    reading = _read_named(tuple(languages), reader) if languages else _read_unknown(reader)
    reading = _with_english(reading, reader)
    return replace(reading, languages=detected_languages(reading, languages))


def _read_named(languages: Sequence[str], reader: ImageReader) -> Reading:
    models = models_to_read(languages)
    first = reader.read(Approach(models, 0, reader.segmentation(0)))
    if not is_doubtful(first):
        return _segmented_otherwise(first, reader)
    turn = best_turn(models, reader)
    turned = reader.read(Approach(models, turn, reader.segmentation(turn)))
    return _segmented_otherwise(better(first, turned), reader)


def _read_unknown(reader: ImageReader) -> Reading:
    reading = reader.read_or_earlier(scout(reader))
    missing = missing_models(reading)
    if missing:
        more = replace(reading.approach, models=missing)
        reading = better(reading, reader.read(more))
    return _segmented_otherwise(reading, reader)


def _with_english(reading: Reading, reader: ImageReader) -> Reading:
    """Read again with English where words of it may stand among those of another script.

    Not a single line, which is too little to tell doubtful letters from another script's.
    """
    models = models_if_mixed(reading.approach.models)
    is_line = reading.approach.segmentation in (Segmentation.LINE, Segmentation.RAW_LINE)
    if models is None or is_line or not _has_doubtful_words(reading):
        return reading
    return surer(reading, reader.read(replace(reading.approach, models=models)), MIXED_GAIN)


def _has_doubtful_words(reading: Reading) -> bool:
    doubtful = sum(len(word.text) for word in words(reading.blocks) if word.confidence < _DOUBTFUL_WORD)
    return doubtful > _DOUBTFUL_SHARE * reading.characters


def _is_in_question(reading: Reading) -> bool:
    """Whether there is anything to try: the ink of a page that was read well need not be looked at."""
    match reading.approach.segmentation:
        case Segmentation.LINE:
            return reading.credibility < _PLAIN_LINE
        case Segmentation.PAGE:
            return is_taken_apart(reading.approach.models) or is_doubtful(reading)
        case _:
            return False


def _segmented_otherwise(reading: Reading, reader: ImageReader) -> Reading:
    """Taken as something else, where that may read more or with more confidence."""
    approach = reading.approach
    if not _is_in_question(reading) or reader.is_blank():
        return reading
    if approach.segmentation is Segmentation.LINE and reading.credibility < _PLAIN_LINE:
        return surer(reading, reader.read(replace(approach, segmentation=Segmentation.RAW_LINE)))
    if approach.segmentation is Segmentation.PAGE and is_taken_apart(approach.models):
        column = replace(approach, segmentation=Segmentation.COLUMN)
        reading = better(reading, reader.read(column), _SLIGHTLY)
    if approach.segmentation is Segmentation.PAGE and is_doubtful(reading) and reader.is_small():
        return better(reading, reader.read(replace(approach, segmentation=Segmentation.BLOCK)), _CLEARLY)
    return reading
