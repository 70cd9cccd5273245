"""Reading the image of a page: in the way that suits it, and in another where the reading is doubtful."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PIL import Image

from common.document.segmentation import Segmentation
from workers.ocr_cpu.approach import Approach, Reading, better, is_doubtful
from workers.ocr_cpu.image_reader import ImageReader, PageEngine
from workers.ocr_cpu.page_languages import detected_languages, missing_models
from workers.ocr_cpu.scout import best_turn, scout
from workers.ocr_cpu.scripts import with_companions

__all__ = ["PageEngine", "recognise"]

_OTHER_SEGMENTATION: Final = {
    Segmentation.PAGE: Segmentation.BLOCK,
    Segmentation.LINE: Segmentation.PAGE,
}
_CLEARLY: Final = 0.1


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
        return first
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
    if other is None or reader.is_blank() or not is_doubtful(reading):
        return reading
    return better(reading, reader.read(replace(reading.approach, segmentation=other)), _CLEARLY)
