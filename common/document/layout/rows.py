"""Rows: the pieces of a region, put in lines from top to bottom."""

from bisect import bisect, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from statistics import median
from typing import Final

from common.document.geometry import Box, union
from common.document.layout.pieces import Piece, is_cased
from common.document.page import Line, Word

_NEAR: Final = 2
_LEVEL: Final = 0.5  # of the lower one's height: so much two pieces on one row share


@dataclass(frozen=True, slots=True)
class Row:
    """One line of text, from left to right.

    ``is_sized``: its font size is sure; a word alone, or a script without capitals, tells it less well.
    """

    pieces: tuple[Piece, ...]
    words: tuple[Word, ...]
    text: str
    box: Box
    em: float
    is_sized: bool

    @property
    def line(self) -> Line:
        return Line(self.words, union(word.bbox for word in self.words))

    @property
    def block(self) -> int:
        """Which of the reader's blocks the row begins in."""
        return self.pieces[0].place[0]

    @property
    def is_whole(self) -> bool:
        return self.pieces[0].whole is not None


def rows(pieces: Iterable[Piece]) -> list[Row]:
    """Lines as the reader saw them; those that stand level beside each other become one row."""
    lines: dict[tuple[int, int], list[Piece]] = {}
    for piece in pieces:
        lines.setdefault(piece.place[:2], []).append(piece)
    found: list[_Growing] = []
    for line in sorted(lines.values(), key=_position):
        for row in reversed(found[-_NEAR:]):
            if all(map(row.is_level_with, line)):
                row.take(line)
                break
        else:
            found.append(_Growing())
            found[-1].take(line)
    return [_row_of(row.pieces) for row in found]


@dataclass(slots=True)
class _Growing:
    """A row to which lines are added; ``pieces`` are kept from left to right, for those next to a new one.

    A row may be as long as a hostile page wants: no piece is compared with all the others.
    """

    pieces: list[Piece] = field(default_factory=list)
    lowest_top: Piece | None = None
    highest_foot: Piece | None = None

    def is_level_with(self, piece: Piece) -> bool:
        at = bisect(self.pieces, piece.box.x0, key=_start)
        near = (*self.pieces[max(0, at - 1) : at + 1], self.lowest_top, self.highest_foot)
        return all(other is None or _are_level(piece, other) for other in near)

    def take(self, line: Iterable[Piece]) -> None:
        for piece in line:
            insort(self.pieces, piece, key=_start)
            if self.lowest_top is None or piece.box.y0 > self.lowest_top.box.y0:
                self.lowest_top = piece
            if self.highest_foot is None or piece.box.y1 < self.highest_foot.box.y1:
                self.highest_foot = piece


def _start(piece: Piece) -> int:
    return piece.box.x0


def _position(line: Sequence[Piece]) -> tuple[float, int]:
    return median(piece.middle for piece in line), line[0].box.x0


def _row_of(pieces: Iterable[Piece]) -> Row:
    """Words in the order of the reader where it read the line as one, else from left to right."""
    ordered = sorted(pieces, key=lambda piece: piece.box.x0)
    if len({piece.place[:2] for piece in ordered}) < len(ordered):
        parts = groupby(ordered, key=lambda piece: piece.place[:2])
        ordered = [piece for _, part in parts for piece in sorted(part, key=lambda piece: piece.place)]
    words = tuple(chain.from_iterable(piece.words for piece in ordered))
    text = " ".join(piece.text for piece in ordered)
    return Row(
        tuple(ordered),
        words,
        text,
        union(piece.box for piece in ordered),
        float(median(piece.em for piece in ordered)),
        len(words) > 1 and is_cased(text),
    )


def _are_level(one: Piece, other: Piece) -> bool:
    if one.whole or other.whole:
        return False
    shared = min(one.box.y1, other.box.y1) - max(one.box.y0, other.box.y0)
    lower = min(one.box.y1 - one.box.y0, other.box.y1 - other.box.y0)
    apart = min(one.box.x1, other.box.x1) - max(one.box.x0, other.box.x0)
    return shared >= _LEVEL * lower and apart <= 0.5 * min(one.em, other.em)
