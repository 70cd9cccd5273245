"""Searchable PDF: the pages as they were sent, each recognised word invisible at its place.

Nothing is recognised or drawn anew. A page whose text is the file's own stays as it is; of one that was
read in parts, the words that the file does not have are added; of one that was read as a whole, what text
it had gives way to what was read.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import pikepdf
from pikepdf import ObjectStreamMode, Pdf, PdfError

from common.contracts.tasks import MediaType
from common.document.page import Page
from common.document.transcript import TranscriptPage
from common.errors import FormatFailed
from workers.export.document import About
from workers.export.formats.searchable_pdf.archive import save_for_archives
from workers.export.formats.searchable_pdf.description import describe
from workers.export.formats.searchable_pdf.glyphless_font import GlyphlessFont
from workers.export.formats.searchable_pdf.image_pages import ImagePages
from workers.export.formats.searchable_pdf.invisible_text import draw
from workers.export.formats.searchable_pdf.layer import layer_of
from workers.export.formats.searchable_pdf.own_text import Stays, is_read
from workers.export.formats.searchable_pdf.placing import place, silence, strip_invisible
from workers.export.formats.searchable_pdf.source_pages import SourcePages

_PDF_ERRORS: Final = (pikepdf.PasswordError, PdfError, pikepdf.QpdfRuntimeError)


class Sheets(Protocol):
    """Where the pages come from."""

    pdf: Pdf

    def page(self, source_page: int) -> pikepdf.Page: ...

    def own_text(self, source_page: int, page: Page) -> Stays: ...

    def selected(self) -> Pdf: ...


def write(
    pages: Iterable[TranscriptPage],
    about: About,
    source: Path,
    media_type: MediaType,
    out: Path,
    *,
    pdfa: bool,
) -> None:
    """Raises FormatFailed for a source that cannot be taken apart, or not be made PDF/A."""
    with _own_words():
        sheets = _sheets(source, media_type, pdfa=pdfa)
        text = _TextOfSheets(sheets.pdf)
        for page in pages:
            sheet = sheets.page(page.source_page)
            if page.page is not None:
                text.add(sheet, page.page, sheets.own_text(page.source_page, page.page))
        text.finish()
        pdf = sheets.selected()
        describe(pdf, about)
        if pdfa:
            save_for_archives(pdf, out)
        else:
            pdf.save(out, object_stream_mode=ObjectStreamMode.generate)


@contextmanager
def _own_words() -> Iterator[None]:
    try:
        yield
    except _PDF_ERRORS as error:  # others are faults of ours, and go on to who logs them
        raise FormatFailed("The file is damaged: its pages cannot be made a searchable PDF.") from error


def _sheets(source: Path, media_type: MediaType, *, pdfa: bool) -> Sheets:
    if media_type is MediaType.PDF:
        return SourcePages(source)
    return ImagePages(source, media_type, in_rgb=pdfa)


class _TextOfSheets:
    def __init__(self, pdf: Pdf) -> None:
        self._pdf = pdf
        self._font = GlyphlessFont(pdf)

    def add(self, sheet: pikepdf.Page, page: Page, own: Stays) -> None:
        if own is Stays.NOTHING:
            silence(self._pdf, sheet)
        elif own is Stays.PAINTED:
            strip_invisible(self._pdf, sheet)
        layer = layer_of(page, lambda word: is_read(word, page))
        if layer.paragraphs:
            words = draw(self._pdf, layer, self._font)
            place(sheet, words, (page.width, page.height), page.rotation)

    def finish(self) -> None:
        self._font.finish()
