"""Reading a page with Tesseract, from the file to its words. All of this runs in a child process."""

import os
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image

from common.adapters.rendering import render_page
from common.adapters.tesseract_command import PytesseractEngine
from common.contracts.tasks import MediaType, TextLayer
from common.document.page import Page
from workers.ocr_cpu import transform
from workers.ocr_cpu.recognition import PageEngine, recognise
from workers.ocr_cpu.scripts import DEFAULT_MODELS

_WARM_UP_LIMIT_S: Final = 30


@dataclass(frozen=True, slots=True)
class PageOrder:
    """Which page to read and how; ``languages`` are Tesseract models, none to find out.

    ``tables``: look for tables on a page that does not look like having one, too.
    """

    path: Path
    media_type: MediaType
    source_page: int
    languages: tuple[str, ...]
    tessdata: Path
    time_limit_s: float
    text_layer: TextLayer = TextLayer.AUTO
    tables: bool = False


def warm_up(tessdata: Path, niceness: int) -> None:
    """Load what the first page would otherwise wait for, and leave others the processor they ask for.

    ``niceness`` as in nice(1): so that answering callers does not wait for pages being read.
    """
    os.nice(niceness)
    _in_process(tessdata).read(Image.new("L", (64, 64), "white"), DEFAULT_MODELS, None, _WARM_UP_LIMIT_S)


def read_page(order: PageOrder) -> Page:
    """Render the page and read it in this process, so that its image never crosses a border.

    Raises a PageError.
    """
    return _read(order, _in_process(order.tessdata))


def read_page_apart(order: PageOrder) -> Page:
    """The same by the tesseract command: for a page that crashed the process that read it."""
    return _read(order, PytesseractEngine(order.tessdata))


@cache
def _in_process(tessdata: Path) -> PageEngine:
    """The fast engine, or the command where tesserocr is not installed."""
    try:
        from common.adapters.tesseract_inprocess import TesserocrEngine
    except ImportError:
        return PytesseractEngine(tessdata)
    return TesserocrEngine(tessdata)


def _read(order: PageOrder, engine: PageEngine) -> Page:
    deadline = time.monotonic() + order.time_limit_s
    rendered = render_page(order.path, order.media_type, order.source_page)
    reading = recognise(rendered.image, rendered.dpi, order.languages, engine, deadline)
    return transform.page(reading, rendered.image.size, (rendered.width, rendered.height))
