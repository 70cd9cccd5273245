"""CSV as a spreadsheet opens it: LibreOffice (libreoffice-calc-nogui)."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from common.document.geometry import Box
from common.document.page import Cell, Engine, Page, Table
from common.document.text import line_text
from tests.recognized import FRUIT, pages_of
from workers.export.document import About, ExportPage
from workers.export.formats.csv import write

ABOUT = About("scan", ("en",), datetime(2026, 11, 22, tzinfo=UTC))
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
COMMA, SEMICOLON, SEVERAL = "44", "59", "44/59/9"
QUOTES_UTF8 = "34,76"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.csv"


def opened(path: Path, separators: str = COMMA) -> etree._ElementTree:
    """The sheet that LibreOffice makes of the file; the separators are numbers of characters."""
    command = ["soffice", "--headless", f"-env:UserInstallation={(path.parent / 'office').as_uri()}"]
    filter_ = f"--infilter=CSV:{separators},{QUOTES_UTF8}"
    target = [filter_, "--convert-to", "fods", "--outdir", path.parent, path]
    subprocess.run([*command, *target], check=True, capture_output=True, timeout=55)
    return etree.parse(path.with_suffix(".fods"))


def rows_of(sheet: etree._ElementTree) -> list[list[str | float]]:
    """Numbers as numbers, texts as texts, without the blank cells."""
    rows = ([value for cell in row for value in _values(cell)] for row in sheet.iter(f"{TABLE}table-row"))
    return [row for row in rows if row]


def _values(cell: etree._Element) -> list[str | float]:
    """What is in the cell, as often as it stands side by side."""
    number = cell.get(f"{OFFICE}value")
    text = "\n".join(line.text or "" for line in cell.iterfind(f"{TEXT}p"))
    count = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
    return [float(number) if number else text] * count if text else []


def formulas_of(sheet: etree._ElementTree) -> list[str]:
    return [
        cell.get(f"{TABLE}formula")
        for cell in sheet.iter(f"{TABLE}table-cell")
        if cell.get(f"{TABLE}formula")
    ]


def test_a_table_that_was_read_opens_with_its_numbers(out: Path) -> None:
    write(pages_of("table"), ABOUT, out, excel=False)
    assert rows_of(opened(out)) == [list(FRUIT[0]), ["Cherry", 12.5, -3.2], ["Lemon", 7.25, 1200.0]]


HOSTILE = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("x";"y")', " =1+1", "\t=1+1", "\ufeff=1+1"]
INNER = ["x;=1+1;y", 'x;"=1+1"', "x; =1+1", "x;\u200b=1+1", "x\t=1+1", "x\n=1+1", "x\r\n=1+1", 'x,"\n=1+1']


@pytest.mark.parametrize(
    ("separators", "evil"), [(COMMA, "=1+1"), (SEMICOLON, "x;=1+1;y"), (SEVERAL, "x;=1+1;y")]
)
def test_no_cell_becomes_a_formula(out: Path, separators: str, evil: str) -> None:
    box = Box(0, 0, 1, 1)
    rows = (HOSTILE + INNER, ["-5", "3*F(A1)"])
    cells = (Cell(r, c, text, box) for r, row in enumerate(rows) for c, text in enumerate(row))
    table = Table(box, tuple(cells))
    out.write_text(evil)
    assert formulas_of(opened(out, separators)) == ["of:=1+1"]
    write([ExportPage(0, 0, Page(9, 9, Engine.VLM, tables=(table, table)))], ABOUT, out, excel=True)
    sheet = opened(out, separators)
    assert formulas_of(sheet) == []
    if separators == COMMA:
        assert rows_of(sheet)[0][:2] == ["'=1+1", "'+1+1"]


def test_lines_open_in_other_scripts(out: Path) -> None:
    (exported,) = pages_of("right-to-left")
    write([exported], ABOUT, out, excel=True)
    assert exported.page is not None
    texts = [line_text(line) for block in exported.page.blocks for line in block.lines]
    head, *rows = rows_of(opened(out))
    assert head == ["page", "line", "text", "confidence"]
    assert [row[:3] for row in rows] == [
        [1.0, float(number), text] for number, text in enumerate(texts, start=1)
    ]
