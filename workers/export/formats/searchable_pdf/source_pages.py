"""The pages of a PDF that a job was for, as they were sent."""

from collections.abc import Sequence
from pathlib import Path

import pikepdf
from pikepdf import Page, Pdf

from common.document.page import Page as ReadPage
from common.errors import FormatFailed
from workers.export.formats.searchable_pdf.own_text import Stays, what_stays


class SourcePages:
    """Pages of the file can be changed where they are, and leave it as a new one."""

    def __init__(self, source: Path) -> None:
        """Raises pikepdf's errors."""
        self.pdf = pikepdf.open(source)
        self._source = source
        self._wanted: list[int] = []

    def page(self, source_page: int) -> Page:
        """Page ``source_page`` (from 0), which is the next of the new file."""
        if source_page >= len(self.pdf.pages):
            raise FormatFailed(f"The file has no page {source_page + 1}.")
        self._wanted.append(source_page)
        return self.pdf.pages[source_page]

    def own_text(self, source_page: int, page: ReadPage) -> Stays:
        return what_stays(self._source, source_page, page)

    def selected(self) -> Pdf:
        """The whole document with all that it is, or a new one of the pages that were asked for."""
        if self._wanted == list(range(len(self.pdf.pages))):
            return self.pdf
        return _with_pages(self.pdf, self._wanted)


def _with_pages(pdf: Pdf, wanted: Sequence[int]) -> Pdf:
    """Without outline, page labels and form: they are the whole document's. Links and marks stay."""
    part = Pdf.new()
    for index in wanted:
        part.pages.append(pdf.pages[index])
    for key, value in pdf.docinfo.items():
        part.docinfo[key] = part.copy_foreign(value) if value.is_indirect else value
    if "/Lang" in pdf.Root:
        part.Root.Lang = str(pdf.Root.Lang)
    return part
