"""Columns: the gutters between them, and the order in which they are read.

A recursive cut along white space, as in the XY-cut of Nagy and Seth (1984), with one difference: a
gutter need not run through the whole page, but only as far as no line crosses it. What stands above
and below is cut in turn, so that headings across columns come before or after what they span.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from common.document.layout.pieces import LETTER_SHARE, PROSE_EMS, Piece, letter_share

_GUTTER_EMS: Final = 0.6
_BESIDE_EMS: Final = 0.8  # more than half the distance of lines: what is as near stands beside
_FLOAT_COST: Final = 2
_FLOAT_WIDTH: Final = 0.6  # of the narrower column's
_LEFT, _ACROSS, _RIGHT = range(3)
_DEEPEST: Final = 30
_MOST_PIECES: Final = 4000
_MOST_EDGES: Final = 50
_NEAR: Final = 4
_LONGEST_TITLE: Final = 3  # lines
_FEWEST_LINES: Final = 2
_PROSE_LINES: Final = 3
_WORD_EMS: Final = 2.5
_RAGGED: Final = 0.2  # of a column's width
_EVEN_SHARE: Final = 0.5
_ALIGNED: Final = 0.3  # of an em: two lines on one row are that close
_ALIGNED_SHARE: Final = 0.6


@dataclass(frozen=True, slots=True)
class _Cut:
    """A gutter found: everything above where it begins, left and right of it, and below its end.

    ``floats`` stand in the gutter with columns running past them, as a picture's caption may.
    """

    above: list[Piece]
    left: list[Piece]
    right: list[Piece]
    floats: list[Piece]
    below: list[Piece]

    @property
    def weight(self) -> int:
        """The more lines on both sides and the fewer in the gutter, the likelier it is one."""
        return min(len(self.left), len(self.right)) - _FLOAT_COST * len(self.floats)


def regions(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces parted into what is read one after the other; inside a region there are no columns."""
    if not pieces:
        return []
    return list(_parted(sorted(pieces, key=lambda piece: piece.middle), _DEEPEST))


def _parted(pieces: list[Piece], depth: int) -> Iterator[list[Piece]]:
    """``depth`` is how often the parts may be cut again: hostile pages would take for ever."""
    cut = _best_cut(pieces) if depth and len(pieces) <= _MOST_PIECES else None
    if cut is None:
        yield pieces
        return
    for part in (cut.above, cut.left, cut.right, cut.floats, cut.below):
        if part:
            yield from _parted(part, depth - 1)


def _best_cut(pieces: list[Piece]) -> _Cut | None:
    """Where columns part, if they do; ``pieces`` are sorted from top to bottom."""
    if len(pieces) < 2 * _FEWEST_LINES:
        return None
    em = median(piece.em for piece in pieces)
    cuts = [cut for edge in _left_edges(pieces, em) for cut in _cuts_at(pieces, edge, em)]
    cuts.sort(key=lambda cut: -cut.weight)
    return next((cut for cut in cuts if _are_columns(cut, em)), None)


def _left_edges(pieces: Sequence[Piece], em: float) -> list[float]:
    """Where several lines begin, a bit left of them: a gutter ends there.

    Where there are very many, those where most lines begin: noise has them everywhere.
    """
    starts = sorted(piece.box.x0 for piece in pieces)
    edges: list[float] = []
    lines: list[int] = []  # that begin there, of each
    for index, start in enumerate(starts):
        if edges and start - edges[-1] < em / 2:
            continue
        count = bisect_right(starts, start + em) - index
        if count >= _FEWEST_LINES:
            edges.append(start)
            lines.append(count)
    kept = sorted(range(1, len(edges)), key=lambda at: -lines[at])[:_MOST_EDGES]
    return [edges[at] for at in sorted(kept)]


def _cuts_at(pieces: list[Piece], edge: float, em: float) -> Iterator[_Cut]:
    """The stretches from top to bottom on which no line spans the gutter that ends at ``edge``."""
    gutter = edge - _GUTTER_EMS * em
    sides = [_side(piece, gutter, edge) for piece in pieces]
    if min(sides.count(_LEFT), sides.count(_RIGHT)) < _FEWEST_LINES:
        return
    spanning = [
        index
        for index, side in enumerate(sides)
        if side == _ACROSS and not _has_beside(pieces, sides, index, em)
    ]
    for before, after in pairwise([-1, *spanning, len(pieces)]):
        stretch = range(before + 1, after)
        left, right, floats = (
            [pieces[index] for index in stretch if sides[index] == side] for side in (_LEFT, _RIGHT, _ACROSS)
        )
        title = _title(left, right)
        cut = _Cut([*pieces[: before + 1], *title], left, right[len(title) :], floats, pieces[after:])
        if min(len(cut.left), len(cut.right)) >= _FEWEST_LINES and cut.weight > 0:
            yield cut


def _title(left: Sequence[Piece], right: Sequence[Piece]) -> list[Piece]:
    """The first lines of the right side that stand above both: a title, an author, a date."""
    if not left:
        return []
    top = min(piece.box.y0 for piece in left)
    above = [piece for piece in right[: _LONGEST_TITLE + 1] if piece.box.y1 <= top]
    return above if len(above) <= _LONGEST_TITLE else []


def _side(piece: Piece, gutter: float, edge: float) -> int:
    if piece.box.x1 <= gutter:
        return _LEFT
    return _RIGHT if piece.box.x0 >= edge else _ACROSS


def _has_beside(pieces: Sequence[Piece], sides: Sequence[int], index: int, em: float) -> bool:
    """Whether lines of a column stand on the same height, within the next few of ``pieces``."""
    near = range(max(0, index - _NEAR), min(len(pieces), index + _NEAR + 1))
    return any(
        sides[other] != _ACROSS and abs(pieces[other].middle - pieces[index].middle) < _BESIDE_EMS * em
        for other in near
    )


def _are_columns(cut: _Cut, em: float) -> bool:
    """Columns of prose, or of text whose reader kept them apart; not the cells of a table, nor prices."""
    sides = (cut.left, cut.right)
    if min(map(letter_share, sides)) < LETTER_SHARE or min(map(_usual_width, sides)) < _WORD_EMS * em:
        return False
    if max(map(_width, cut.floats), default=0) > _FLOAT_WIDTH * min(map(_extent, sides)):
        return False
    left, right = _is_prose(cut.left), _is_prose(cut.right)
    if left and right:
        return True
    if _share_lines(cut):
        return False
    if not _are_kept_apart(cut):
        return (left or right) and not _are_rows(cut, em)
    return left or right or _are_paragraphs(cut) or not _are_rows(cut, em)


def _is_prose(column: Sequence[Piece]) -> bool:
    """Lines that are long, most of them ending about where the line above does."""
    if len(column) < _PROSE_LINES:
        return False
    if _usual_width(column) < PROSE_EMS * median(piece.em for piece in column):
        return False
    even = sum(_ends_evenly(column, index) for index in range(len(column)))
    return even >= _EVEN_SHARE * len(column)


def _ends_evenly(column: Sequence[Piece], index: int) -> bool:
    """Whether a line ends about where one of the next does; between them may be those of other columns."""
    box = column[index].box
    slack = _RAGGED * (box.x1 - box.x0)
    return any(abs(other.box.x1 - box.x1) <= slack for other in column[index + 1 : index + 1 + _NEAR])


def _share_lines(cut: _Cut) -> bool:
    """Whether the reader took something on the left and on the right for one line."""
    return not {piece.place[:2] for piece in cut.left}.isdisjoint(piece.place[:2] for piece in cut.right)


def _are_kept_apart(cut: _Cut) -> bool:
    """Whether the reader gave one side after the other, and not row by row."""
    sides = [(piece.place, 0) for piece in cut.left] + [(piece.place, 1) for piece in cut.right]
    sides.sort()
    changes = sum(one != other for (_, one), (_, other) in pairwise(sides))
    return changes == 1


def _are_paragraphs(cut: _Cut) -> bool:
    """Whether the reader found several lines to belong together on either side."""
    return all(any(piece.place[1] > 0 for piece in side) for side in (cut.left, cut.right))


def _are_rows(cut: _Cut, em: float) -> bool:
    """Whether the lines of the shorter side stand level with lines of the other."""
    few, many = sorted((cut.left, cut.right), key=len)
    level = sum(any(abs(one.middle - other.middle) <= _ALIGNED * em for other in many) for one in few)
    return level >= _ALIGNED_SHARE * len(few)


def _width(piece: Piece) -> int:
    return piece.box.x1 - piece.box.x0


def _usual_width(column: Sequence[Piece]) -> float:
    return float(median(map(_width, column)))


def _extent(column: Sequence[Piece]) -> int:
    return max(piece.box.x1 for piece in column) - min(piece.box.x0 for piece in column)
