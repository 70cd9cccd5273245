# ruff: noqa: RUF001 - the letters of other scripts

import errno
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from common.document.geometry import Box
from common.document.page import Block, Engine, Line, Page, Role, Word
from common.document.transcript import TranscriptPage
from workers.export.document import About
from workers.export.formats.hocr import write

ABOUT = About("scan", ("en", "he"), datetime(2026, 11, 22, tzinfo=UTC))
XHTML = "{http://www.w3.org/1999/xhtml}"
BLOCK = Box(10, 20, 300, 60)


def line(text: str, confidence: float = 0.9) -> Line:
    words = (
        Word(word, Box(10 * at, 20, 10 * at + 8, 30), confidence) for at, word in enumerate(text.split(), 1)
    )
    return Line(tuple(words), Box(10, 20, 300, 30))


def block(*texts: str, role: Role = Role.PARAGRAPH, level: int = 0) -> Block:
    return Block(tuple(line(text) for text in texts), BLOCK, role, level)


def page(*blocks: Block, index: int = 0, rotation: int = 0) -> TranscriptPage:
    found = Page(
        400, 500, Engine.TESSERACT, blocks, rotation=rotation, detected_languages=("en", "he", "zh-Hans")
    )
    return TranscriptPage(index, index + 6, found)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.hocr"


def written(out: Path, *pages: TranscriptPage, about: About = ABOUT) -> etree._Element:
    write(iter(pages), about, out)
    return etree.parse(out).getroot()


def of_class(root: etree._Element, name: str) -> list[etree._Element]:
    return [element for element in root.iter(f"{XHTML}*") if name in (element.get("class") or "").split()]


def only(root: etree._Element, name: str) -> etree._Element:
    (element,) = of_class(root, name)
    return element


def test_words_lines_and_blocks_have_their_boxes(out: Path) -> None:
    root = written(out, page(block("one two")))
    assert only(root, "ocr_page").get("title") == 'image "scan"; bbox 0 0 400 500; ppageno 6'
    assert only(root, "ocr_carea").get("title") == only(root, "ocr_par").get("title") == "bbox 10 20 300 60"
    assert only(root, "ocr_line").get("title") == "bbox 10 20 300 30"
    assert [word.get("title") for word in of_class(root, "ocrx_word")] == [
        "bbox 10 20 18 30; x_wconf 90",
        "bbox 20 20 28 30; x_wconf 90",
    ]


def test_text_has_blanks_where_its_script_has_them(out: Path) -> None:
    root = written(out, page(block("one two", "中 文")))
    assert ["".join(each.itertext()) for each in of_class(root, "ocr_line")] == ["one two", "中文"]


@pytest.mark.parametrize(
    ("role", "level", "expected"),
    [
        (Role.PARAGRAPH, 0, "ocr_carea"),
        (Role.LIST_ITEM, 1, "ocr_carea"),
        (Role.HEADING, 1, "ocr_carea ocr_chapter"),
        (Role.HEADING, 2, "ocr_carea ocr_section"),
        (Role.HEADING, 3, "ocr_carea ocr_subsection"),
        (Role.HEADING, 4, "ocr_carea ocr_subsubsection"),
        (Role.HEADING, 9, "ocr_carea ocr_subsubsection"),
        (Role.HEADING, 0, "ocr_carea ocr_chapter"),
        (Role.CAPTION, 0, "ocr_carea ocr_caption"),
        (Role.FORMULA, 0, "ocr_carea ocr_display"),
        (Role.TABLE, 0, "ocr_table"),
        (Role.HEADER, 0, "ocr_header"),
        (Role.FOOTER, 0, "ocr_footer"),
        (Role.FIGURE, 0, "ocr_image"),
    ],
)
def test_what_a_block_is_stands_around_its_paragraph(
    out: Path, role: Role, level: int, expected: str
) -> None:
    root = written(out, page(block("text", role=role, level=level)))
    around = only(root, "ocr_par").getparent()
    assert around is not None and around.get("class") == expected
    capabilities = root.xpath("string(//*[@name='ocr-capabilities']/@content)")
    assert set(expected.split()) <= set(str(capabilities).split())


def test_a_paragraph_has_its_language_and_direction(out: Path) -> None:
    root = written(out, page(block("one"), block("שלום עולם"), block("中文")))
    found = [(each.get("lang"), each.get("dir")) for each in of_class(root, "ocr_par")]
    assert found == [("en", "ltr"), ("he", "rtl"), ("zh-Hans", "ltr")]
    assert root.get("lang") == "en"


def test_marks_of_direction_are_left_to_the_tags(out: Path) -> None:
    root = written(out, page(block("\u202b\u200fשלום\u200e\u202c")))
    assert only(root, "ocrx_word").text == "שלום"


def test_lines_that_are_not_upright_say_so(out: Path) -> None:
    root = written(out, page(block("one"), rotation=90))
    assert only(root, "ocr_line").get("title") == "bbox 10 20 300 30; textangle 90"


def test_a_failed_page_is_empty_and_says_why(out: Path) -> None:
    failed = TranscriptPage(1, 7, None, "It took --- too long-")
    root = written(out, page(block("one")), failed, page(index=2))
    pages = of_class(root, "ocr_page")
    assert [each.get("id") for each in pages] == ["page_1", "page_2", "page_3"]
    (comment,) = pages[1]
    assert (comment.tag, comment.text) == (
        etree.Comment,
        " This page could not be read. It took - - - too long- ",
    )
    assert len(pages[2]) == 0


def test_names_that_would_break_the_markup_do_not(out: Path) -> None:
    about = About('a"b; bbox 1 2 3 4 <&>\x0b', (), ABOUT.created_at)
    root = written(out, page(), about=about)
    assert (
        only(root, "ocr_page").get("title") == 'image "a\'b, bbox 1 2 3 4 <&>"; bbox 0 0 400 500; ppageno 6'
    )
    assert root.findtext(f".//{XHTML}title") == 'a"b; bbox 1 2 3 4 <&>'


def test_every_name_is_given_once(out: Path) -> None:
    root = written(out, page(block("one two"), block("three")), page(block("one"), index=1))
    names = root.xpath("//@id")
    assert isinstance(names, list) and len(names) == len(set(names)) > 10


def test_memory_stays_flat_however_many_pages(out: Path) -> None:
    pages = (page(*[block("a line of words") for _ in range(20)], index=index) for index in range(200))
    tracemalloc.start()
    write(pages, ABOUT, out)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < out.stat().st_size / 3


def test_a_full_disk_is_told_as_such(out: Path) -> None:
    out.symlink_to("/dev/full")
    with pytest.raises(OSError) as error:
        written(out, page(*[block("some words") for _ in range(500)]))
    assert error.value.errno == errno.ENOSPC
