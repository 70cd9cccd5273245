"""Ink that no matched word explains: where words may be that the witness did not read."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

from common.document.geometry import Box, centre, has_centre_of, union
from common.document.places import Places
from workers.ocr_vlm.grounding.ink_line import InkLine

_FREE_SHARE: Final = 0.6  # of a line's ink
_REACH: Final = 4.0  # heights of the line, from a word to the next piece of ink on its line
_BESIDE: Final = 0.5  # of the lower one's height, of two on one line

Span = tuple[Box, ...]  # pieces of one line, from left to right


class FreeInk:
    def __init__(self, lines: Sequence[InkLine], explained: Iterable[Box]) -> None:
        """``explained``: boxes of words whose ink is theirs."""
        self._lines = sorted(lines, key=lambda line: (line.bbox.y0, line.bbox.x0))
        self._places = Places(explained)

    def between(
        self, before: Box | None, after: Box | None, column: Box | None, right_to_left: bool
    ) -> list[Span]:
        """What is written between two words, in the order of reading, line by line.

        ``column``: around the lines that the two stand on; None where neither is known.
        """
        if before and after and beside(before, after):
            return self._spans([self._inside(before, after)])
        tail = self._beyond(before, forward=not right_to_left) if before else []
        head = self._beyond(after, forward=right_to_left) if after else []
        return self._spans([tail, *self._whole(before, after, column), head])

    def _spans(self, parts: Iterable[Sequence[Box]]) -> list[Span]:
        return [tuple(sorted(part)) for part in parts if part]

    def _inside(self, before: Box, after: Box) -> list[Box]:
        left, right = sorted((before, after))
        room = Box(left.x1, min(left.y0, right.y0), right.x0, max(left.y1, right.y1))
        return [
            piece
            for line in self._lines
            if line.bbox.y0 < room.y1 and line.bbox.y1 > room.y0
            for piece in self._free_of(line)
            if has_centre_of(room, piece)
        ]

    def _beyond(self, word: Box, *, forward: bool) -> list[Box]:
        """Ink on a word's line, up to what is explained or far away."""
        reach = _REACH * (word.y1 - word.y0)
        found: list[Box] = []
        pieces = [piece for line in self._lines if beside(word, line.bbox) for piece in line.pieces]
        edge = word.x1 if forward else -word.x0
        for start, end, piece in sorted((p.x0, p.x1, p) if forward else (-p.x1, -p.x0, p) for p in pieces):
            if (start + end) / 2 <= edge and not found:
                continue
            if start - edge > reach or self._is_explained(piece):
                break
            found.append(piece)
            edge = max(edge, end)
        return found

    def _whole(self, before: Box | None, after: Box | None, column: Box | None) -> list[Sequence[Box]]:
        """Lines that stand by themselves."""
        found: list[Sequence[Box]] = []
        for line in self._free_lines:
            _, y = centre(line.bbox)
            if column and (line.bbox.x0 > column.x1 or line.bbox.x1 < column.x0):
                continue
            below = before is None or y > before.y1
            above = after is None or y < after.y0
            moved = before is not None and after is not None and after.y0 < before.y1
            if (below or above) if moved else (below and above):
                found.append(tuple(self._free_of(line)))
        return found

    @cached_property
    def _free_lines(self) -> list[InkLine]:
        return [
            line for line in self._lines if _width(self._free_of(line)) >= _FREE_SHARE * _width(line.pieces)
        ]

    def _free_of(self, line: InkLine) -> list[Box]:
        return [piece for piece in line.pieces if not self._is_explained(piece)]

    def _is_explained(self, piece: Box) -> bool:
        return any(has_centre_of(box, piece) for box in self._places.boxes_near(piece))


def beside(one: Box, other: Box) -> bool:
    """Whether both are on one line."""
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared > _BESIDE * min(one.y1 - one.y0, other.y1 - other.y0)


def extent(span: Sequence[Box]) -> int:
    """From the left to the right end of its ink."""
    box = union(span)
    return box.x1 - box.x0


def _width(pieces: Iterable[Box]) -> int:
    return sum(piece.x1 - piece.x0 for piece in pieces)
