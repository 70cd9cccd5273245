"""The pages of a PDF that a job was for, as they were sent."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Page, Pdf, String

from common.document.page import Page as ReadPage
from common.errors import FormatFailed
from workers.export.formats.searchable_pdf.own_text import Stays, what_stays

_SAID_OF_ITSELF: Final = (
    "/Title",
    "/Author",
    "/Subject",
    "/Keywords",
    "/Creator",
    "/Producer",
    "/CreationDate",
    "/ModDate",
)
# What a widget is seen by: its other keys lead to the form, which knows what other pages were filled in with.
_LOOKS: Final = ("/Type", "/Subtype", "/Rect", "/F", "/AP", "/AS", "/MK", "/BS", "/Border")


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
        page = pdf.pages[index]
        _leave_the_form(page)
        part.pages.append(page)
    part.remove_unreferenced_resources()  # pages often share one list of them
    for key in _SAID_OF_ITSELF:
        value = pdf.docinfo.get(key)
        if isinstance(value, String):
            part.docinfo[key] = String(str(value))
    if "/Lang" in pdf.Root:
        part.Root.Lang = str(pdf.Root.Lang)
    return part


def _leave_the_form(page: Page) -> None:
    marks = page.obj.get(Name.Annots)
    if not isinstance(marks, Array):
        return
    for mark in marks:
        if isinstance(mark, Dictionary) and mark.get(Name.Subtype) == Name.Widget:
            for key in set(mark.keys()) - set(_LOOKS):
                del mark[key]
