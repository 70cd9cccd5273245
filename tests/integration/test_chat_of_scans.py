"""Questions to documents as a reader of images finds them, not as they were written."""

from pathlib import Path

import pytest
from PIL import ImageDraw, ImageFont

from common.adapters.tesseract_data import tessdata_folder
from common.contracts.tasks import MediaType
from common.document.page import Page
from common.document.text import page_text
from common.reading.page_order import PageOrder
from tests import files
from tests.chat_questions.documents import HEIGHT, WIDTH, pages_of
from tests.pages import blank_page, font_path
from workers.chat.extractive.answer import answer
from workers.chat.extractive.index import DocumentIndex
from workers.chat.passages import passages_of
from workers.chat.plain_text import plain
from workers.ocr_cpu.engine import read_page


@pytest.mark.parametrize(
    ("document", "model", "asked"),
    [
        (
            "invoice_de",
            "deu",
            {"Wie hoch ist der Rechnungsbetrag?": "3.655,68", "Wie lautet die Rechnungsnummer?": "2025-0318"},
        ),
        (
            "letter_en",
            "eng",
            {"Who inspected the boiler?": "Susan Wright", "Which number should I call?": "0113 496 0555"},
        ),
    ],
)
def test_a_scan_is_answered_from(document: str, model: str, asked: dict[str, str], tmp_path: Path) -> None:
    page = _scanned(pages_of(document)[0], model, tmp_path)
    index = DocumentIndex(passages_of([page]))
    for question, sentence in asked.items():
        found = answer(question, index)
        assert sentence in found.citations[0].snippet
        assert found.citations[0].snippet in plain(page_text(page))


def _scanned(written: Page, model: str, folder: Path) -> Page:
    """The page drawn word by word where they are written, and read by Tesseract."""
    image = blank_page((WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    for word in (word for block in written.blocks for line in block.lines for word in line.words):
        font = ImageFont.truetype(str(font_path("DejaVuSansMono")), (word.bbox.y1 - word.bbox.y0) * 22 // 26)
        draw.text((word.bbox.x0, word.bbox.y0), word.text, 0, font)
    path = folder / "source"
    path.write_bytes(files.png(image))
    return read_page(PageOrder(path, MediaType.PNG, 0, (model,), tessdata_folder(), 60, tables=True))
