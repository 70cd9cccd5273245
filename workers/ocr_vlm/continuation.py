"""Answers that broke off and went on, as one: models repeat what they are told to go on from."""

from collections.abc import Sequence
from typing import Final

from workers.ocr_vlm.answer import BlockAnswer, CellAnswer

_TELLING: Final = 20  # characters: fewer may well stand on the page twice

Blocks = tuple[BlockAnswer, ...]
Rows = tuple[tuple[CellAnswer, ...], ...]


def joined(so_far: Blocks, more: Blocks, *, is_in_table: bool) -> Blocks:
    """``is_in_table``: a table that ends ``so_far`` goes on where ``more`` begins with one."""
    more = more[_repeated(so_far, more) :]
    if not (is_in_table and so_far and more and so_far[-1].table and more[0].table):
        return (*so_far, *more)
    table = so_far[-1]
    rows = _rows(table.table, more[0].table)
    return (*so_far[:-1], more[0].model_copy(update={"table": rows, "text": ""}), *more[1:])


def _repeated(so_far: Blocks, more: Blocks) -> int:
    """How many blocks at the beginning of ``more`` are the last ones of ``so_far`` once again."""
    for count in range(min(len(so_far), len(more)), 0, -1):
        again = more[:count]
        if list(map(_key, so_far[-count:])) == list(map(_key, again)) and _length(again) >= _TELLING:
            return count
    return 0


def _rows(known: Rows, more: Rows) -> Rows:
    """All rows; where the table was begun anew, once."""
    return more if more[: len(known)] == known else known + more


def _key(block: BlockAnswer) -> tuple[str, str, Rows]:
    return block.text.strip(), block.latex, block.table


def _length(blocks: Sequence[BlockAnswer]) -> int:
    return sum(
        len(block.text) + len(block.latex) + sum(len(cell.text) for row in block.table for cell in row)
        for block in blocks
    )
