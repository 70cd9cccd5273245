"""The model's answer about a page with the places of its words, and how sure each of them is."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby

from common.document.geometry import Size, union
from common.document.page import Block, Role, Table
from workers.ocr_vlm.answer import BlockAnswer, PageAnswer
from workers.ocr_vlm.grounding.formula_line import formula_line
from workers.ocr_vlm.grounding.ink_edges import InkEdges
from workers.ocr_vlm.grounding.ink_line import InkLine
from workers.ocr_vlm.grounding.line_building import lines_of, table_lines_of, words_of
from workers.ocr_vlm.grounding.placed_word import PlacedWord
from workers.ocr_vlm.grounding.placing import placed_words
from workers.ocr_vlm.grounding.table_grounding import grounded_table, positions
from workers.ocr_vlm.grounding.tokens import Token, seen_in, tokens_of
from workers.ocr_vlm.grounding.unfound import unfound

Grounded = tuple[tuple[Block, ...], tuple[Table, ...]]


def ground(answer: PageAnswer, witness: Sequence[Block], ink: Sequence[InkLine], size: Size) -> Grounded:
    """The blocks of the answer in its order, and a table for each block of that role.

    ``witness`` is what an engine with calibrated confidences read on the same page, ``ink`` where
    anything is written; all boxes are pixels of a page of this ``size``. Blocks without text are left out.
    """
    tokens = tokens_of(answer)
    placed = placed_words(answer, tokens, seen_in(witness), ink)
    placed.update(unfound(tokens, placed, size))
    words: defaultdict[int, list[PlacedWord]] = defaultdict(list)
    for number, token in enumerate(tokens):
        words[token.block] += placed[number]
    edges = InkEdges(ink)
    told = [(block, words[at]) for at, block in enumerate(answer.blocks) if words[at]]
    blocks = tuple(_block(block, of_block, tokens, edges) for block, of_block in told)
    tables = tuple(_table(block, of_block, tokens, edges) for block, of_block in told if block.table)
    return blocks, tables


def _block(answer: BlockAnswer, words: Sequence[PlacedWord], tokens: Sequence[Token], ink: InkEdges) -> Block:
    role = answer.role
    if answer.table:
        lines = table_lines_of(_rows(answer, words, tokens), tokens, ink)
        role = Role.TABLE
    elif role is Role.FORMULA:
        lines = (formula_line(answer, words),)
    else:
        lines = lines_of(words, tokens, ink)
        role = Role.PARAGRAPH if role is Role.TABLE else role
    return Block(
        lines=lines,
        bbox=union(line.bbox for line in lines),
        role=role,
        level=answer.level,
        markdown=answer.markdown,
        latex=answer.latex,
        language=answer.language,
    )


def _rows(
    answer: BlockAnswer, words: Sequence[PlacedWord], tokens: Sequence[Token]
) -> list[list[PlacedWord]]:
    """The words of a table by the rows in which their cells begin."""
    places = positions(answer.table)
    return [list(row) for _, row in groupby(words, key=lambda word: places[tokens[word.token].cell].row)]


def _table(answer: BlockAnswer, words: Sequence[PlacedWord], tokens: Sequence[Token], ink: InkEdges) -> Table:
    by_cell = {
        cell: words_of(list(of_cell), tokens, ink)
        for cell, of_cell in groupby(words, key=lambda word: tokens[word.token].cell)
    }
    box = union(word.bbox for of_cell in by_cell.values() for word in of_cell)
    return grounded_table(answer.table, by_cell, box)
