"""From what was found on a page's upright view to the page as it was sent."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from common.document.geometry import Box, Placement
from common.document.layout import arrange
from common.document.page import Block, Cell, Engine, Line, Page, Role, Table, Word
from common.document.table_blocks import with_tables
from common.document.text import words


@dataclass(frozen=True, slots=True)
class Findings:
    """What readers found on a page that was made upright and level.

    ``placement`` leads from the page as it was sent to that upright view, whose pixels the boxes are
    in; ``rotation`` is the clockwise quarter turn in it. ``engine`` read the words that name none.
    """

    blocks: tuple[Block, ...]
    placement: Placement
    engine: Engine
    rotation: int = 0
    languages: tuple[str, ...] = ()


def page_of_findings(findings: Findings, tables: Sequence[Table], *, tables_first: bool = False) -> Page:
    """The page in reading order; ``tables`` have boxes in the upright view, too.

    ``tables_first``: before the rest of the page, for those who want nothing else.
    """
    blocks, tables = with_tables(findings.blocks, tables)
    table_of = {id(block): table for block, table in zip(_table_blocks(blocks), tables, strict=True)}
    arranged = arrange(blocks, *findings.placement.target)
    if tables_first:
        arranged = tuple(sorted(arranged, key=lambda block: block.role is not Role.TABLE))
    tables = [table_of[id(block)] for block in _table_blocks(arranged)]
    placement = findings.placement
    width, height = placement.source
    engine = _main_engine(findings)
    return Page(
        width=width,
        height=height,
        engine=engine,
        blocks=tuple(_signed(block, findings.engine, engine) for block in moved(arranged, placement.back)),
        tables=tuple(moved_table(table, placement.back) for table in tables),
        rotation=findings.rotation,
        detected_languages=findings.languages,
    )


def _table_blocks(blocks: Iterable[Block]) -> list[Block]:
    return [block for block in blocks if block.role is Role.TABLE]


def moved(blocks: Iterable[Block], move: Callable[[Box], Box]) -> tuple[Block, ...]:
    """The blocks with every box where ``move`` leads it."""
    return tuple(_moved_block(block, move) for block in blocks)


def _moved_block(block: Block, move: Callable[[Box], Box]) -> Block:
    def move_word(word: Word) -> Word:
        return Word(word.text, move(word.bbox), word.confidence, word.engine)

    def move_line(line: Line) -> Line:
        return Line(tuple(map(move_word, line.words)), move(line.bbox))

    return replace(block, lines=tuple(map(move_line, block.lines)), bbox=move(block.bbox))


def moved_table(table: Table, move: Callable[[Box], Box]) -> Table:
    def move_cell(cell: Cell) -> Cell:
        return replace(cell, bbox=move(cell.bbox))

    return Table(move(table.bbox), tuple(map(move_cell, table.cells)))


def _main_engine(findings: Findings) -> Engine:
    """Who read most characters of the page."""
    characters = Counter[Engine]()
    for word in words(findings.blocks):
        characters[word.engine or findings.engine] += len(word.text)
    return max(characters, key=lambda engine: characters[engine], default=findings.engine)


def _signed(block: Block, unnamed: Engine, of_page: Engine) -> Block:
    """Words name who read them where that is not the ``of_page``; those without a name are ``unnamed``'s."""

    if unnamed is of_page and not any(word.engine for word in words((block,))):
        return block

    def sign(word: Word) -> Word:
        engine = word.engine or unnamed
        named = None if engine is of_page else engine
        return word if word.engine is named else replace(word, engine=named)

    lines = tuple(replace(line, words=tuple(map(sign, line.words))) for line in block.lines)
    return replace(block, lines=lines)
