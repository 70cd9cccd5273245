"""Word documents by their parts: what python-docx reads back, and what Word asks for beyond it."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from lxml import etree

from common.document.geometry import Box
from common.document.page import Block, Cell, Engine, Line, Page, Role, Table, Word
from common.document.transcript import TranscriptPage
from workers.export.document import About
from workers.export.formats.docx import write

ABOUT = About("Über uns", ("de", "he"), datetime(2026, 11, 22, 8, 30, tzinfo=UTC))
BOX = Box(10, 10, 800, 40)


def block(text: str, role: Role = Role.PARAGRAPH, level: int = 0) -> Block:
    """A line for each line of the text."""
    lines = tuple(
        Line(tuple(Word(word, BOX, 0.9) for word in line.split(" ")), BOX) for line in text.split("\n")
    )
    return Block(lines, BOX, role, level)


def page(*blocks: Block, tables: tuple[Table, ...] = (), languages: tuple[str, ...] = ()) -> Page:
    return Page(1000, 1400, Engine.TESSERACT, blocks, tables, detected_languages=languages)


def exported(*pages: Page | None) -> list[TranscriptPage]:
    return [
        TranscriptPage(index, index, each, None if each else "The page could not be read.")
        for index, each in enumerate(pages)
    ]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.docx"


def written(out: Path, *pages: Page | None) -> WordDocument:
    write(exported(*pages), ABOUT, out)
    return Document(str(out))


def shown(document: WordDocument) -> list[tuple[str, str]]:
    """Style and text of each paragraph with text."""
    return [(one.style.name, one.text) for one in document.paragraphs if one.text and one.style]


def test_headings_have_their_level_and_paragraphs_flow(out: Path) -> None:
    document = written(
        out,
        page(
            block("A title", Role.HEADING, 1),
            block("Below it", Role.HEADING, 2),
            block("Of the many lines of a para-\ngraph one is made"),
        ),
    )
    assert shown(document) == [
        ("Heading 1", "A title"),
        ("Heading 2", "Below it"),
        ("Normal", "Of the many lines of a paragraph one is made"),
    ]


def test_lists_are_lists_and_keep_their_numbers(out: Path) -> None:
    items = [
        block("• milk", Role.LIST_ITEM, 1),
        block("• oats", Role.LIST_ITEM, 2),
        block("7. bread", Role.LIST_ITEM, 1),
    ]
    document = written(out, page(*items))
    assert [style.split(" ")[:2] for style, _ in shown(document)] == [
        ["List", "Bullet"],
        ["List", "Bullet"],
        ["List", "Number"],
    ]
    assert [text for _, text in shown(document)] == ["milk", "oats", "bread"]
    levels = [one._p.find(f".//{qn('w:ilvl')}") for one in document.paragraphs if one.text]
    assert [level is not None and level.get(qn("w:val")) for level in levels] == ["0", "1", "0"]
    starts = document.part.numbering_part.element.findall(f".//{qn('w:startOverride')}")
    assert "7" in [start.get(qn("w:val")) for start in starts]


def test_cells_that_span_are_merged(out: Path) -> None:
    cells = (
        Cell(0, 0, "both", BOX, column_span=2),
        Cell(1, 0, "tall", BOX, row_span=2),
        Cell(1, 1, "b", BOX),
        Cell(2, 1, "c", BOX),
    )
    document = written(out, page(block("any", Role.TABLE), tables=(Table(BOX, cells),)))
    (table,) = document.tables
    grid = [[cell.text for cell in row.cells] for row in table.rows]
    assert grid == [["both", "both"], ["tall", "b"], ["tall", "c"]]


def table_page(*rows: list[str]) -> Page:
    cells = tuple(
        Cell(row, column, text, Box(100 * column, 40 * row, 100 * column + 90, 40 * row + 40))
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    )
    return page(block("any", Role.TABLE), block("below"), tables=(Table(Box(0, 0, 1000, 900), cells),))


def grid(document: WordDocument) -> tuple[list[int], int, int]:
    """Widths of the columns, of both margins of a cell (in twips), and the size of text in half-points."""
    (table,) = document.tables
    widths = [_twips(one) for one in table._tbl.tblGrid.findall(qn("w:gridCol"))]
    sides = table._tbl.tblPr.findall(f"{qn('w:tblCellMar')}/*")
    style = table.cell(0, 0).paragraphs[0].style
    assert style is not None and style.font.size is not None
    return widths, sum(map(_twips, sides)), round(2 * style.font.size.pt)


def _twips(measured: etree._Element) -> int:
    return int(measured.get(qn("w:w")) or 0)


def test_words_of_wide_tables_stay_whole(out: Path) -> None:
    words = ["Registration", "Year", "Municipality", "Classification", "No", "Acknowledged", "Sum", "Details"]
    widths, margins, size = grid(written(out, table_page(words)))
    needed = [margins + 0.5 * 10 * size * len(word) for word in words]
    assert all(width >= least for width, least in zip(widths, needed, strict=True))
    assert sum(widths) <= 12240 - 2 * 1134 and size < 22


def test_text_of_narrow_tables_has_its_usual_size(out: Path) -> None:
    widths, _, size = grid(written(out, table_page(["Fruit", "Price"], ["Cherry", "1.20"])))
    assert size == 22 and abs(widths[0] - widths[1]) <= 1


def test_ideographs_take_no_more_room_than_they_need(out: Path) -> None:
    rows = ["中华人民共和国的公民在法律面前一律平等" * 2] * 5
    assert grid(written(out, table_page(rows)))[2] == 22


def repeated(document: WordDocument) -> list[int]:
    (table,) = document.tables
    return [
        index for index, row in enumerate(table.rows) if row._tr.find(f".//{qn('w:tblHeader')}") is not None
    ]


def test_the_head_of_a_table_is_repeated_on_the_next_page(out: Path) -> None:
    assert repeated(written(out, table_page(["Fruit", "2023"], ["Cherry", "12"], ["Lemon", "7"]))) == [0]


def test_a_head_of_several_rows_is_repeated_whole(out: Path) -> None:
    cells = (
        Cell(0, 0, "Region", BOX, row_span=2),
        Cell(0, 1, "Sales", BOX),
        Cell(1, 1, "2023", BOX),
        Cell(2, 0, "North", BOX),
        Cell(2, 1, "12", BOX),
    )
    assert repeated(written(out, page(block("any", Role.TABLE), tables=(Table(BOX, cells),)))) == [0, 1]


@pytest.mark.parametrize(
    "rows", [(["Poland", "100"], ["Spain", "12"]), (["Name", "Price"],), (["", ""], ["a", "b"])]
)
def test_a_row_that_is_no_head_is_not_repeated(out: Path, rows: tuple[list[str], ...]) -> None:
    assert repeated(written(out, table_page(*rows))) == []


def test_text_below_a_table_keeps_its_distance(out: Path) -> None:
    (below,) = [one for one in written(out, table_page(["a", "b"])).paragraphs if one.text == "below"]
    assert below.paragraph_format.space_before is not None and below.paragraph_format.space_before.pt >= 8


def test_each_page_begins_on_paper_of_its_own(out: Path) -> None:
    document = written(out, page(block("one")), page(block("two")), page(block("three")))
    breaks = [
        one.text for one in document.paragraphs if one._p.find(f".//{qn('w:pageBreakBefore')}") is not None
    ]
    assert breaks == ["two", "three"]


def test_a_page_that_could_not_be_read_says_so(out: Path) -> None:
    document = written(out, page(block("one")), None)
    assert shown(document)[-1][1] == "Page 2: The page could not be read."


def test_running_headers_and_footers_stay_out_of_the_text(out: Path) -> None:
    document = written(out, page(block("Chapter 1", Role.HEADER), block("text"), block("17", Role.FOOTER)))
    assert [text for _, text in shown(document)] == ["text"]


def test_hebrew_runs_from_right_to_left_and_english_in_it_does_not(out: Path) -> None:
    document = written(out, page(block("שלום world שלום"), languages=("he",)))
    (paragraph,) = [one for one in document.paragraphs if one.text]
    assert paragraph._p.find(f"{qn('w:pPr')}/{qn('w:bidi')}") is not None
    sides = {
        run.text.strip(): run._r.find(f"{qn('w:rPr')}/{qn('w:rtl')}") is not None for run in paragraph.runs
    }
    assert sides == {"שלום": True, "world": False}


@pytest.mark.parametrize(
    ("text", "language", "slot"),
    [("中文文本", "zh-Hans", "eastAsia"), ("हिन्दी पाठ", "hi", "bidi"), ("Ein Satz", "fr", "val")],
)
def test_text_says_which_language_it_is_in(out: Path, text: str, language: str, slot: str) -> None:
    document = written(out, page(block(text), languages=(language,)))
    elements = (document.element.body, document.styles.element)
    languages = [one for element in elements for one in element.findall(f".//{qn('w:lang')}")]
    assert any((one.get(qn(f"w:{slot}")) or "").startswith(language[:2]) for one in languages)


def test_no_character_that_xml_forbids_gets_in(out: Path) -> None:
    document = written(out, page(block("a\x00b\x0bc\ufffed\ud800e")))
    with zipfile.ZipFile(out) as package:
        for name in package.namelist():
            if name.endswith(".xml"):
                etree.fromstring(package.read(name))
    assert shown(document)[0][1].replace(" ", "") == "abcde"


def test_the_document_has_a_title_and_a_date(out: Path) -> None:
    properties = written(out, page(block("text"))).core_properties
    assert (properties.title, properties.language) == ("Über uns", "de-DE")
    assert properties.created is not None and properties.created.date() == ABOUT.created_at.date()


@pytest.mark.parametrize("pages", [(), (page(),), (None,)], ids=["no page", "a blank page", "a failed page"])
def test_next_to_nothing_is_a_document_too(out: Path, pages: tuple[Page | None, ...]) -> None:
    assert len(written(out, *pages).sections) == 1


def test_no_control_turns_the_direction_of_what_follows(out: Path) -> None:
    document = written(out, page(block("gpj\u202e.exe and \u2066more\u2069")))
    assert shown(document) == [("Normal", "gpj.exe and more")]
