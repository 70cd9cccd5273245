"""The page model: Page > Block > Line > Word, and tables, in reading order.

All boxes are pixels of the page as a viewer shows the file (EXIF orientation and PDF /Rotate
applied), inside ``width`` × ``height``. Confidences are 0 (a guess) to 1 (certain).
"""

from dataclasses import dataclass
from enum import StrEnum

from common.document.extraction import Extraction
from common.document.geometry import Box
from common.document.model_usage import ModelUsage


class Engine(StrEnum):
    """Who read the words."""

    TEXT_LAYER = "text-layer"
    TESSERACT = "tesseract"
    PP_OCR = "pp-ocr"
    VLM = "vlm"


class Role(StrEnum):
    """What a block is on its page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    CAPTION = "caption"
    HEADER = "header"
    FOOTER = "footer"
    FORMULA = "formula"
    FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class Word:
    """``engine`` read it, where that is another than the page's own."""

    text: str
    bbox: Box
    confidence: float
    engine: Engine | None = None

    def __reduce__(self) -> tuple[type["Word"], tuple[str, Box, float, Engine | None]]:
        """Pages leave their child process word by word: what dataclasses do by themselves takes longer."""
        return Word, (self.text, self.bbox, self.confidence, self.engine)


@dataclass(frozen=True, slots=True)
class Line:
    words: tuple[Word, ...]
    bbox: Box


@dataclass(frozen=True, slots=True)
class Block:
    """``markdown``, ``latex`` (of a formula, without dollar signs) and ``language`` (BCP-47) are what a model
    gave; "" where nobody did.
    """

    lines: tuple[Line, ...]
    bbox: Box
    role: Role = Role.PARAGRAPH
    level: int = 0  # of a heading, 1 is the highest; of a list item, 1 is the outermost; 0 elsewhere
    markdown: str = ""
    latex: str = ""
    language: str = ""
    keeps_lines: bool = False  # whatever their places: where they end was seen on another page


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell; ``row`` and ``column`` are 0-based, spans at least 1.

    ``confidence``: of its words, weighted by their characters; None without words, or where nobody told.
    """

    row: int
    column: int
    text: str
    bbox: Box
    row_span: int = 1
    column_span: int = 1
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    bbox: Box
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What was found on one page.

    ``rotation`` is the clockwise turn in degrees that was needed to make the page upright for
    reading; the boxes do not include it. ``detected_languages`` are BCP-47 codes. ``usage`` is what a
    model took for the page; ``extraction`` what it drew from it where a schema was given.
    """

    width: int
    height: int
    engine: Engine
    blocks: tuple[Block, ...] = ()
    tables: tuple[Table, ...] = ()
    rotation: int = 0
    detected_languages: tuple[str, ...] = ()
    usage: ModelUsage | None = None
    extraction: Extraction | None = None
