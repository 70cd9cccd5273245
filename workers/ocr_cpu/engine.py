"""Reading a page with Tesseract, from the file to its words. All of this runs in a child process."""

import gc
import os
from functools import cache
from pathlib import Path
from typing import Final

import cv2
from PIL import Image

from common.adapters import language_identification
from common.adapters.tesseract_command import PytesseractEngine
from common.document.page import Page, Table
from common.document.text import words
from workers.ocr_cpu import transform
from workers.ocr_cpu.page_order import PageOrder
from workers.ocr_cpu.page_reader import PageReader
from workers.ocr_cpu.recognition.image_reader import PageEngine
from workers.ocr_cpu.recognition.scripts import DEFAULT_MODELS
from workers.ocr_cpu.second_reader.second_reading import LineReader
from workers.ocr_cpu.tables.finding import find_tables
from workers.ocr_cpu.transform import Findings

_WARM_UP_LIMIT_S: Final = 30


def warm_up(tessdata: Path, niceness: int) -> None:
    """Load what the first page would otherwise wait for, and leave others the processor they ask for.

    ``niceness`` as in nice(1): so that answering callers does not wait for pages being read.
    """
    os.nice(niceness)
    cv2.setNumThreads(1)  # one page, one thread
    _in_process(tessdata).read(Image.new("L", (64, 64), "white"), DEFAULT_MODELS, None, _WARM_UP_LIMIT_S)
    language_identification.warm_up()
    gc.freeze()  # models and tables stay: the collector need not look at them page after page


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


@cache
def _second_reader() -> LineReader:
    from common.adapters.pp_ocr import PpOcr

    return PpOcr()


def _read(order: PageOrder, engine: PageEngine) -> Page:
    page = PageReader(order, engine, _second_reader if order.second_reader else None)
    findings = page.read()
    found = _tables(findings, page, order)
    reread = page.with_cells_reread(findings, found)
    if reread is not findings:
        findings, found = reread, _tables(reread, page, order)
    return transform.page(findings, found, tables_first=order.tables)


def _tables(findings: Findings, page: PageReader, order: PageOrder) -> tuple[Table, ...]:
    return find_tables(
        words(findings.blocks), findings.placement.target, image=page.upright_image, seek=order.tables
    )
