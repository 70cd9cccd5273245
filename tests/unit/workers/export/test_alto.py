import errno
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from common.document.geometry import Box
from common.document.page import Block, Engine, Line, Page, Role, Word
from common.document.transcript import TranscriptPage
from workers.export.document import About
from workers.export.formats.alto import write

ABOUT = About("scan & <more>", ("en",), datetime(2026, 11, 22, 10, 30, tzinfo=UTC))
NS = "{http://www.loc.gov/standards/alto/ns-v4#}"
BLOCK = Box(10, 20, 300, 60)


def line(text: str, confidence: float = 0.9312) -> Line:
    words = (
        Word(word, Box(10 * at, 20, 10 * at + 8, 30), confidence) for at, word in enumerate(text.split(), 1)
    )
    return Line(tuple(words), Box(10, 20, 300, 30))


def block(*texts: str, role: Role = Role.PARAGRAPH, level: int = 0) -> Block:
    return Block(tuple(line(text) for text in texts), BLOCK, role, level)


def page(*blocks: Block, index: int = 0, rotation: int = 0) -> TranscriptPage:
    found = Page(400, 500, Engine.TESSERACT, blocks, rotation=rotation, detected_languages=("en", "he"))
    return TranscriptPage(index, index + 6, found)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.xml"


def written(out: Path, *pages: TranscriptPage) -> etree._Element:
    write(iter(pages), ABOUT, out)
    return etree.parse(out).getroot()


def all_of(root: etree._Element, tag: str) -> list[etree._Element]:
    return list(root.iter(f"{NS}{tag}"))


def only(root: etree._Element, tag: str) -> etree._Element:
    (element,) = all_of(root, tag)
    return element


def place(element: etree._Element) -> tuple[str | None, ...]:
    return tuple(element.get(name) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))


def contents(root: etree._Element) -> list[str | None]:
    return [element.get("CONTENT") for element in root.iter(f"{NS}String", f"{NS}HYP")]


def test_words_lines_and_blocks_have_their_places(out: Path) -> None:
    root = written(out, page(block("one two")))
    assert place(only(root, "PrintSpace")) == ("0", "0", "400", "500")
    assert place(only(root, "TextBlock")) == ("10", "20", "290", "40")
    assert place(only(root, "TextLine")) == ("10", "20", "290", "10")
    assert [place(each) for each in all_of(root, "String")] == [
        ("10", "20", "8", "10"),
        ("20", "20", "8", "10"),
    ]
    assert place(only(root, "SP")) == ("18", "20", "2", "10")


def test_words_and_pages_have_their_confidence(out: Path) -> None:
    root = written(out, page(block("one two")))
    assert {each.get("WC") for each in all_of(root, "String")} == {"0.9312"}
    assert only(root, "Page").get("PC") == "0.9312"


def test_pages_count_as_in_the_file(out: Path) -> None:
    root = written(out, page(), page(index=1))
    assert [each.get("PHYSICAL_IMG_NR") for each in all_of(root, "Page")] == ["7", "8"]


def test_there_are_blanks_where_the_script_has_them(out: Path) -> None:
    assert all_of(written(out, page(block("中 文 字"))), "SP") == []


def test_the_blank_between_words_from_right_to_left_is_where_it_is(out: Path) -> None:
    words = (Word("שלום", Box(60, 20, 90, 30), 1.0), Word("עולם", Box(10, 20, 50, 30), 1.0))
    root = written(out, page(Block((Line(words, BLOCK),), BLOCK)))
    assert place(only(root, "SP")) == ("50", "20", "10", "10")


def test_a_word_that_is_divided_says_what_it_is(out: Path) -> None:
    root = written(out, page(block("an exam-", "ple of it")))
    assert contents(root) == ["an", "exam", "-", "ple", "of", "it"]
    assert [(each.get("SUBS_TYPE"), each.get("SUBS_CONTENT")) for each in all_of(root, "String")] == [
        (None, None),
        ("HypPart1", "example"),
        ("HypPart2", "example"),
        (None, None),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("upper", "lower"),
    [("the Rhine-", "Main plain"), ("in 1914-", "1918"), ("Ein-", "und Ausgang"), ("a -", "b")],
)
def test_a_hyphen_that_belongs_to_its_word_stays_there(out: Path, upper: str, lower: str) -> None:
    root = written(out, page(block(upper, lower)))
    assert contents(root) == [*upper.split(), *lower.split()]


def test_words_of_a_table_are_not_joined_across_its_cells(out: Path) -> None:
    root = written(out, page(block("exam-", "ple", role=Role.TABLE)))
    assert contents(root) == ["exam-", "ple"]


@pytest.mark.parametrize("role", list(Role))
def test_tags_tell_what_a_block_is(out: Path, role: Role) -> None:
    root = written(out, page(block("text", role=role)))
    ((outer,),) = all_of(root, "PrintSpace")
    (tag,) = root.xpath(f"//*[@ID='{outer.get('TAGREFS')}']")
    assert tag.get("TYPE") == role.value


def test_tags_tell_the_level_of_a_heading(out: Path) -> None:
    root = written(
        out, *(page(block("text", role=Role.HEADING, level=level), index=level) for level in (0, 1, 2, 9))
    )
    tags = {tag.get("ID"): tag.get("LABEL") for tag in all_of(root, "StructureTag")}
    assert [tags[each.get("TAGREFS")] for each in all_of(root, "TextBlock")] == [
        "heading 1",
        "heading 1",
        "heading 2",
        "heading 6",
    ]


def test_a_table_is_a_block_around_its_text(out: Path) -> None:
    table = only(written(out, page(block("a b", role=Role.TABLE))), "ComposedBlock")
    assert table.get("TYPE") == "table" and contents(table) == ["a", "b"]


def test_a_figure_without_text_is_an_illustration(out: Path) -> None:
    root = written(out, page(block(role=Role.FIGURE)))
    assert place(only(root, "Illustration")) == ("10", "20", "290", "40") and not all_of(root, "TextBlock")


def test_a_block_has_its_language_and_direction(out: Path) -> None:
    root = written(out, page(block("one"), block("שלום עולם")))
    found = [(each.get("LANG"), each.get("BASEDIRECTION")) for each in all_of(root, "TextBlock")]
    assert found == [("en", None), ("he", "rtl")]


def test_text_that_is_not_upright_says_so(out: Path) -> None:
    assert only(written(out, page(block("one"), rotation=270)), "TextBlock").get("ROTATION") == "270"
    assert only(written(out, page(block("one"))), "TextBlock").get("ROTATION") is None


def test_words_that_xml_cannot_hold_are_left_out(out: Path) -> None:
    root = written(out, page(block("a\x08b \x00", "\x01"), block("\x02")))
    assert contents(root) == ["ab"] and len(all_of(root, "TextLine")) == 1


def test_a_failed_page_says_why(out: Path) -> None:
    root = written(out, page(block("one")), TranscriptPage(1, 7, None, "It took <too> long.\x00"))
    failed = all_of(root, "Page")[1]
    assert (
        failed.get("QUALITY_DETAIL") == "This page could not be read. It took <too> long."
        and len(failed) == 0
    )


def test_the_file_says_what_it_was_made_of_and_when(out: Path) -> None:
    root = written(out, page())
    assert only(root, "MeasurementUnit").text == "pixel"
    assert only(root, "fileName").text == "scan & <more>"
    assert only(root, "processingDateTime").text == "2026-11-22T10:30:00+00:00"


def test_every_name_is_given_once(out: Path) -> None:
    blocks = block("one two"), block("a b", role=Role.TABLE)
    names = written(out, page(*blocks), page(*blocks, index=1)).xpath("//@ID")
    assert isinstance(names, list) and len(names) == len(set(names)) > 20


def test_a_full_disk_is_told_as_such(out: Path) -> None:
    out.symlink_to("/dev/full")
    with pytest.raises(OSError) as error:
        written(out, page(*[block("some words") for _ in range(500)]))
    assert error.value.errno == errno.ENOSPC


def test_no_control_turns_the_direction_of_what_follows(out: Path) -> None:
    assert contents(written(out, page(block("gpj\u202e.exe \u202c \u2066more\u2069")))) == ["gpj.exe", "more"]
