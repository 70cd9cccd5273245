"""Where the words of a layer are drawn: readers of PDF find lines, blocks and columns by that.

The thresholds are poppler's, which is the strictest of them (TextOutputDev.cc).
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from common.document.geometry import centre, union
from common.document.page import Word
from workers.export.formats.searchable_pdf.glyphless_font import PARTS, Face
from workers.export.formats.searchable_pdf.layer import Layer, Paragraph, Words
from workers.export.formats.searchable_pdf.visual_order import in_visual_order

_DEEP: Final = 0.2  # of the letters, below the baseline of a line that is level
_REACH: Final = 0.45  # how far from the middle of its letters the baseline of a word may be, in heights
_MOST_STEPPED: Final = 0.45  # between the baselines of a line, in sizes of its type
_MOST_MOVED: Final = 0.6  # of a word from its place, in heights, for its line to stay one
_LEAST_FALL: Final = 0.6  # of one line at least, in heights of its words, for the page to lie askew
_CLOSE, _APART = 1.3, 1.7  # lines of a paragraph and of a table, in sizes of their type
_SIZES: Final = 0.8, 2.0  # of type, in heights of its letters
_LEAST_GAP: Final = 0.16  # between words, in sizes of their type
_LEAST_LENGTH: Final = 0.05  # of a word, in sizes of its type
FloatArray = NDArray[np.float64]

_UPRIGHT_COLUMN: Final = 2.0  # times as high as wide, and more than one letter
_NARROW: Final = 2  # letters such as "ll" are as high side by side


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, its letters as they stand from left to right, and the blank after it.

    ``x`` and ``y`` are where its baseline begins, in pixels of the layer from its top left corner.
    """

    text: str
    x: float
    y: float
    length: float
    blank: float
    face: Face


@dataclass(frozen=True, slots=True)
class TextLine:
    """``size`` of its type, in pixels."""

    pieces: tuple[Piece, ...]
    size: float
    runs_down: bool = False
    runs_up: bool = False


@dataclass(frozen=True, slots=True)
class _Strip:
    """Where a line runs, at its left end: ``middle`` and ``height`` are those of most of its words,
    ``outer_middle`` that of all together, which differs less from line to line."""

    words: Words
    left: float
    middle: float
    height: float
    outer_middle: float
    slope: float

    def fall(self, word: Word) -> float:
        """How much lower the word is than the left end."""
        return self.slope * (centre(word.bbox)[0] - self.left)


@dataclass(frozen=True, slots=True)
class _Letters:
    """Of a block, in pixels. They may be lower than the size of their type: readers of PDF go by that."""

    height: float
    size: float

    def face(self, base: float) -> Face:
        """With the baseline so far below the middle of the letters."""
        below, above = self.height / 2 - base, self.height / 2 + base
        return _parts(below / self.size), _parts(above / self.size)


def _parts(share: float) -> int:
    return max(round(share * PARTS), 1)


@dataclass(frozen=True, slots=True)
class _Span:
    """Of a word on its line, in pixels."""

    left: float
    right: float


def lines_of(layer: Layer) -> Iterator[TextLine]:
    lines = (words for paragraph in layer.paragraphs for words in paragraph.lines)
    slope = _slope([words for words in lines if not _runs_down(words)])
    for paragraph in layer.paragraphs:
        yield from _paragraph(paragraph, slope)


def _slope(lines: Sequence[Words]) -> float:
    """By how much the lines of the page fall to the right, as scans lie askew; 0 of a page that is level."""
    shifts = np.concatenate([_shifts(words) for words in lines]) if lines else np.zeros((0, 2))
    across, down = shifts[:, 0], shifts[:, 1]
    slope = float(across @ down / max(1.0, across @ across))
    boxes = [union(word.bbox for word in words) for words in lines]
    heights = [median(word.bbox.y1 - word.bbox.y0 for word in words) for words in lines]
    is_seen = any(
        abs(slope) * (box.x1 - box.x0) > _LEAST_FALL * height
        for box, height in zip(boxes, heights, strict=True)
    )
    return slope if is_seen else 0.0


def _shifts(words: Words) -> FloatArray:
    """How far to the right and below the middle of the line its words are."""
    centres: FloatArray = np.array([centre(word.bbox) for word in words], dtype=np.float64)
    shifts: FloatArray = centres - centres.mean(axis=0)
    return shifts


def _paragraph(paragraph: Paragraph, slope: float) -> Iterator[TextLine]:
    strips = [_strip(words, slope) for words in paragraph.lines if not _runs_down(words)]
    if strips:
        letters = _letters(strips, _APART if paragraph.is_table else _CLOSE)
        offset = median(strip.middle - strip.outer_middle for strip in strips)
        yield from (_line(strip, strip.outer_middle + offset, letters) for strip in strips)
    yield from (_column(words) for words in paragraph.lines if _runs_down(words))


def _strip(words: Words, slope: float) -> _Strip:
    left = min(word.bbox.x0 for word in words)
    tops, bottoms = [], []
    for word in words:
        fall = slope * (centre(word.bbox)[0] - left)
        slant = abs(slope) * (word.bbox.x1 - word.bbox.x0) / 2
        tops.append(word.bbox.y0 - fall + slant)
        bottoms.append(word.bbox.y1 - fall - slant)
    return _Strip(
        in_visual_order(words),
        left,
        middle=(median(tops) + median(bottoms)) / 2,
        height=max(1, median(bottoms) - median(tops)),
        outer_middle=(min(tops) + max(bottoms)) / 2,
        slope=slope,
    )


def _letters(strips: Sequence[_Strip], distance: float) -> _Letters:
    """The same for all lines of a paragraph, in type of such a size that their ``distance`` is so many of it.

    Poppler takes lines for a paragraph, and paragraphs for a column, if their types are of one size and
    their distance is less than one and a half times that.
    """
    height = median(strip.height for strip in strips)
    if len(strips) == 1:
        return _Letters(height, height)
    pitch = median([b.outer_middle - a.outer_middle for a, b in pairwise(strips)])
    smallest, largest = _SIZES
    return _Letters(height, min(max(smallest * height, pitch / distance), largest * height))


def _line(strip: _Strip, middle: float, letters: _Letters) -> TextLine:
    """``middle`` of the line's letters at its left end."""
    middles = [middle + strip.fall(word) for word in strip.words]
    bases = _baselines(middles, letters)
    spans = _apart(strip.words, letters.size)
    blanks = [*(following.left - span.right for span, following in pairwise(spans)), 0.0]
    pieces = (
        Piece(
            word.text,
            span.left,
            base,
            span.right - span.left,
            blank,
            letters.face(base - middle),
        )
        for word, span, blank, base, middle in zip(strip.words, spans, blanks, bases, middles, strict=True)
    )
    return TextLine(tuple(pieces), letters.size)


def _baselines(middles: Sequence[float], letters: _Letters) -> list[float]:
    """Of the words of a line: one for all as far as their letters reach, steps where that is not enough.

    Words move a little to keep these low; a line that would still break is left where it is.
    """
    reach, usual = _REACH * letters.height, (0.5 - _DEEP) * letters.height
    half = (max(middles) - min(middles)) / 2
    level = (max(middles) + min(middles)) / 2 + min(usual, max(0.0, reach - half))
    bases = [min(max(level, middle - reach), middle + reach) for middle in middles]
    steps, most = max(bases) - min(bases), _MOST_STEPPED * letters.size
    if steps <= most:
        return bases
    if (steps - most) / 2 > _MOST_MOVED * letters.height:
        return [middle + usual for middle in middles]
    return [level + (base - level) * most / steps for base in bases]


def _apart(words: Words, size: float) -> list[_Span]:
    """One after the other with some room between, whatever their boxes are: readers see no blank else."""
    gap, least = _LEAST_GAP * size, _LEAST_LENGTH * size
    spans = [_Span(words[0].bbox.x0, words[0].bbox.x1)]
    for word in words[1:]:
        last, found = spans[-1], _Span(word.bbox.x0, word.bbox.x1)
        if found.left - last.right < gap:
            border = _border(last, found)
            spans[-1] = _Span(last.left, max(border - gap / 2, last.left + least))
            left = max(border, last.left + least) + gap / 2
            found = _Span(left, max(found.right, left + least))
        spans.append(found)
    return spans


def _border(one: _Span, other: _Span) -> float:
    """Of two that meet: where the other begins or the one ends, if it lies within the other."""
    if other.left > one.left and other.right > one.right:
        return (other.left + one.right) / 2
    return other.left if other.left > one.left else one.right


def _column(words: Words) -> TextLine:
    """A line from top to bottom, as East Asia writes, or upwards, as notes in margins run."""
    runs_up = centre(words[-1].bbox)[1] < centre(words[0].bbox)[1]
    around = union(word.bbox for word in words)
    size = float(around.x1 - around.x0)
    letters = _Letters(size, size)
    base = (0.5 - _DEEP) * size
    base = -base if runs_up else base
    gaps = ((b.bbox, a.bbox) if runs_up else (a.bbox, b.bbox) for a, b in pairwise(words))
    blanks = [*(max(0, lower.y0 - upper.y1) for upper, lower in gaps), 0]
    pieces = (
        Piece(
            word.text,
            around.x0 + size / 2 - base,
            word.bbox.y1 if runs_up else word.bbox.y0,
            word.bbox.y1 - word.bbox.y0,
            blank,
            letters.face(abs(base)),
        )
        for word, blank in zip(words, blanks, strict=True)
    )
    return TextLine(tuple(pieces), size, runs_down=not runs_up, runs_up=runs_up)


def _runs_down(words: Words) -> bool:
    around = union(word.bbox for word in words)
    is_high = around.y1 - around.y0 > _UPRIGHT_COLUMN * (around.x1 - around.x0)
    letters = "".join(word.text for word in words)
    is_wide = any(unicodedata.east_asian_width(letter) in ("W", "F") for letter in letters)
    return is_high and len(letters) > (1 if is_wide else _NARROW)
