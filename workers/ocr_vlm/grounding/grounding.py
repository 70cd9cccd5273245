"""The model's answer about a page with the places of its words, and how sure each of them is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from common.document.geometry import Size, union
from common.document.page import Block, Role, Table
from workers.ocr_vlm.answer import BlockAnswer, PageAnswer
from workers.ocr_vlm.grounding.free_ink import FreeInk
from workers.ocr_vlm.grounding.ink_edges import InkEdges
from workers.ocr_vlm.grounding.ink_line import InkLine
from workers.ocr_vlm.grounding.inked import InkPlacing
from workers.ocr_vlm.grounding.line_building import lines_of, table_lines_of
from workers.ocr_vlm.grounding.matching import Matching
from workers.ocr_vlm.grounding.placed_word import PlacedWord
from workers.ocr_vlm.grounding.table_grounding import grounded_table, positions
from workers.ocr_vlm.grounding.tokens import Seen, Token, seen_in, tokens_of
from workers.ocr_vlm.grounding.unfound import unfound
from workers.ocr_vlm.grounding.witnessed import witnessed

_SURE: Final = 0.75  # of a witness whose word the model has not: its ink is no other word's

Grounded = tuple[tuple[Block, ...], tuple[Table, ...]]


def ground(answer: PageAnswer, witness: Sequence[Block], ink: Sequence[InkLine], size: Size) -> Grounded:
    """The blocks of the answer in its order, and a table for each block of that role.

    ``witness`` is what an engine with calibrated confidences read on the same page, ``ink`` where
    anything is written; all boxes are pixels of a page of this ``size``.
    """
    tokens, seen = tokens_of(answer), seen_in(witness)
    matching = Matching(tokens, seen)
    matching.find()
    placed = _placed(answer, tokens, seen, matching, ink)
    placed.update(unfound(tokens, placed, size))
    words: defaultdict[int, list[PlacedWord]] = defaultdict(list)
    for number, token in enumerate(tokens):
        words[token.block] += placed[number]
    edges = InkEdges(ink)
    blocks = [_block(each, words[at], tokens, edges) for at, each in enumerate(answer.blocks) if words[at]]
    tables = [
        _table(each, words[at], tokens) for at, each in enumerate(answer.blocks) if words[at] and each.table
    ]
    return tuple(blocks), tuple(tables)


def _placed(
    answer: PageAnswer,
    tokens: Sequence[Token],
    seen: Sequence[Seen],
    matching: Matching,
    ink: Sequence[InkLine],
) -> dict[int, list[PlacedWord]]:
    """The words of all tokens that have a place, by the number of their token."""
    placed: dict[int, list[PlacedWord]] = {}
    for match in matching.matches():
        for word in witnessed(match, tokens, seen):
            placed.setdefault(word.token, []).append(word)
    runs = matching.open_runs()
    if runs and ink:
        explained = [
            each.bbox for at, each in enumerate(seen) if not matching.is_free(at) or each.confidence >= _SURE
        ]
        placing = InkPlacing(
            tokens, FreeInk(ink, explained), dict(placed), [b.legibility for b in answer.blocks]
        )
        for start, end in runs:
            for word in placing.place(start, end):
                placed.setdefault(word.token, []).append(word)
    return placed


def _block(answer: BlockAnswer, words: Sequence[PlacedWord], tokens: Sequence[Token], ink: InkEdges) -> Block:
    if answer.table:
        lines = table_lines_of(_rows(answer, words, tokens), tokens, ink)
        role = Role.TABLE
    else:
        lines = lines_of(words, tokens, ink)
        role = Role.PARAGRAPH if answer.role is Role.TABLE else answer.role
    return Block(
        lines,
        union(line.bbox for line in lines),
        role,
        answer.level,
        answer.markdown,
        answer.latex,
        answer.language,
    )


def _rows(
    answer: BlockAnswer, words: Sequence[PlacedWord], tokens: Sequence[Token]
) -> list[list[PlacedWord]]:
    """The words of a table by the rows in which their cells begin."""
    places = positions(answer.table)
    return [list(row) for _, row in groupby(words, key=lambda word: places[tokens[word.token].cell].row)]


def _table(answer: BlockAnswer, words: Sequence[PlacedWord], tokens: Sequence[Token]) -> Table:
    by_cell: Mapping[int, list[PlacedWord]] = {
        cell: list(of_cell) for cell, of_cell in groupby(words, key=lambda word: tokens[word.token].cell)
    }
    return grounded_table(answer.table, by_cell, union(word.bbox for word in words))
