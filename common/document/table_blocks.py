"""Tables among the blocks of their page: each in the place of the words that it holds."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from common.document.geometry import centre, has_centre_of, shared_area, union
from common.document.page import Block, Line, Role, Table, Word
from common.document.places import Places

Placed = tuple[tuple[Block, ...], tuple[Table, ...]]


def with_tables(blocks: Iterable[Block], tables: Iterable[Table]) -> Placed:
    """The blocks with one of role TABLE for each table, and the tables in the order of those blocks.

    A table's words leave their blocks; what is left of a block stays before or after the table, where it
    was above or below. No word is lost. A table without words has no block, and is left out.
    """
    current = list(blocks)
    made: list[tuple[Block, Table]] = []
    for table in tables:
        current, block = _with_table(current, table, [each for each, _ in made])
        if block is not None:
            made.append((block, table))
    found = {id(block): table for block, table in made}
    return tuple(current), tuple(found[id(block)] for block in current if id(block) in found)


def _with_table(
    blocks: Sequence[Block], table: Table, others: Sequence[Block]
) -> tuple[list[Block], Block | None]:
    """``others`` are blocks of tables already: they keep their words."""

    def is_free(word: Word) -> bool:
        return not has_centre_of(table.bbox, word.bbox)

    before: list[Block] = []
    after: list[Block] = []
    taken: list[Word] = []
    for block in blocks:
        is_other = any(block is other for other in others)
        words = [] if is_other else [w for line in block.lines for w in line.words if not is_free(w)]
        if not words:
            (after if taken else before).append(block)
            continue
        above, below = _parts(block, table, is_free)
        (after if taken else before).extend(above)
        after.extend(below)
        taken.extend(words)
    if not taken:
        return list(blocks), None
    made = _table_block(taken, table)
    return [*before, made, *after], made


def _parts(block: Block, table: Table, is_free: Callable[[Word], bool]) -> tuple[list[Block], list[Block]]:
    """What is left of a block above the middle of the table, and below it: none or one block each."""
    middle = (table.bbox.y0 + table.bbox.y1) / 2
    left = [_line([word for word in line.words if is_free(word)]) for line in block.lines]
    lines = [line for line in left if line.words]
    above = tuple(line for line in lines if centre(line.bbox)[1] < middle)
    below = tuple(line for line in lines if centre(line.bbox)[1] >= middle)
    return _rest(block, above), _rest(block, below)


def _rest(block: Block, lines: tuple[Line, ...]) -> list[Block]:
    return [replace(block, lines=lines, bbox=union(line.bbox for line in lines))] if lines else []


def _table_block(words: Sequence[Word], table: Table) -> Block:
    """Line by line as on the page, whatever cells the words are in; in a line, column by column."""
    cells = Places(cell.bbox for cell in table.cells)
    column = {id(word): table.cells[_cell_of(word, cells)].column for word in words}
    lines = tuple(_line(sorted(row, key=lambda word: column[id(word)])) for row in _rows(words))
    return Block(lines, union(line.bbox for line in lines), Role.TABLE)


def _cell_of(word: Word, cells: Places) -> int:
    """The index of the cell that shares most with the word, or else is nearest to it."""

    def badness(index: int) -> tuple[float, float]:
        box = cells.boxes[index]
        return -shared_area(box, word.bbox), math.dist(centre(box), centre(word.bbox))

    sharing = [index for index in cells.near(word.bbox) if shared_area(cells.boxes[index], word.bbox)]
    return min(sharing or range(len(cells.boxes)), key=badness)


def _rows(words: Sequence[Word]) -> list[list[Word]]:
    """The words by the line that they stand on; within a line in the order in which they were read."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda each: centre(each.bbox)[1]):
        if rows and centre(word.bbox)[1] < max(each.bbox.y1 for each in rows[-1][:1]):
            rows[-1].append(word)
        else:
            rows.append([word])
    order = {id(word): index for index, word in enumerate(words)}
    return [sorted(row, key=lambda word: order[id(word)]) for row in rows]


def _line(words: Sequence[Word]) -> Line:
    return Line(tuple(words), union(word.bbox for word in words))
