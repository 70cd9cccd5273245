"""CSV as a spreadsheet opens it: LibreOffice (libreoffice-calc-nogui)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.document.geometry import Box
from common.document.page import Cell, Engine, Page, Table
from common.document.text import line_text
from common.document.transcript import TranscriptPage
from tests.recognized import FRUIT, pages_of
from tests.spreadsheets import COMMA, SEMICOLON, SEVERAL, formulas_of, opened, rows_of
from workers.export.document import About
from workers.export.formats.csv import write

ABOUT = About("scan", ("en",), datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.csv"


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
    write([TranscriptPage(0, 0, Page(9, 9, Engine.VLM, tables=(table, table)))], ABOUT, out, excel=True)
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
