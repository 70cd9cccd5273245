"""What each step of a page costs beside reading it: processor time of one process, on a generated scan."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import cv2
from PIL import Image

from common.adapters.pp_ocr import PpOcr
from common.adapters.tesseract_data import tessdata_folder
from common.adapters.tesseract_inprocess import TesserocrEngine
from common.document.layout import arrange
from common.document.text import words
from common.reading.calibration import calibrate
from common.reading.noise import without_noise
from common.reading.preparation import illumination, specks
from common.reading.preparation.glyphs import find_glyphs
from common.reading.preparation.prepared_image import prepare
from common.reading.preparation.skew import skew_degrees
from common.reading.preparation.text_height import text_height
from common.reading.recognition.legible_image import LegibleImage
from common.reading.recognition.recognition import recognise
from common.reading.second_reader.second_reading import improve
from common.reading.tables.finding import find_tables
from tests.bench.report import Ratio, Series, ratio
from tests.pages import scan

MODELS: Final = ("eng",)
READING: Final = "reading, the language named"
AUTO: Final = "reading, language=auto"
_AUTO_GOAL: Final = 1.15
_DPI: Final = 300
_SKEW_DEGREES: Final = 3.0
_LIMIT_S: Final = 120

Step = Callable[[], Any]


def measure(turns: int) -> tuple[list[Series], list[Ratio]]:
    """The steps in the order of a page; those that only some pages need are named so."""
    cv2.setNumThreads(1)
    steps = list(_steps(scan(seed=4).image.convert("L")))
    series = [Series(name) for name, _ in steps]
    for _, step in steps:
        step()  # so that everything is loaded
    for _ in range(turns):
        for of_step, (_, step) in zip(series, steps, strict=True):
            begin = time.process_time()
            step()
            of_step.seconds.append(time.process_time() - begin)
    by_name = {each.name: each for each in series}
    return series, [ratio("auto / named", by_name[AUTO], by_name[READING], goal=_AUTO_GOAL)]


def _steps(image: Image.Image) -> Iterator[tuple[str, Step]]:
    engine = TesserocrEngine(tessdata_folder())
    second = PpOcr()
    glyphs = find_glyphs(image)
    height = text_height(glyphs, 4) or 0.0
    ground = illumination.ground(image, height)
    slanted = image.rotate(_SKEW_DEGREES, expand=True, fillcolor="white")
    blocks = recognise(LegibleImage(image), _DPI, MODELS, engine, time.monotonic() + _LIMIT_S).blocks
    calibrated = calibrate(blocks)

    def read(models: tuple[str, ...]) -> None:
        recognise(LegibleImage(image), _DPI, models, engine, time.monotonic() + _LIMIT_S)

    yield "letters found", partial(find_glyphs, image)
    yield "their height", partial(text_height, glyphs, 4)
    yield "the skew", partial(skew_degrees, glyphs, height)
    yield "the light", partial(illumination.ground, image, height)
    yield "light evened (some pages)", partial(illumination.evened, image, ground)
    yield "specks looked for", partial(specks.has_specks, image)
    yield "specks taken out (some pages)", partial(specks.without_specks, image)
    yield "preparing, altogether", partial(prepare, image, _DPI)
    yield "preparing a slanted page", partial(prepare, slanted, _DPI)
    yield READING, partial(read, MODELS)
    yield AUTO, partial(read, ())
    yield "second reader (a sure page)", lambda: improve(image, blocks, MODELS, lambda: second, _soon())
    yield "confidences, noise", lambda: without_noise(calibrate(blocks))
    yield "tables", partial(find_tables, list(words(calibrated)), image.size, image=lambda: image)
    yield "layout", partial(arrange, calibrated, *image.size)


def _soon() -> float:
    return time.monotonic() + _LIMIT_S
