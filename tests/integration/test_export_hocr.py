"""hOCR in the hands of others: an XHTML validator, the validator of its specification, OCRmyPDF's parser."""

import subprocess
import sys
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ocrmypdf.hocrtransform import HocrParser, OcrElement

from common.document.page import Engine, Page
from common.document.text import words
from common.document.transcript import TranscriptPage
from tests.recognized import KINDS, pages_of
from workers.export.document import About
from workers.export.formats.hocr import write

ABOUT = About('A "scan"; & more', ("en", "he"), datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.hocr"


def xhtml_errors(path: Path) -> str:
    """What xmllint (libxml2-utils) has against it by the DTD of XHTML 1.0 (w3c-sgml-lib), "" if nothing."""
    command = ["xmllint", "--noout", "--nonet", "--valid", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return done.stderr if done.returncode else ""


def hocr_errors(path: Path) -> str:
    """What hocr-spec (PyPI) has against it."""
    command = [Path(sys.executable).with_name("hocr-spec"), path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr if done.returncode else ""


def descendants(element: OcrElement, ocr_class: str) -> list[OcrElement]:
    inner = [found for child in element.children for found in descendants(child, ocr_class)]
    return [element, *inner] if element.ocr_class == ocr_class else inner


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_valid(kind: str, out: Path) -> None:
    write(iter(pages_of(kind)), ABOUT, out)
    assert (xhtml_errors(out), hocr_errors(out)) == ("", "")


def test_it_is_valid_with_blank_and_failed_pages(out: Path) -> None:
    blank = TranscriptPage(1, 6, Page(100, 200, Engine.TESSERACT))
    failed = TranscriptPage(2, 7, None, "Two -- hyphens, <tags> & a \x0b control-")
    write([*pages_of("scanned"), blank, failed], ABOUT, out)
    assert (xhtml_errors(out), hocr_errors(out)) == ("", "")


def test_the_validators_find_mistakes(out: Path) -> None:
    write(pages_of("scanned"), ABOUT, out)
    hocr = out.read_text()
    out.write_text(hocr.replace("<p class", "<h9 class").replace("</p>", "</h9>"))
    assert "h9" in xhtml_errors(out)
    out.write_text(hocr.replace("x_wconf 9", "x_wconf 999", 1))
    assert "out of range" in hocr_errors(out)


@pytest.mark.parametrize("kind", KINDS)
def test_another_program_reads_the_words_at_their_places(kind: str, out: Path) -> None:
    (exported,) = pages_of(kind)
    write([exported], ABOUT, out)
    found = descendants(HocrParser(out).parse(), "ocrx_word")
    page = exported.page
    assert page is not None
    expected = list(words(page.blocks))
    assert [word.text for word in found] == [unicodedata.normalize("NFKC", word.text) for word in expected]
    boxes = [word.bbox for word in found if word.bbox]
    assert [(box.left, box.top, box.right, box.bottom) for box in boxes] == [word.bbox for word in expected]
    confidences = [word.confidence for word in found]
    assert confidences == pytest.approx([word.confidence for word in expected], abs=0.0051)


def test_another_program_reads_language_and_direction(out: Path) -> None:
    write(pages_of("right-to-left"), ABOUT, out)
    paragraphs = descendants(HocrParser(out).parse(), "ocr_par")
    assert {(each.language, each.direction) for each in paragraphs} == {("he", "rtl")}


def test_another_program_reads_how_a_rotated_page_lies(out: Path) -> None:
    (exported,) = pages_of("rotated")
    assert exported.page is not None and exported.page.rotation == 270
    write([exported], ABOUT, out)
    lines = descendants(HocrParser(out).parse(), "ocr_line")
    assert {line.textangle for line in lines} == {270.0}
