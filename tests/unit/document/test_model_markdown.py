import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from common.document.geometry import Box
from common.document.json_page import page_of
from common.document.json_view import page_view, with_lines
from common.document.markdown import page_markdown
from common.document.model_markdown import formula, safe_markdown
from common.document.page import Block, Engine, Line, Page, Role, Word

BOX = Box(0, 0, 1, 1)


def block(
    text: str, role: Role = Role.PARAGRAPH, level: int = 0, markdown: str = "", latex: str = ""
) -> Block:
    words = tuple(Word(word, BOX, 0.9) for word in text.split())
    return Block((Line(words, BOX),), BOX, role, level, markdown, latex, "en")


def page(*blocks: Block) -> Page:
    return Page(10, 10, Engine.VLM, blocks)


def test_emphasis_and_mathematics_of_the_model_stay() -> None:
    assert page_markdown(page(block("so x2", markdown="**so** $x^2$"))) == "**so** $x^2$"


def test_a_heading_keeps_its_level_and_takes_the_words_of_the_models_markdown() -> None:
    assert page_markdown(page(block("On x", Role.HEADING, 2, "# On *x*"))) == "## On *x*"


def test_an_item_keeps_its_number() -> None:
    assert page_markdown(page(block("3. be so", Role.LIST_ITEM, 1, "3. be **so**"))) == "3. be **so**"


def test_a_formula_stands_between_dollars() -> None:
    assert page_markdown(page(block("x2", Role.FORMULA, latex="x^2"))) == "$$\nx^2\n$$"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>x</script>",
        "<!-- x",
        "![a](http://b)",
        "[a](javascript:b)",
        "[a]: http://b",
        "<http://a.b>",
        "\\<b>x</b>",
        "\\\\<b>",
        "\\![a](http://b)",
        "\\\\![a](http://b)",
        "[a\\](http://b)",
        "\\<http://a.b>",
    ],
)
def test_what_loads_or_runs_is_only_text(hostile: str) -> None:
    tokens = MarkdownIt("commonmark").parse(safe_markdown(hostile))
    kinds = {token.type for token in tokens} | {c.type for t in tokens for c in t.children or ()}
    assert kinds == {"paragraph_open", "inline", "paragraph_close", "text"}


@given(st.text(alphabet="\\\\\\<b>![]()a:/$", max_size=24))
def test_nothing_that_is_written_loads_or_runs(hostile: str) -> None:
    tokens = MarkdownIt("commonmark").parse(safe_markdown(hostile))
    kinds = {token.type for token in tokens} | {c.type for t in tokens for c in t.children or ()}
    assert not kinds & {"html_block", "html_inline", "link_open", "image"}


def test_a_fence_does_not_swallow_what_follows() -> None:
    shown = page_markdown(page(block("a", markdown="```\na"), block("b")))
    assert [token.type for token in MarkdownIt("commonmark").parse(shown)].count("paragraph_open") == 2


def test_mathematics_is_no_tag() -> None:
    assert safe_markdown("$a<b$ and a<b") == "$a< b$ and a\\<b"
    assert formula("a<b\n\n$c") == "$$\na< b\nc\n$$"


def test_what_a_model_gave_is_shown_and_comes_back() -> None:
    given = page(block("x2", Role.FORMULA, latex="x^2", markdown="$x^2$"))
    view = page_view(given, index=0, source_page=1)
    assert {name: view["blocks"][0][name] for name in ("markdown", "latex", "language")} == {
        "markdown": "$x^2$",
        "latex": "x^2",
        "language": "en",
    }
    assert page_of(with_lines(view, given)) == given
