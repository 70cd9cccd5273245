"""The places of tokens that the witness has not seen: on ink that nobody explains, or nowhere."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from statistics import median
from typing import Final

from common.document.direction import is_right_to_left
from common.document.geometry import Box, union
from workers.ocr_vlm.answer import Legibility
from workers.ocr_vlm.grounding.agreement import by_ink
from workers.ocr_vlm.grounding.comparable import widths
from workers.ocr_vlm.grounding.free_ink import FreeInk, Span, extent
from workers.ocr_vlm.grounding.ink_assignment import assigned, boxes_on, shared_out
from workers.ocr_vlm.grounding.placed_word import PlacedWord
from workers.ocr_vlm.grounding.tokens import Token

_BLANK: Final = 0.6  # its width, where a usual letter has 1
_WIDTH_BY_HEIGHT: Final = 0.45  # a usual letter's width, of its line's height
_INDENT: Final = 3.0  # heights of a line by which others of its column begin or end elsewhere
_SAME_WIDTHS: Final = 0.5


class InkPlacing:
    def __init__(
        self,
        tokens: Sequence[Token],
        ink: FreeInk,
        placed: Mapping[int, Sequence[PlacedWord]],
        legibility: Sequence[Legibility],
    ) -> None:
        """``placed``: the words of tokens that have their places; ``legibility`` is of each block."""
        self._tokens = tokens
        self._ink = ink
        self._placed = placed
        self._legibility = legibility
        self._lines = _line_boxes(placed)
        self._letter = _letter_width(tokens, placed)
        self._taken: set[Box] = set()

    def place(self, start: int, end: int) -> list[PlacedWord]:
        """The tokens that ink is found for, of the run from ``start`` to ``end`` (exclusive)."""
        before, after = self._last_before(start), self._first_from(end)
        right_to_left = is_right_to_left(token.text for token in self._tokens[start:end])
        spans = self._ink.between(
            before.bbox if before else None,
            after.bbox if after else None,
            self._column(before, after),
            right_to_left,
        )
        spans = [free for span in spans if (free := tuple(p for p in span if p not in self._taken))]
        if not spans:
            return []
        return self._on_spans(start, end, spans, right_to_left)

    def place_together(self, start: int, end: int) -> list[PlacedWord]:
        """All tokens of the run around all ink between its neighbours: for what is not read word by word."""
        before, after = self._last_before(start), self._first_from(end)
        spans = self._ink.between(
            before.bbox if before else None, after.bbox if after else None, self._column(before, after), False
        )
        pieces = [piece for span in spans for piece in span if piece not in self._taken]
        if not pieces:
            return []
        self._taken.update(pieces)
        box = union(pieces)
        return [
            PlacedWord(at, token.text, box, by_ink(self._legibility[token.block]), f"ink {min(pieces)}")
            for at, token in enumerate(self._tokens[start:end], start)
        ]

    def _on_spans(self, start: int, end: int, spans: Sequence[Span], right_to_left: bool) -> list[PlacedWord]:
        letter = self._letter or _WIDTH_BY_HEIGHT * median(_height(span) for span in spans)
        texts = [list(run) for _, run in groupby(range(start, end), key=lambda at: self._tokens[at].line)]
        lengths = [letter * self._length(text) for text in texts]
        if self._letter is None:  # handwriting is as wide as it is
            spread = sum(map(extent, spans)) / sum(lengths)
            lengths = [length * min(2.0, max(_SAME_WIDTHS, spread)) for length in lengths]
        found: list[PlacedWord] = []
        for text, first, last in assigned(lengths, spans):
            chosen = spans[first:last]
            weights = [self._weight(at) for at in texts[text]]
            for span, (begin, stop) in zip(chosen, shared_out(weights, chosen), strict=True):
                if begin < stop:
                    found += self._on_span(texts[text][begin:stop], span, right_to_left)
        return found

    def _on_span(self, numbers: Sequence[int], span: Span, right_to_left: bool) -> list[PlacedWord]:
        self._taken.update(span)
        weights = [widths(self._tokens[at].text) for at in numbers]
        boxes = boxes_on(span, weights[::-1] if right_to_left else weights)
        if right_to_left:
            boxes.reverse()
        line = f"ink {min(span)}"
        return [
            PlacedWord(at, self._tokens[at].text, box, by_ink(self._legibility[self._tokens[at].block]), line)
            for at, box in zip(numbers, boxes, strict=True)
        ]

    def _length(self, numbers: Sequence[int]) -> float:
        return sum(map(self._weight, numbers)) - _BLANK

    def _weight(self, number: int) -> float:
        return widths(self._tokens[number].text) + _BLANK

    def _last_before(self, start: int) -> PlacedWord | None:
        return next((self._placed[at][-1] for at in range(start - 1, -1, -1) if at in self._placed), None)

    def _first_from(self, end: int) -> PlacedWord | None:
        return next((self._placed[at][0] for at in range(end, len(self._tokens)) if at in self._placed), None)

    def _column(self, before: PlacedWord | None, after: PlacedWord | None) -> Box | None:
        """Around the lines of both neighbours; None beside the page's only one, which tells of no column."""
        if before is None or after is None:
            return None
        box = union(self._lines[word.line or ""] for word in (before, after))
        margin = round(_INDENT * (before.bbox.y1 - before.bbox.y0))
        return Box(box.x0 - margin, box.y0, box.x1 + margin, box.y1)


def _line_boxes(placed: Mapping[int, Sequence[PlacedWord]]) -> dict[str, Box]:
    boxes: dict[str, Box] = {}
    for words in placed.values():
        for word in words:
            name = word.line or ""
            boxes[name] = union((boxes[name], word.bbox)) if name in boxes else word.bbox
    return boxes


def _letter_width(tokens: Sequence[Token], placed: Mapping[int, Sequence[PlacedWord]]) -> float | None:
    """The usual width of a letter, in pixels; None where no word is placed."""
    found = [
        (words[0].bbox.x1 - words[0].bbox.x0) / widths(tokens[at].text)
        for at, words in placed.items()
        if len(words) == 1
    ]
    return median(found) if len(found) >= 3 else None


def _height(span: Span) -> int:
    box = union(span)
    return box.y1 - box.y0
