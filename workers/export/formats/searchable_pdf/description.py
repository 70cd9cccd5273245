"""What a PDF says of itself: its title, its language and when it was made."""

from contextlib import suppress
from typing import Final

from pikepdf import Name, Pdf, PdfError, String

from common.document.xml_text import legal
from workers.export.document import About

_DATE: Final = "D:%Y%m%d%H%M%S+00'00'"


def describe(pdf: Pdf, about: About) -> None:
    """``about`` the document, where it does not say so itself."""
    title = _known(pdf, "/Title") or legal(about.title)
    pdf.docinfo[Name.Title] = title
    if "/CreationDate" not in pdf.docinfo:
        pdf.docinfo[Name.CreationDate] = about.created_at.strftime(_DATE)
    if about.languages and not str(pdf.Root.get(Name.Lang, "")).strip():
        pdf.Root.Lang = String(about.languages[0])
    preferences = pdf.Root.get(Name.ViewerPreferences)
    if preferences is None:
        pdf.Root.ViewerPreferences = {"/DisplayDocTitle": True}
    is_new = Name.Metadata not in pdf.Root
    options = {"set_pikepdf_as_editor": False, "update_docinfo": False}  # that drops what XMP does not have
    with suppress(PdfError), pdf.open_metadata(**options) as metadata:
        if is_new:
            metadata.load_from_docinfo(pdf.docinfo)
        metadata["dc:title"] = title


def _known(pdf: Pdf, key: str) -> str:
    return legal(str(pdf.docinfo.get(key, ""))).strip()
