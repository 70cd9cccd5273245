"""Documents as the export worker gets them: pages of every kind, read by the real engines."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageDraw, ImageFont

from common.adapters.tesseract_data import tessdata_folder
from common.contracts.tasks import MediaType
from common.document.page import Page
from common.document.transcript import TranscriptPage
from common.reading.page_order import PageOrder
from tests import files, text_pdfs
from tests.language_pages import draw_page, samples
from tests.pages import draw_sheet, font_path, paragraphs
from workers.ocr_cpu.engine import read_page

KINDS = ("scanned", "born-digital", "rotated", "multi-column", "table", "right-to-left")
FRUIT = (("Fruit", "Weight", "Price"), ("Cherry", "12.50", "-3.20"), ("Lemon", "7.25", "+1,200"))


@cache
def pages_of(kind: str) -> tuple[TranscriptPage, ...]:
    """A document of one page; ``kind`` is one of KINDS."""
    return (_read(*source_of(kind), "heb" if kind == "right-to-left" else "eng"),)


@cache
def source_of(kind: str) -> tuple[bytes, MediaType]:
    """The file that ``pages_of`` reads."""
    if kind == "born-digital":
        return text_pdfs.text_page(text_pdfs.shown(text_pdfs.prose())), MediaType.PDF
    return files.png(_drawn(kind)), MediaType.PNG


def _drawn(kind: str) -> Image.Image:
    match kind:
        case "multi-column":
            return _columns()
        case "table":
            return _table()
        case "right-to-left":
            return draw_page(samples()["he"], "Hebr", "rtl")
    sheet = draw_sheet(paragraphs(seed=3, count=2)).image
    return sheet.rotate(-90, expand=True) if kind == "rotated" else sheet


def _columns() -> Image.Image:
    page = Image.new("L", (1500, 900), 255)
    for seed, x in ((1, 60), (2, 790)):
        page.paste(
            draw_sheet(paragraphs(seed, count=2, words_each=25, columns=36), font_px=28, margin=10).image,
            (x, 100),
        )
    return page


def _table() -> Image.Image:
    """Ruled, a cell of 400 × 90 pixels for each text of FRUIT."""
    page = Image.new("L", (1400, 700), 255)
    draw = ImageDraw.Draw(page)
    for row in range(len(FRUIT) + 1):
        draw.line((100, 200 + 90 * row, 1300, 200 + 90 * row), 0, 4)
    for column in range(len(FRUIT[0]) + 1):
        draw.line((100 + 400 * column, 200, 100 + 400 * column, 470), 0, 4)
    font = ImageFont.truetype(str(font_path()), 42)
    for row, texts in enumerate(FRUIT):
        for column, text in enumerate(texts):
            draw.text((130 + 400 * column, 220 + 90 * row), text, 0, font)
    return page


def _read(data: bytes, media_type: MediaType, model: str) -> TranscriptPage:
    with TemporaryDirectory() as folder:
        path = Path(folder, "source")
        path.write_bytes(data)
        order = PageOrder(path, media_type, 0, (model,), tessdata_folder(), 60, tables=True)
        page: Page = read_page(order)
    return TranscriptPage(0, 0, page)
