"""The engines that read pages in this process, each made once."""

import gc
import os
from functools import cache
from pathlib import Path
from typing import Final

import cv2
from PIL import Image

from common.adapters import language_identification
from common.adapters.tesseract_command import PytesseractEngine
from common.reading.recognition.image_reader import PageEngine
from common.reading.recognition.scripts import DEFAULT_MODELS
from common.reading.second_reader.second_reading import LineReader

_WARM_UP_LIMIT_S: Final = 30


def warm_up(tessdata: Path, niceness: int) -> None:
    """Load what the first page would otherwise wait for, and leave others the processor they ask for.

    ``niceness`` as in nice(1): so that answering callers does not wait for pages being read.
    """
    os.nice(niceness)
    cv2.setNumThreads(1)  # one page, one thread
    in_process(tessdata).read(Image.new("L", (64, 64), "white"), DEFAULT_MODELS, None, _WARM_UP_LIMIT_S)
    language_identification.warm_up()
    gc.freeze()  # models and tables stay: the collector need not look at them page after page


@cache
def in_process(tessdata: Path) -> PageEngine:
    """The fast engine, or the command where tesserocr is not installed."""
    try:
        from common.adapters.tesseract_inprocess import TesserocrEngine
    except ImportError:
        return PytesseractEngine(tessdata)
    return TesserocrEngine(tessdata)


@cache
def second_reader() -> LineReader:
    from common.adapters.pp_ocr import PpOcr

    return PpOcr()
