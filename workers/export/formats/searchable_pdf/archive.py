"""PDF/A-2b, made and validated by pikepdf."""

from pathlib import Path
from typing import Final

from pikepdf import Pdf
from pikepdf.pdfa import Flavour, PdfaError, Report, save

from common.errors import FormatFailed

# ISO 32000-1, 7.5.5 and 7.5.8.2; the keys of encrypted and of cross-reference streams' trailers are qpdf's.
_TRAILER: Final = frozenset({"/Size", "/Prev", "/Root", "/Info", "/ID", "/Encrypt", "/XRefStm"})
_REMEDY: Final = "Ask for it without pdfa=true, or send a file that has all of its fonts embedded."
_ACTIONS: Final = frozenset({"/OpenAction", "/AA"})  # what a viewer is to do by itself


def save_for_archives(pdf: Pdf, out: Path) -> None:
    """Raises FormatFailed for what cannot be kept so: fonts that are not in the file, colours for print.

    Programs add keys of their own to a file's trailer and say where it is to be opened (LibreOffice does
    both): what PDF/A, or its validation, has no place for.
    """
    for key in set(pdf.trailer.keys()) - _TRAILER:
        del pdf.trailer[key]
    for key in _ACTIONS & set(pdf.Root.keys()):
        del pdf.Root[key]
    try:
        save(pdf, out, Flavour.PDFA_2B)
    except PdfaError as error:
        reason = _reason(error.report).rstrip(".")
        raise FormatFailed(f"The document cannot be made PDF/A: {reason}. {_REMEDY}") from error


def _reason(report: Report) -> str:
    """The first thing that was found, without the place in the file."""
    return report.findings[0].message if report.findings else "it does not pass the validation"
