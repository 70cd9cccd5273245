"""Whatever a page holds, what is cited from it stands on it."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.document.geometry import Box, union
from common.document.page import Block, Cell, Engine, Line, Page, Role, Table, Word
from common.document.text import page_text
from workers.chat.extractive.answer import answer
from workers.chat.extractive.index import DocumentIndex
from workers.chat.passages import passages_of
from workers.chat.plain_text import PlainText, plain

_PIECES = (
    "Total due: 1,234.50 € Rechnung Nr. 4711 vom 3. März über- weisen. 发票 号码。 合計は ¥5 です。 المبلغ؟ "
    "किराया है। (a) 1. 2.1 Mr. No. “quoted” ½ ﬁne é İ ß The contract ends When What? ไทย"
)
TEXTS = st.one_of(
    st.sampled_from(_PIECES.split()),
    st.text(min_size=0, max_size=6),
)
WORDS = st.builds(
    lambda text, x, y, width: Word(text, Box(x, y, x + width, y + 20), 0.9),
    TEXTS,
    st.integers(0, 900),
    st.integers(0, 1300),
    st.integers(1, 90),
)
LINES = st.lists(WORDS, min_size=0, max_size=7).map(
    lambda words: Line(tuple(words), union(word.bbox for word in words))
)
BLOCKS = st.builds(
    lambda lines, role: Block(tuple(lines), union(line.bbox for line in lines), role),
    st.lists(LINES, max_size=4),
    st.sampled_from(Role),
)


@st.composite
def pages(draw: st.DrawFn) -> Page:
    blocks = tuple(draw(st.lists(BLOCKS, max_size=4)))
    tables = tuple(_table(block) for block in blocks if block.role is Role.TABLE and draw(st.booleans()))
    return Page(
        1000,
        1400,
        Engine.TESSERACT,
        blocks,
        tables,
        0,
        draw(st.sampled_from([(), ("en",), ("de",), ("zh",)])),
    )


def _table(block: Block) -> Table:
    """A cell for each word, as if the lines were its rows."""
    cells = tuple(
        Cell(row, column, word.text, word.bbox)
        for row, line in enumerate(block.lines)
        for column, word in enumerate(line.words)
    )
    return Table(block.bbox, cells)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.none(), pages()), max_size=3))
def test_every_passage_stands_on_its_page_and_within_it(document: list[Page | None]) -> None:
    for passage in passages_of(document):
        page = document[passage.page - 1]
        assert page is not None
        assert passage.text and passage.text in plain(page_text(page))
        assert PlainText(page).locate(passage.text) is not None
        around = union(word.bbox for block in page.blocks for line in block.lines for word in line.words)
        assert union((around, passage.bbox)) == around


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(pages(), min_size=1, max_size=3), st.lists(TEXTS, max_size=5).map(" ".join))
def test_every_citation_is_verbatim_and_in_the_answer_with_its_page(
    document: list[Page], question: str
) -> None:
    found = answer(question, DocumentIndex(passages_of(document)))
    for citation in found.citations:
        assert citation.snippet in plain(page_text(document[citation.page - 1]))
        assert citation.snippet in found.content
        assert f"(p. {citation.page})" in found.content


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pages())
def test_every_passage_s_box_is_that_of_its_words(page: Page) -> None:
    boxes = {
        word.bbox for block in page.blocks for line in block.lines for word in line.words if word.text.strip()
    }
    for passage in passages_of([page]):
        assert any(passage.bbox == union((passage.bbox, box)) for box in boxes)
