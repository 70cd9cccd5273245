"""Words put where the witness has them, or else on ink that nobody explains."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from common.document.page import Role
from workers.ocr_vlm.answer import PageAnswer
from workers.ocr_vlm.grounding.free_ink import FreeInk
from workers.ocr_vlm.grounding.ink_line import InkLine
from workers.ocr_vlm.grounding.inked import InkPlacing
from workers.ocr_vlm.grounding.matching import Matching
from workers.ocr_vlm.grounding.placed_word import PlacedWord
from workers.ocr_vlm.grounding.tokens import Seen, Token
from workers.ocr_vlm.grounding.witnessed import witnessed

_SURE: Final = 0.75  # of a witness whose word the model has not: its ink is no other word's

Placed = dict[int, list[PlacedWord]]


def placed_words(
    answer: PageAnswer, tokens: Sequence[Token], seen: Sequence[Seen], ink: Sequence[InkLine]
) -> Placed:
    """The words of all tokens that have a place, by the number of their token."""
    matching = Matching(tokens, seen)
    matching.find()
    placed: Placed = {}
    for match in matching.matches():
        _add(placed, witnessed(match, tokens, seen))
    runs = matching.open_runs()
    if runs and ink:
        _add_inked(placed, runs, answer, tokens, seen, matching, ink)
    return placed


def _add_inked(
    placed: Placed,
    runs: Sequence[tuple[int, int]],
    answer: PageAnswer,
    tokens: Sequence[Token],
    seen: Sequence[Seen],
    matching: Matching,
    ink: Sequence[InkLine],
) -> None:
    legibility = [block.legibility for block in answer.blocks]
    matched = [each.bbox for at, each in enumerate(seen) if not matching.is_free(at)]
    sure = [e.bbox for at, e in enumerate(seen) if matching.is_free(at) and e.confidence >= _SURE]
    known = dict(placed)
    words = InkPlacing(tokens, FreeInk(ink, [*matched, *sure]), known, legibility)
    formulas = InkPlacing(tokens, FreeInk(ink, matched), known, legibility)
    for start, end, is_formula in _by_kind(runs, tokens, answer):
        _add(placed, formulas.place_together(start, end) if is_formula else words.place(start, end))


def _by_kind(
    runs: Iterable[tuple[int, int]], tokens: Sequence[Token], answer: PageAnswer
) -> Iterator[tuple[int, int, bool]]:
    """The runs cut where formulas begin and end."""

    def formula(number: int) -> int:
        block = tokens[number].block
        return block if answer.blocks[block].role is Role.FORMULA else -1

    for start, end in runs:
        for kind, part in groupby(range(start, end), key=formula):
            numbers = list(part)
            yield numbers[0], numbers[-1] + 1, kind >= 0


def _add(placed: Placed, words: Iterable[PlacedWord]) -> None:
    for word in words:
        placed.setdefault(word.token, []).append(word)
