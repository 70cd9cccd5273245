import csv
import errno
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.document.geometry import Box
from common.document.page import Block, Cell, Engine, Line, Page, Role, Table, Word
from common.document.transcript import TranscriptPage
from workers.export.document import About
from workers.export.formats.csv import write

BOX = Box(0, 0, 1, 1)
ABOUT = About("scan", ("en",), datetime(2026, 11, 22, tzinfo=UTC))


def line(text: str, confidence: float = 0.9) -> Line:
    return Line(tuple(Word(word, BOX, confidence) for word in text.split()), BOX)


def block(*texts: str, role: Role = Role.PARAGRAPH) -> Block:
    return Block(tuple(line(text) for text in texts), BOX, role)


def table(*rows: list[str]) -> Table:
    return Table(
        BOX, tuple(Cell(r, c, text, BOX) for r, row in enumerate(rows) for c, text in enumerate(row))
    )


def page(index: int, *blocks: Block, tables: tuple[Table, ...] = ()) -> TranscriptPage:
    return TranscriptPage(index, index, Page(100, 100, Engine.TESSERACT, blocks, tables))


def failed(index: int) -> TranscriptPage:
    return TranscriptPage(index, index, None, "The page could not be read.")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.csv"


def written(out: Path, *pages: TranscriptPage, excel: bool = False) -> str:
    write(iter(pages), ABOUT, out, excel=excel)
    return out.read_bytes().decode()


def test_a_document_without_tables_has_a_row_for_each_line(out: Path) -> None:
    found = written(out, page(0, block("one two", "three"), block("four")), page(1, block("five, six")))
    assert found == (
        "page,line,text,confidence\r\n"
        "1,1,one two,0.9\r\n1,2,three,0.9\r\n1,3,four,0.9\r\n"
        '2,1,"five, six",0.9\r\n'
    )


def test_lines_have_the_numbers_of_their_pages_in_the_file(out: Path) -> None:
    selected = TranscriptPage(0, 6, Page(100, 100, Engine.TESSERACT, (block("text"),)))
    assert written(out, selected).endswith("\r\n7,1,text,0.9\r\n")


def test_tables_follow_each_other_with_a_blank_line_between(out: Path) -> None:
    first, second = table(["a", "b"], ["1", "2"]), table(["c"])
    found = written(out, page(0, tables=(first, second)), page(1, tables=(first,)))
    assert found == "a,b\r\n1,2\r\n\r\nc\r\n\r\na,b\r\n1,2\r\n"


@pytest.mark.parametrize("excel", [False, True])
def test_lines_before_the_first_table_are_left_out(out: Path, excel: bool) -> None:
    pages = (
        page(0, block("long introduction " * 9)),
        page(1, block("text"), tables=(table(["a"]),)),
        page(2, block("x")),
    )
    found = written(out, *pages, excel=excel)
    assert found == "\ufeffa\r\n" if excel else "a\r\n"


def test_a_table_without_cells_is_no_table(out: Path) -> None:
    assert written(out, page(0, block("text"), tables=(Table(BOX, ()),))).endswith("1,1,text,0.9\r\n")


def test_only_excel_gets_a_byte_order_mark(out: Path) -> None:
    written(out, page(0, block("é")), excel=True)
    assert out.read_bytes().startswith(b"\xef\xbb\xbfpage,") and out.read_bytes().count(b"\xef\xbb\xbf") == 1
    written(out, page(0, block("é")))
    assert out.read_bytes().startswith(b"page,")


def test_formulas_are_made_harmless_in_cells_and_lines(out: Path) -> None:
    assert written(out, page(0, tables=(table(["=1+1", "-12.5", "+3", "@A1"]),))) == "'=1+1,-12.5,+3,'@A1\r\n"
    assert "1,1,'- an item,0.9" in written(out, page(0, block("- an item")))


def test_quotes_commas_and_line_breaks_come_back(out: Path) -> None:
    cells = ['a "b"', "1,5", "up\ndown", "up\r\ndown", "", "中文", "עברית"]
    written(out, page(0, tables=(table(cells),)))
    with out.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file, strict=True)) == [cells]


def test_pages_that_failed_have_no_rows(out: Path) -> None:
    found = written(out, failed(0), page(1, block("text")))
    assert found == "page,line,text,confidence\r\n2,1,text,0.9\r\n"
    assert written(out, failed(0)) == "page,line,text,confidence\r\n"


def test_a_line_without_words_has_no_confidence(out: Path) -> None:
    assert written(out, page(0, Block((Line((), BOX),), BOX))).endswith("1,1,,\r\n")


def test_memory_stays_flat_however_many_pages(out: Path) -> None:
    pages = (page(index, block(*["x" * 500] * 40)) for index in range(500))
    tracemalloc.start()
    write(pages, ABOUT, out, excel=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < out.stat().st_size / 10


def test_a_full_disk_is_told_as_such(out: Path) -> None:
    out.symlink_to("/dev/full")
    with pytest.raises(OSError) as error:
        written(out, page(0, block(*["some words"] * 5000)))
    assert error.value.errno == errno.ENOSPC


def test_no_control_turns_the_direction_of_what_follows(out: Path) -> None:
    assert ",gpj.exe more," in written(out, page(0, block("gpj\u202e.exe \u2066more\u2069")))
