"""Word documents as another program opens them: LibreOffice (libreoffice-writer-nogui)."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path

import pytest
from lxml import etree

from common.document.page import Page
from common.document.text import page_text
from tests.recognized import FRUIT, KINDS, pages_of
from workers.export.document import About, ExportPage
from workers.export.formats.docx import write

ABOUT = About("scan", ("en",), datetime(2026, 11, 22, tzinfo=UTC))
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
LONG = "long"

Opened = Callable[[str], etree._Element]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """What LibreOffice makes of a document of each kind, and of one of several pages: it starts but once."""
    folder = tmp_path_factory.mktemp("docx")
    documents = {kind: pages_of(kind) for kind in KINDS}
    several = [pages_of(kind)[0].page for kind in ("scanned", "table", "multi-column")]
    documents[LONG] = tuple(ExportPage(index, index, page) for index, page in enumerate(several))
    for kind, pages in documents.items():
        write(pages, ABOUT, folder / f"{kind}.docx")
    command = ["soffice", "--headless", f"-env:UserInstallation={(folder / 'office').as_uri()}"]
    target = ["--convert-to", "fodt", "--outdir", folder, *sorted(folder.glob("*.docx"))]
    subprocess.run([*command, *target], check=True, capture_output=True, timeout=100)
    return partial(_body, folder)


def _body(folder: Path, kind: str) -> etree._Element:
    return etree.parse(folder / f"{kind}.fodt").getroot()


def _paragraphs(document: etree._Element) -> list[str]:
    kinds = (f"{TEXT}p", f"{TEXT}h")
    return ["".join(map(str, one.itertext())) for one in document.iter(*kinds)]


def _read(kind: str) -> Page:
    page = pages_of(kind)[0].page
    assert page is not None
    return page


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "table"])
def test_the_text_comes_back_in_its_order(opened: Opened, kind: str) -> None:
    expected = page_text(_read(kind)).replace("-\n", "").split()
    found = " ".join(_paragraphs(opened(kind))).split()
    assert SequenceMatcher(None, expected, found, autojunk=False).ratio() > 0.95


def test_a_table_comes_back_with_its_cells(opened: Opened) -> None:
    (table,) = opened("table").iter(f"{TABLE}table")
    rows = [
        ["".join(map(str, cell.itertext())).strip() for cell in row]
        for row in table.iter(f"{TABLE}table-row")
    ]
    assert rows == [list(row) for row in FRUIT]


def test_hebrew_is_written_from_right_to_left(opened: Opened) -> None:
    modes = [
        one.get(f"{STYLE}writing-mode")
        for one in opened("right-to-left").iter(f"{STYLE}paragraph-properties")
    ]
    assert "rl-tb" in modes


def test_pages_stay_pages(opened: Opened) -> None:
    fo = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
    document = opened(LONG)
    properties = document.iter(f"{STYLE}paragraph-properties")
    breaking = {
        one.getparent().get(f"{STYLE}name") for one in properties if one.get(f"{fo}break-before") == "page"
    }
    users = [one for one in document.iter() if one.get(f"{TEXT}style-name") in breaking]
    assert len(users) == 2
