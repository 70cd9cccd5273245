"""Pieces of lines, as the analysis of a layout sees them.

The boxes of pieces are turned so that every page reads like a Latin one: rows from top to bottom,
text from left to right. A page of Arabic is mirrored; one of vertical Chinese is turned on its side.
"""

# ruff: noqa: RUF001 - the letters of other scripts look like ours

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from statistics import median
from typing import Final

from common.document.direction import is_right_to_left
from common.document.geometry import Box, union
from common.document.page import Block, Line, Role, Word

View = Callable[[Box], Box]

# Blocks that stay as they are, whatever their lines look like.
WHOLE_ROLES: Final = frozenset({Role.TABLE, Role.FORMULA, Role.FIGURE})

PROSE_EMS: Final = 9.0  # about 20 Latin letters: narrower than a newspaper's column, wider than a cell
LETTER_SHARE: Final = 0.65

_WIDE_GAP_EMS: Final = 1.2  # wider than any blank inside justified text
_EVEN_HEIGHTS: Final = 0.9
_TALL: Final = 2.0

# Of an em: how much the ink of a word takes, by its letters.
_X_HEIGHT: Final = 0.53
_ASCENDER: Final = 0.2
_DESCENDER: Final = 0.2
_FULL_HEIGHT: Final = 0.8  # of a line without capitals: what hangs and rises differs most there
_FONT_BOX: Final = 1.15
_ASCENDERS: Final = frozenset("bdfhijkltßþбёй\"'“”‘’()[]{}!?/|&%$#@*")
_DESCENDERS: Final = frozenset("gjpqyçрудфцщβγζημξρφχψ()[]{}|")


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbouring words of one line; ``place`` says where they came from: block, line, first word."""

    words: tuple[Word, ...]
    box: Box
    em: float
    place: tuple[int, int, int]
    whole: Block | None = None

    @property
    def middle(self) -> float:
        """Where the piece stands from top to bottom; an initial several lines high stands at its first."""
        return self.box.y0 + min(self.box.y1 - self.box.y0, 1.8 * self.em) / 2

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def pieces(blocks: Sequence[Block], view: View) -> list[Piece]:
    """Every line of ``blocks``, cut where its words stand far apart: a gap between columns may be there."""
    size = _font_em if _has_font_boxes(blocks, view) else _ink_em
    found: list[Piece] = []
    for index, block in enumerate(blocks):
        if block.role in WHOLE_ROLES:
            found.append(_whole(block, index, view))
            continue
        for number, line in enumerate(block.lines):
            found += _cut(line, (index, number), view, size)
    return found


def is_prose(of: Sequence[Piece]) -> bool:
    """Whether most are long, and most of what they say are letters."""
    if not of:
        return False
    width = median(piece.box.x1 - piece.box.x0 for piece in of)
    return width >= PROSE_EMS * median(piece.em for piece in of) and letter_share(of) >= LETTER_SHARE


def letter_share(of: Iterable[Piece]) -> float:
    """How many of the letters and digits are letters, 0 to 1."""
    marks = [mark for piece in of for word in piece.words for mark in word.text if mark.isalnum()]
    return sum(mark.isalpha() for mark in marks) / len(marks) if marks else 0.0


def view_of(blocks: Iterable[Block], width: int) -> View:
    """How to look at a page ``width`` pixels wide, so that it reads like a Latin one."""
    lines = [line for block in blocks if block.role not in WHOLE_ROLES for line in block.lines]
    if _is_vertical(lines):
        return lambda box: Box(box.y0, width - box.x1, box.y1, width - box.x0)
    if is_right_to_left(word.text for line in lines for word in line.words):
        return lambda box: Box(width - box.x1, box.y0, width - box.x0, box.y1)
    return lambda box: box


def _is_vertical(lines: Sequence[Line]) -> bool:
    long = [line.bbox for line in lines if sum(len(word.text) for word in line.words) > 2]
    tall = sum(box.y1 - box.y0 > _TALL * (box.x1 - box.x0) for box in long)
    return tall > len(long) / 2


def _whole(block: Block, index: int, view: View) -> Piece:
    words = tuple(chain.from_iterable(line.words for line in block.lines))
    box = view(block.bbox)
    heights = [line.bbox.y1 - line.bbox.y0 for line in block.lines] or [box.y1 - box.y0]
    return Piece(words, box, max(1.0, float(median(heights))), (index, 0, 0), block)


def _cut(
    line: Line, place: tuple[int, int], view: View, size: Callable[[Line, View], float]
) -> Iterable[Piece]:
    if not line.words:
        return
    em = max(1.0, size(line, view))
    first = 0
    for index, (one, other) in enumerate(pairwise(line.words), start=1):
        if view(other.bbox).x0 - view(one.bbox).x1 > _WIDE_GAP_EMS * em:
            yield _piece(line.words[first:index], view, em, (*place, first))
            first = index
    yield _piece(line.words[first:], view, em, (*place, first))


def _piece(words: tuple[Word, ...], view: View, em: float, place: tuple[int, int, int]) -> Piece:
    return Piece(words, view(union(word.bbox for word in words)), em, place)


def _has_font_boxes(blocks: Iterable[Block], view: View) -> bool:
    """Whether boxes have the height of their font (text layers do) or that of their ink (OCR)."""
    lines = [line for block in blocks for line in block.lines if len(line.words) > 2]
    if not lines:
        return True
    even = 0
    for line in lines:
        heights = sorted(_height(word, view) for word in line.words)
        even += heights[0] > _EVEN_HEIGHTS * heights[-1]
    return even > len(lines) / 2


def _height(word: Word, view: View) -> int:
    box = view(word.bbox)
    return box.y1 - box.y0


def _font_em(line: Line, view: View) -> float:
    return float(median(_height(word, view) for word in line.words)) / _FONT_BOX


def _ink_em(line: Line, view: View) -> float:
    """The size of the font that a line is set in, judged by which of its letters rise and hang."""
    cased = [word for word in line.words if any(map(_is_cased, word.text))]
    if cased:
        return float(median(_word_em(word, view) for word in cased))
    box = view(line.bbox)
    return _FULL_HEIGHT * (box.y1 - box.y0)


def _word_em(word: Word, view: View) -> float:
    height = _X_HEIGHT
    if any(mark in _ASCENDERS or mark.isupper() or mark.isdigit() for mark in word.text):
        height += _ASCENDER
    if any(mark in _DESCENDERS for mark in word.text):
        height += _DESCENDER
    return _height(word, view) / height


def _is_cased(mark: str) -> bool:
    return mark.isupper() or mark.islower() or mark.isdigit()
