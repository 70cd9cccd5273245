"""The scanned PDF that everybody reads."""

from dataclasses import dataclass
from pathlib import Path

import pikepdf

from tests import files, pages

_SETS = Path(__file__).resolve().parents[3] / "shared" / "eval" / "long_pdfs_dev"
_GENERATED_PAGES = 20


@dataclass(frozen=True, slots=True)
class Scan:
    """An image-only PDF and, where it is known, its true text."""

    pdf: Path
    page_count: int
    truth: str | None


def find_scan(named: Path | None, work: Path) -> Scan:
    """The named file, else the one of the evaluation sets beside the checkout, else one made in ``work``."""
    if named is not None:
        return _from_file(named)
    for pdf in sorted(_SETS.glob("*.pdf")):
        return _from_file(pdf)
    return _generated(work / "scan.pdf")


def _from_file(pdf: Path) -> Scan:
    truth = pdf.with_suffix(".gt.txt")
    with pikepdf.open(pdf) as document:
        page_count = len(document.pages)
    return Scan(pdf, page_count, truth.read_text(encoding="utf-8-sig") if truth.exists() else None)


def _generated(pdf: Path) -> Scan:
    sheets = [pages.scan(seed) for seed in range(_GENERATED_PAGES)]
    pdf.write_bytes(files.scanned_pdf([sheet.image for sheet in sheets], dpi=300))
    return Scan(pdf, len(sheets), "\f".join(sheet.text for sheet in sheets))
