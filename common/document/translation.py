"""A page in another language: its texts taken out, block by block, and put back translated.

Running text is one text, whatever its lines; lines that are broken on purpose, and the cells of tables, are
one text each. So layout, tables and places stay as they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise

from common.document.direction import is_right_to_left
from common.document.flowing import flowing_text, hyphenated_words
from common.document.geometry import Box, union
from common.document.line_breaks import LineBreaks
from common.document.page import Block, Cell, Line, Page, Role, Table, Word
from common.document.text import line_text, mean_confidence, words

_KEPT = frozenset({Role.FORMULA, Role.TABLE})  # a table's block has its cells' words


def translatable(page: Page) -> tuple[str, ...]:
    """The texts of the page, in an order that :func:`translated` knows; none of them is blank."""
    return _texts(_parts(page), page.tables)


def translated(page: Page, texts: Sequence[str], language: str) -> Page:
    """The page with ``texts`` in the place of its ``translatable`` ones; ``language`` is theirs.

    Words share their line by the characters they have. Raises ValueError for more or fewer texts.
    """
    parts, given = _parts(page), iter(texts)
    wanted = len(_texts(parts, page.tables))
    if len(texts) != wanted:
        raise ValueError(f"{len(texts)} texts for a page that has {wanted}")
    blocks = [_translated_block(part, given) for part in parts]
    tables = tuple(_translated_table(table, given) for table in page.tables)
    table_of = dict(zip(_table_indexes(blocks), tables, strict=False))
    return replace(
        page,
        blocks=tuple(
            _table_block(block, table_of[index]) if index in table_of else block
            for index, block in enumerate(blocks)
        ),
        tables=tables,
        detected_languages=(language,),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """A block, its texts, and the box of each."""

    block: Block
    texts: Sequence[str] = ()
    places: Sequence[Box] = ()
    keeps_lines: bool = False


def _texts(parts: Iterable[_Part], tables: Iterable[Table]) -> tuple[str, ...]:
    texts = [text for part in parts for text in part.texts]
    texts += [cell.text for table in tables for cell in table.cells]
    return tuple(text for text in texts if text.strip())


def _parts(page: Page) -> list[_Part]:
    known = hyphenated_words(word.text for word in words(page.blocks))
    breaks = LineBreaks(page)
    return [_part(block, known, breaks) for block in page.blocks]


def _part(block: Block, known: frozenset[str], breaks: LineBreaks) -> _Part:
    if block.role in _KEPT:
        return _Part(block)
    if breaks.are_on_purpose(block):
        texts, places = [line_text(line) for line in block.lines], [line.bbox for line in block.lines]
        return _Part(block, texts, places, keeps_lines=True)
    return _Part(block, [flowing_text(block, known)], [block.bbox])


def _translated_block(part: _Part, given: Iterator[str]) -> Block:
    if not part.texts:
        return part.block
    texts = [next(given) if text.strip() else text for text in part.texts]
    sureness = mean_confidence(words((part.block,))) or 0.0
    lines = (_line(text, place, sureness) for text, place in zip(texts, part.places, strict=True))
    return replace(part.block, lines=tuple(lines), markdown="", keeps_lines=part.keeps_lines)


def _translated_table(table: Table, given: Iterator[str]) -> Table:
    def translate(cell: Cell) -> Cell:
        return replace(cell, text=next(given)) if cell.text.strip() else cell

    return replace(table, cells=tuple(map(translate, table.cells)))


def _table_indexes(blocks: Sequence[Block]) -> list[int]:
    return [index for index, block in enumerate(blocks) if block.role is Role.TABLE]


def _table_block(block: Block, table: Table) -> Block:
    """The block of a table has a line for each row of it."""
    sureness = mean_confidence(words((block,))) or 0.0
    filled = sorted((cell for cell in table.cells if cell.text.strip()), key=lambda c: (c.row, c.column))
    rows = [list(row) for _, row in groupby(filled, key=lambda cell: cell.row)]
    lines = (
        _line(" ".join(cell.text for cell in row), union(cell.bbox for cell in row), sureness) for row in rows
    )
    return replace(block, lines=tuple(lines), markdown="")


def _line(text: str, place: Box, sureness: float) -> Line:
    parts = text.split()
    boxes = _shares(parts, place)
    return Line(tuple(Word(part, box, sureness) for part, box in zip(parts, boxes, strict=True)), place)


def _shares(parts: Sequence[str], place: Box) -> list[Box]:
    """A share of ``place`` for each, as wide as it has characters."""
    ends = [0, *accumulate(len(part) + 1 for part in parts)]
    scale = (place.x1 - place.x0) / max(1, ends[-1] - 1)
    spans = [(round(start * scale), round((end - 1) * scale)) for start, end in pairwise(ends)]
    if is_right_to_left(parts):
        return [Box(place.x1 - end, place.y0, place.x1 - start, place.y1) for start, end in spans]
    return [Box(place.x0 + start, place.y0, place.x0 + end, place.y1) for start, end in spans]
