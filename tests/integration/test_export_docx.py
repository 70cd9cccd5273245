"""Word documents as another program opens them: LibreOffice (libreoffice-writer-nogui)."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path

import pytest
from lxml import etree

from common.document.geometry import Box
from common.document.page import Block, Cell, Engine, Line, Page, Role, Table, Word
from common.document.text import joined, page_text
from common.document.transcript import TranscriptPage
from tests.language_pages import samples
from tests.recognized import FRUIT, KINDS, pages_of
from workers.export.document import About
from workers.export.formats.docx import write

ABOUT = About("scan", ("en",), datetime(2026, 11, 22, tzinfo=UTC))
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
LONG = "long"
LANGUAGES = "languages"
MADE = "made"
SOMEWHERE = Box(100, 100, 900, 140)
SPANS = (
    Cell(0, 0, "Region", SOMEWHERE, row_span=2),
    Cell(0, 1, "Sales", SOMEWHERE, column_span=2),
    Cell(1, 1, "2023", SOMEWHERE),
    Cell(1, 2, "2024", SOMEWHERE),
)
CHINESE = ("人人生而自由，在尊严和权利上", "一律平等。")  # noqa: RUF001

Opened = Callable[[str], etree._Element]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """What LibreOffice makes of a document of each kind, and of one of several pages: it starts but once."""
    folder = tmp_path_factory.mktemp("docx")
    documents = {kind: pages_of(kind) for kind in KINDS}
    several = [pages_of(kind)[0].page for kind in ("scanned", "table", "multi-column")]
    documents[LONG] = tuple(TranscriptPage(index, index, page) for index, page in enumerate(several))
    documents[LANGUAGES] = tuple(
        TranscriptPage(index, index, _page(*map(_block, lines), language=code))
        for index, (code, lines) in enumerate(samples().items())
    )
    documents[MADE] = _made()
    for kind, pages in documents.items():
        write(pages, ABOUT, folder / f"{kind}.docx")
    command = ["soffice", "--headless", f"-env:UserInstallation={(folder / 'office').as_uri()}"]
    target = ["--convert-to", "fodt", "--outdir", folder, *sorted(folder.glob("*.docx"))]
    subprocess.run([*command, *target], check=True, capture_output=True, timeout=100)
    return partial(_body, folder)


def _made() -> tuple[TranscriptPage, ...]:
    """Headings, lists, cells that span, Chinese, a blank page, and one that could not be read."""
    headings = [_block(f"Level {level}", role=Role.HEADING, level=level) for level in range(1, 7)]
    marked = (("3. three", 1), ("1. inner", 2), ("2. inner", 2), ("4. four", 1), ("• bullet", 1))
    items = [_block(text, role=Role.LIST_ITEM, level=level) for text, level in marked]
    table = Table(SOMEWHERE, SPANS)
    full = _page(*headings, *items, _block("Region Sales", role=Role.TABLE), tables=(table,))
    pages = (full, _page(_block(*CHINESE), language="zh-Hans"), _page(), None)
    return tuple(TranscriptPage(index, index, page, "No reading.") for index, page in enumerate(pages))


def _block(*lines: str, role: Role = Role.PARAGRAPH, level: int = 0) -> Block:
    made = (Line(tuple(Word(word, SOMEWHERE, 0.9) for word in line.split()), SOMEWHERE) for line in lines)
    return Block(tuple(made), SOMEWHERE, role, level)


def _page(*blocks: Block, tables: tuple[Table, ...] = (), language: str = "en") -> Page:
    return Page(1000, 1414, Engine.TESSERACT, blocks, tables, detected_languages=(language,))


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


def test_every_language_comes_back_as_it_was_written(opened: Opened) -> None:
    expected = [joined(line.split()) for lines in samples().values() for line in lines]
    assert [text for text in _paragraphs(opened(LANGUAGES)) if text] == expected


def test_headings_come_back_with_their_levels(opened: Opened) -> None:
    found = [(one.get(f"{TEXT}outline-level"), one.text) for one in opened(MADE).iter(f"{TEXT}h")]
    assert found == [(str(level), f"Level {level}") for level in range(1, 7)]


def test_lists_come_back_nested_and_with_their_numbers(opened: Opened) -> None:
    items = list(opened(MADE).iter(f"{TEXT}list-item"))
    found = [
        (one.findtext(f"{TEXT}p"), one.get(f"{TEXT}start-value"), len(list(one.iterancestors(f"{TEXT}list"))))
        for one in items
    ]
    assert found == [
        ("three", "3", 1),
        ("inner", "1", 2),
        ("inner", None, 2),
        ("four", None, 1),
        ("bullet", None, 1),
    ]


def test_cells_that_span_come_back_merged(opened: Opened) -> None:
    (table,) = opened(MADE).iter(f"{TABLE}table")
    found = {
        "".join(map(str, cell.itertext())).strip(): (
            int(cell.get(f"{TABLE}number-rows-spanned", 1)),
            int(cell.get(f"{TABLE}number-columns-spanned", 1)),
        )
        for cell in table.iter(f"{TABLE}table-cell")
    }
    assert found == {cell.text: (cell.row_span, cell.column_span) for cell in SPANS}


def test_lines_of_chinese_are_joined_without_blanks(opened: Opened) -> None:
    assert "".join(CHINESE) in _paragraphs(opened(MADE))


def test_a_page_that_could_not_be_read_says_so(opened: Opened) -> None:
    assert "Page 4: No reading." in _paragraphs(opened(MADE))
