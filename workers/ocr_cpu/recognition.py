"""Reading the image of a page: in the way that suits it, and in another where the reading is doubtful."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PIL import Image

from common.document.segmentation import Segmentation
from workers.ocr_cpu.approach import Approach, Reading, better, is_doubtful, surer
from workers.ocr_cpu.image_reader import ImageReader, PageEngine
from workers.ocr_cpu.page_languages import detected_languages, missing_models
from workers.ocr_cpu.scout import best_turn, scout
from workers.ocr_cpu.scripts import with_companions

__all__ = ["PageEngine", "recognise"]

_OTHER_SEGMENTATION: Final = {
    Segmentation.PAGE: Segmentation.BLOCK,
    Segmentation.LINE: Segmentation.RAW_LINE,
}
_CLEARLY: Final = 0.1
_PLAIN_LINE: Final = 0.9  # a line is soon read again


def recognise(
    image: Image.Image, dpi: int | None, languages: Sequence[str], engine: PageEngine, deadline: float
) -> Reading:
    """One reading where that is plain, else the best of a few.

    ``image`` is grey (mode L), ``dpi`` None where nobody knows; ``languages`` are models, none to find
    out. ``deadline`` is of the monotonic clock. Raises EngineTimeout, EngineCrashed and EngineFailed.
    """
    reader = ImageReader(image, dpi, engine, deadline)
    reading = _read_named(tuple(languages), reader) if languages else _read_unknown(reader)
    return replace(reading, languages=detected_languages(reading, languages))


def _read_named(languages: Sequence[str], reader: ImageReader) -> Reading:
    models = with_companions(languages)
    first = reader.read(Approach(models, 0, reader.segmentation(0)))
    if not is_doubtful(first):
        return _segmented_otherwise(first, reader)
    turn = best_turn(models, reader)
    turned = reader.read(Approach(models, turn, reader.segmentation(turn)))
    return _segmented_otherwise(better(first, turned), reader)


def _read_unknown(reader: ImageReader) -> Reading:
    reading = reader.read(scout(reader))
    missing = missing_models(reading)
    if missing:
        more = replace(reading.approach, models=missing)
        reading = better(reading, reader.read(more))
    return _segmented_otherwise(reading, reader)


def _segmented_otherwise(reading: Reading, reader: ImageReader) -> Reading:
    other = _OTHER_SEGMENTATION.get(reading.approach.segmentation)
    if other is None or reader.is_blank():
        return reading
    another = replace(reading.approach, segmentation=other)
    if other is Segmentation.RAW_LINE:
        return reading if reading.credibility >= _PLAIN_LINE else surer(reading, reader.read(another))
    return better(reading, reader.read(another), _CLEARLY) if is_doubtful(reading) else reading
