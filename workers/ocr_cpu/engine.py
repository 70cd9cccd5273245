"""Reading a page with Tesseract, from the file to its words. All of this runs in a child process."""

from common.adapters.tesseract_command import PytesseractEngine
from common.document.page import Page, Table
from common.document.text import words
from common.reading.engines import in_process, second_reader
from common.reading.findings import Findings, page_of_findings
from common.reading.page_order import PageOrder
from common.reading.page_reader import PageReader
from common.reading.recognition.image_reader import PageEngine
from common.reading.tables.finding import find_tables


def read_page(order: PageOrder) -> Page:
    """Render the page and read it in this process, so that its image never crosses a border.

    Raises a PageError.
    """
    return _read(order, in_process(order.tessdata))


def read_page_apart(order: PageOrder) -> Page:
    """The same by the tesseract command: for a page that crashed the process that read it."""
    return _read(order, PytesseractEngine(order.tessdata))


def _read(order: PageOrder, engine: PageEngine) -> Page:
    page = PageReader(order, engine, second_reader if order.second_reader else None)
    findings = page.read()
    found = _tables(findings, page, order)
    reread = page.with_cells_reread(findings, found)
    if reread is not findings:
        findings, found = reread, _tables(reread, page, order)
    return page_of_findings(findings, found, tables_first=order.tables)


def _tables(findings: Findings, page: PageReader, order: PageOrder) -> tuple[Table, ...]:
    return find_tables(
        words(findings.blocks), findings.placement.target, image=page.upright_image, seek=order.tables
    )
