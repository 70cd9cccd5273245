"""Pieces of lines, as the analysis of a layout sees them.

The boxes of pieces are turned so that every page reads like a Latin one: rows from top to bottom,
text from left to right. A page of Arabic is mirrored; one of vertical Chinese is turned on its side.
"""

# ruff: noqa: RUF001 - the letters of other scripts look like ours

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, pairwise
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
_SAMPLE: Final = 60  # lines
_FEWEST_LETTERS: Final = 6
_FEWEST_SHAPES: Final = 3
_TOO_HIGH: Final = 1.33
_TALL: Final = 2.0
_TALLEST_EMS: Final = 1.8

# Of an em: how much the ink of a word takes, by its letters.
_X_HEIGHT: Final = 0.53
_ASCENDER: Final = 0.2
_DESCENDER: Final = 0.2
_FULL_HEIGHT: Final = 0.8  # of a line without capitals: what hangs and rises differs most there
_FONT_BOX: Final = 1.15
_RISING: Final = re.compile(r"""[\dbdfhijkltßþбёй"'“”‘’()\[\]{}!?/|&%$#@*]""")
_HANGING: Final = re.compile(r"[gjpqyçрудфцщβγζημξρφχψ()\[\]{}|]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbouring words of one line; ``place`` says where they came from: block, line, first word.

    ``middle`` is where the piece stands from top to bottom; ``whole`` the block that it stands for.
    """

    words: tuple[Word, ...]
    text: str
    box: Box
    em: float
    middle: float
    letters: int
    digits: int
    place: tuple[int, int, int]
    whole: Block | None = None

    @property
    def is_cased(self) -> bool:
        return is_cased(self.text)

    @property
    def is_long(self) -> bool:
        """Whether it has letters enough to tell how wide they are."""
        return self.whole is None and self.letters >= _FEWEST_LETTERS and self.box.x1 > self.box.x0

    @property
    def advance(self) -> float:
        """The usual width of a letter, blanks included."""
        return (self.box.x1 - self.box.x0) / len(self.text)


def pieces(blocks: Sequence[Block], view: View) -> list[Piece]:
    """Every line of ``blocks``, cut where its words stand far apart: a gap between columns may be there."""
    is_font = _has_font_boxes(blocks, view)
    size = _font_em if is_font else _ink_em
    found: list[Piece] = []
    for index, block in enumerate(blocks):
        if block.role in WHOLE_ROLES:
            found.append(_whole(block, index, view))
            continue
        for number, line in enumerate(block.lines):
            found += _cut(line, (index, number), view, size)
    return found if is_font else _credible(found)


def _credible(found: Sequence[Piece]) -> list[Piece]:
    """The pieces, those with boxes much too high for the width of their letters taken for smaller.

    Readers put specks and parts of other lines into the boxes of words. Where a script tells sizes by
    no capitals, the width of the letters counts as much as their height.
    """
    usual = {
        cased: _usual_shape(piece for piece in found if piece.is_cased is cased) for cased in (True, False)
    }
    return [_resized(piece, usual[piece.is_cased]) for piece in found]


def _usual_shape(of: Iterable[Piece]) -> float:
    """How many times as high as wide letters are, by what their lines say; 0 where too few do."""
    shapes = [piece.em / piece.advance for piece in of if piece.is_long]
    return median(shapes) if len(shapes) >= _FEWEST_SHAPES else 0.0


def _resized(piece: Piece, shape: float) -> Piece:
    if not shape or not piece.is_long:
        return piece
    by_width = piece.advance * shape
    if not piece.is_cased:
        return replace(piece, em=math.sqrt(piece.em * by_width))
    return replace(piece, em=by_width) if piece.em > _TOO_HIGH * by_width else piece


def is_prose(of: Sequence[Piece]) -> bool:
    """Whether most are long, and most of what they say are letters."""
    if not of:
        return False
    width = median(piece.box.x1 - piece.box.x0 for piece in of)
    return width >= PROSE_EMS * median(piece.em for piece in of) and letter_share(of) >= LETTER_SHARE


def letter_share(of: Iterable[Piece]) -> float:
    """How many of the letters and digits are letters, 0 to 1."""
    letters = digits = 0
    for piece in of:
        letters += piece.letters
        digits += piece.digits
    return letters / (letters + digits) if letters else 0.0


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
    em = max(1.0, float(median(heights)))
    return _piece(words, box, em, (index, 0, 0), block)


def _cut(
    line: Line, place: tuple[int, int], view: View, size: Callable[[Line, Sequence[Box]], float]
) -> Iterable[Piece]:
    if not line.words:
        return
    boxes = [view(word.bbox) for word in line.words]
    em = max(1.0, size(line, boxes))
    first = 0
    for index, (one, other) in enumerate(pairwise(boxes), start=1):
        if other.x0 - one.x1 > _WIDE_GAP_EMS * em:
            yield _piece(line.words[first:index], union(boxes[first:index]), em, (*place, first))
            first = index
    yield _piece(line.words[first:], union(boxes[first:]), em, (*place, first))


def _piece(
    words: tuple[Word, ...], box: Box, em: float, place: tuple[int, int, int], whole: Block | None = None
) -> Piece:
    """An initial several lines high stands where its first line does."""
    middle = box.y0 + min(box.y1 - box.y0, _TALLEST_EMS * em) / 2
    text = " ".join(word.text for word in words)
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdecimal, text))
    return Piece(words, text, box, em, middle, letters, digits, place, whole)


def _has_font_boxes(blocks: Iterable[Block], view: View) -> bool:
    """Whether boxes have the height of their font (text layers do) or that of their ink (OCR)."""
    even = uneven = 0
    for line in islice((line for block in blocks for line in block.lines if len(line.words) > 2), _SAMPLE):
        heights = _heights([view(word.bbox) for word in line.words])
        if min(heights) > _EVEN_HEIGHTS * max(heights):
            even += 1
        else:
            uneven += 1
    return even >= uneven


def _heights(boxes: Iterable[Box]) -> list[int]:
    return [box.y1 - box.y0 for box in boxes]


def _font_em(_: Line, boxes: Sequence[Box]) -> float:
    return float(median(_heights(boxes))) / _FONT_BOX


def _ink_em(line: Line, boxes: Sequence[Box]) -> float:
    """The size of the font that a line is set in, judged by which of its letters rise and hang."""
    sizes = [
        height / _ink_height(word.text)
        for word, height in zip(line.words, _heights(boxes), strict=True)
        if is_cased(word.text) or any(map(str.isdigit, word.text))
    ]
    if sizes:
        return float(median(sizes))
    box = union(boxes)
    return _FULL_HEIGHT * (box.y1 - box.y0)


def _ink_height(text: str) -> float:
    height = _X_HEIGHT
    if _RISING.search(text) or text != text.lower():
        height += _ASCENDER
    if _HANGING.search(text):
        height += _DESCENDER
    return height


def is_cased(text: str) -> bool:
    """Whether it has letters of a script with capitals."""
    return text.lower() != text.upper()
