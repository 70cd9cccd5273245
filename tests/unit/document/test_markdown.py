from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from common.document.flowing import flowing_text
from common.document.geometry import Box
from common.document.markdown import page_markdown
from common.document.page import Block, Cell, Engine, Line, Page, Role, Table, Word
from common.document.text import block_text

NOWHERE = Box(0, 0, 1, 1)

tokens = st.text("ab1.)(-+=#*_~`<>&[]!|:\\\"'•é中", min_size=1, max_size=6) | st.sampled_from(
    [
        "&amp;",
        "&#35;",
        "[a](b)",
        "[a]:",
        "<b>",
        "<!--",
        "</b>",
        "![a](b)",
        "a_b_",
        "__a__",
        "```",
        "<http://a.b>",
    ]
)
token_lines = st.lists(st.lists(tokens, min_size=1, max_size=4), min_size=1, max_size=3)
text_roles = st.sampled_from([Role.PARAGRAPH, Role.HEADING, Role.CAPTION, Role.FIGURE])


def line(text: str, box: Box = NOWHERE) -> Line:
    return Line(tuple(Word(word, box, 0.9) for word in text.split(" ")), box)


def block(*texts: str, role: Role = Role.PARAGRAPH, level: int = 0) -> Block:
    return Block(tuple(line(text) for text in texts), NOWHERE, role, level)


def markdown(*blocks: Block, tables: tuple[Table, ...] = ()) -> str:
    return page_markdown(Page(100, 100, Engine.TESSERACT, blocks, tables))


def items(*texts: str, level: int = 1) -> list[Block]:
    return [block(text, role=Role.LIST_ITEM, level=level) for text in texts]


def plain(source: str) -> list[str]:
    """The texts of the blocks that a parser of CommonMark and of GFM's tables finds."""
    inlines = [
        token
        for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(source)
        if token.type == "inline"
    ]
    return [
        "".join(
            "\n" if child.type in ("softbreak", "hardbreak") else child.content
            for child in inline.children or ()
        )
        for inline in inlines
    ]


def test_a_paragraph_is_one_line() -> None:
    assert markdown(block("one", "two")) == "one two"
    assert markdown(block("第一行", "第二行")) == "第一行第二行"


def test_headings_have_their_level() -> None:
    assert markdown(block("Title", role=Role.HEADING, level=2), block("Text")) == "## Title\n\nText"


def test_hyphens_at_line_ends_are_undone() -> None:
    assert markdown(block("a whis-", "per")) == "a whisper"
    assert markdown(block("soft\u00ad", "ly")) == "softly"


def test_hyphens_that_belong_to_the_word_stay() -> None:
    assert markdown(block("the Rhine-", "Main plain")) == "the Rhine-Main plain"
    assert markdown(block("in 1914-", "1918")) == "in 1914-1918"
    assert markdown(block("state-of-the-", "art")) == "state-of-the-art"
    assert markdown(block("Ein-", "und Ausgang")) == "Ein- und Ausgang"
    assert markdown(block("a dash -", "here")) == "a dash - here"


def test_a_compound_that_the_page_has_elsewhere_keeps_its_hyphen() -> None:
    assert markdown(block("a well-", "known man"), block("Well-known!")).startswith("a well-known man")


def test_bullets_and_numbers_become_lists() -> None:
    assert markdown(*items("• first", "• second")) == "- first\n- second"
    assert markdown(*items("3. three", "4. four")) == "3. three\n4. four"


def test_markers_that_markdown_does_not_know_stay_in_the_text() -> None:
    assert markdown(*items("a) first", "b) second")) == "- a) first\n- b) second"


def test_letters_read_for_bullets_are_bullets_when_they_come_again() -> None:
    assert markdown(*items("e first", "e second")) == "- first\n- second"
    assert markdown(*items("o gato", "a rosa")) == "- o gato\n- a rosa"


def test_deeper_items_are_nested() -> None:
    nested = [*items("1. one"), *items("• inner", level=2), *items("2. two")]
    assert markdown(*nested) == "1. one\n   - inner\n2. two"


def test_an_inner_list_that_cannot_interrupt_its_parents_text_stands_below_a_blank_line() -> None:
    later = [*items("1. one"), *items("3. inner", "4. inner", level=2), *items("2. two")]
    assert markdown(*later) == "1. one\n\n   3. inner\n   4. inner\n2. two"
    first = [*items("1. one"), *items("1. inner", level=2)]
    assert markdown(*first) == "1. one\n   1. inner"
    empty = [*items("• one"), *items("", level=2)]
    assert markdown(*empty) == "- one\n\n  - "


def test_running_headers_and_footers_are_left_out() -> None:
    page = (block("12", role=Role.FOOTER), block("Text"), block("Title", role=Role.HEADER))
    assert markdown(*page) == "Text"
    assert markdown(block("12", role=Role.FOOTER)) == "12"


def test_a_table_block_is_the_table_that_was_found() -> None:
    table = Table(NOWHERE, (Cell(0, 0, "a", NOWHERE), Cell(0, 1, "b", NOWHERE)))
    found = markdown(block("a b", role=Role.TABLE), tables=(table,))
    assert found == "| a | b |\n| --- | --- |"


def test_the_lines_of_a_table_that_was_not_found_stay_lines() -> None:
    assert markdown(block("a 1", "b 2", role=Role.TABLE)) == "a 1\\\nb 2"


def test_lines_that_end_early_stay_lines() -> None:
    short = line("Jane Doe", Box(0, 0, 80, 10))
    long = line("12 Long Street Name", Box(0, 15, 190, 25))
    address = Block((short, long), Box(0, 0, 190, 25))
    assert markdown(address) == "Jane Doe\\\n12 Long Street Name"


def test_the_lines_of_running_text_are_joined_though_they_end_unevenly() -> None:
    first = line("Some text that goes", Box(0, 0, 180, 10))
    second = line("on and on", Box(0, 15, 190, 25))
    assert "\\" not in markdown(Block((first, second), Box(0, 0, 190, 25)))


def test_text_that_looks_like_markdown_is_escaped() -> None:
    assert markdown(block("1. not*a*list")) == r"1\. not\*a\*list"
    assert markdown(block("# not a heading")) == r"\# not a heading"


def test_signs_that_cannot_be_taken_for_markdown_stay_as_they_are() -> None:
    text = "Smith & Sons [3] read file_name for a < b"
    assert markdown(block(text)) == text


@given(st.lists(st.tuples(text_roles, token_lines), min_size=1, max_size=4))
def test_a_parser_gives_the_text_back(parts: list[tuple[Role, list[list[str]]]]) -> None:
    blocks = [block(*(" ".join(words) for words in lines), role=role, level=1) for role, lines in parts]
    assert plain(markdown(*blocks)) == [flowing_text(block) for block in blocks]


@given(token_lines)
def test_a_parser_gives_lines_back_that_stay_lines(lines: list[list[str]]) -> None:
    kept = block(*(" ".join(words) for words in lines), role=Role.TABLE)
    assert plain(markdown(kept)) == [block_text(kept)]


@given(
    st.lists(tokens.filter(lambda token: not token.startswith(("•", "*", "-", "+"))), min_size=1, max_size=4)
)
def test_a_parser_gives_the_texts_of_a_list_back(texts: list[str]) -> None:
    assert plain(markdown(*items(*(f"• {text}" for text in texts)))) == texts


@given(st.lists(st.tuples(st.sampled_from(["•", "1.", "1)", "3.", "27)"]), st.integers(1, 4)), min_size=1))
def test_a_parser_finds_every_item_of_nested_lists(parts: list[tuple[str, int]]) -> None:
    made = [block(f"{marker} word", role=Role.LIST_ITEM, level=level) for marker, level in parts]
    parsed = MarkdownIt("commonmark").parse(markdown(*made))
    assert sum(token.type == "list_item_open" for token in parsed) == len(made)
    assert [token.content for token in parsed if token.type == "inline"] == ["word"] * len(made)
