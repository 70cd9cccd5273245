"""Pages that hold anything, for properties that hold for all of them."""

from hypothesis import strategies as st

from common.document.geometry import Box, union
from common.document.page import Block, Cell, Engine, Line, Page, Role, Table, Word

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
