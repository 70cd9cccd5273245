"""What a child process is asked for."""

from dataclasses import dataclass
from pathlib import Path

from common.contracts.tasks import MediaType, TextLayer


@dataclass(frozen=True, slots=True)
class PageOrder:
    """Which page to read and how; ``languages`` are Tesseract models, none to find out.

    ``tables``: look for tables on a page that does not look like having one, too. ``second_reader``:
    have read again, by another engine, what Tesseract is unsure of.
    """

    path: Path
    media_type: MediaType
    source_page: int
    languages: tuple[str, ...]
    tessdata: Path
    time_limit_s: float
    text_layer: TextLayer = TextLayer.AUTO
    tables: bool = False
    second_reader: bool = True
