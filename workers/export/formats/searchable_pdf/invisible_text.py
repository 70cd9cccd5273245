"""Words as a PDF of nothing but invisible text, drawn by OCRmyPDF's renderer. Nothing is recognised here.

The font is Occulta, which comes with the wheel and has a width for every character and no shapes: what
comes out does not depend on the fonts of the machine, and no script needs another treatment.
"""

import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
from ocrmypdf import Baseline, BoundingBox, OcrClass, OcrElement
from ocrmypdf.font import BuiltinFontProvider, MultiFontManager
from ocrmypdf.fpdf_renderer import Fpdf2MultiPageRenderer, renderer

from common.document.geometry import Box, Size, centre, rotate, union
from common.document.page import Page, Word
from common.document.text import joined
from common.document.xml_text import legal

# A pixel of the page is a point of the layer: the renderer rounds to hundredths of a point.
_DPI: Final = 72.0
_DESCENT: Final = 0.2  # of Occulta, whose ascent is 0.8
_MOST_FALL: Final = 0.6  # of a line that is drawn level, in heights of its words
_ENOUGH_WORDS: Final = 4  # on a line, to tell its slope by
_CLOSE: Final = 1.45
_MOST_GROWN: Final = 1.2
_HANGUL: Final = re.compile("[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]")
_DOWNWARDS_DEGREES: Final = 270.0
_UPRIGHT_COLUMN: Final = 2.0  # times as high as wide, and more than one letter

Words = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """The lines of each block of a page that was turned upright; ``size`` and boxes are pixels of that."""

    size: Size
    blocks: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True, slots=True)
class _Strip:
    """Where a line runs, at its left end: ``middle`` and ``height`` are those of most of its words,
    ``outer_middle`` that of all together, which differs less from line to line."""

    words: Words
    middle: float
    height: float
    outer_middle: float
    slope: float

    def fall(self, word: Word) -> float:
        """How much lower the word is than the left end."""
        return _fall(self.words, word, self.slope)


def layer_of(page: Page, is_wanted: Callable[[Word], bool]) -> Layer:
    """The page's wanted words, as they lie once the page is turned for reading."""
    turned = (page.height, page.width) if page.rotation % 180 else (page.width, page.height)
    blocks = []
    for block in page.blocks:
        lines = (_joined(_words(line.words, is_wanted, page)) for line in block.lines)
        blocks.append(tuple(words for words in lines if words))
    return Layer(turned, tuple(lines for lines in blocks if lines))


def render(layers: Sequence[Layer], out: Path) -> None:
    """A PDF of a page for each layer, of as many points as it has pixels."""
    for name in ("ocrmypdf", "fpdf"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # they tell of missing shapes
    _do_not_shape()
    fonts = MultiFontManager(font_provider=_Occulta())
    pages = [(index, _page(layer), _DPI) for index, layer in enumerate(layers)]
    Fpdf2MultiPageRenderer(pages, fonts).render(out)


class _Occulta(BuiltinFontProvider):
    FONT_FILES = {"Occulta": "Occulta.ttf"}  # noqa: RUF012 - as the base class has it


def _do_not_shape() -> None:
    """Shaped words of Indic scripts come back torn ("दुनि या"), and nobody sees the shapes."""
    renderer._needs_complex_shaping = lambda text: False


def _words(words: Iterable[Word], is_wanted: Callable[[Word], bool], page: Page) -> Iterator[Word]:
    for word in words:
        text = " ".join(legal(word.text).split())
        if text and is_wanted(word):
            x0, y0, x1, y1 = rotate(word.bbox, page.rotation, page.width, page.height)
            yield Word(text, Box(x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)), word.confidence)


def _joined(words: Iterable[Word]) -> Words:
    """Words that stand side by side in a script without blanks are one, or readers would add blanks."""
    found: list[Word] = []
    for word in words:
        if found and _belong_together(found[-1], word):
            last = found.pop()
            word = Word(last.text + word.text, union((last.bbox, word.bbox)), last.confidence)
        found.append(word)
    return tuple(found)


def _belong_together(word: Word, following: Word) -> bool:
    gap = following.bbox.x0 - word.bbox.x1
    height = max(word.bbox.y1 - word.bbox.y0, following.bbox.y1 - following.bbox.y0)
    return -height < gap < height and " " not in joined((word.text[-1], following.text[0]))


def _page(layer: Layer) -> OcrElement:
    slope = _slope(words for lines in layer.blocks for words in lines)
    paragraphs = [
        OcrElement(OcrClass.PARAGRAPH, children=list(_lines(lines, slope))) for lines in layer.blocks
    ]
    return OcrElement(OcrClass.PAGE, _box(Box(0, 0, *layer.size)), children=paragraphs, dpi=_DPI)


def _slope(lines: Iterable[Words]) -> float:
    """By how much the lines of the page fall to the right, as scans lie askew."""
    slopes = []
    for line in lines:
        if len(line) >= _ENOUGH_WORDS and not _runs_down(line):
            xs, ys = zip(*(centre(word.bbox) for word in line), strict=True)
            if max(xs) > min(xs):
                slopes.append(float(np.polyfit(xs, ys, 1)[0]))
    return median(slopes) if slopes else 0.0


def _lines(lines: Sequence[Words], slope: float) -> Iterator[OcrElement]:
    strips = [_strip(words, slope) for words in lines if not _runs_down(words)]
    type_height = _type_height(strips)
    offset = median(strip.middle - strip.outer_middle for strip in strips) if strips else 0.0
    for strip in strips:
        top = strip.outer_middle + offset - type_height / 2
        bottom = top + type_height
        if not strip.slope:
            yield _level_line(strip.words, top, bottom)
            continue
        for word in strip.words:  # a step for each: readers of PDF take a slanted word for several
            yield _level_line((word,), top + strip.fall(word), bottom + strip.fall(word))
    yield from (_column(words) for words in lines if _runs_down(words))


def _strip(words: Words, slope: float) -> _Strip:
    around = union(word.bbox for word in words)
    height = median(word.bbox.y1 - word.bbox.y0 for word in words)
    if abs(slope) * (around.x1 - around.x0) < _MOST_FALL * height:
        slope = 0.0
    tops, bottoms = [], []
    for word in words:
        slant = abs(slope) * (word.bbox.x1 - word.bbox.x0) / 2
        tops.append(word.bbox.y0 - _fall(words, word, slope) + slant)
        bottoms.append(word.bbox.y1 - _fall(words, word, slope) - slant)
    return _Strip(
        words,
        middle=(median(tops) + median(bottoms)) / 2,
        height=max(1, median(bottoms) - median(tops)),
        outer_middle=(min(tops) + max(bottoms)) / 2,
        slope=slope,
    )


def _fall(words: Words, word: Word, slope: float) -> float:
    return slope * (centre(word.bbox)[0] - min(each.bbox.x0 for each in words)) if slope else 0.0


def _type_height(strips: Sequence[_Strip]) -> float:
    """One for all lines of a block, and a little more where they stand loosely.

    Poppler takes lines for a paragraph, and paragraphs for a column, if their types are of one size and
    their distance is less than one and a half times that.
    """
    if not strips:
        return 0.0
    height = median(strip.height for strip in strips)
    pitch = median([b.outer_middle - a.outer_middle for a, b in pairwise(strips)]) if len(strips) > 1 else 0.0
    return min(max(height, pitch / _CLOSE), _MOST_GROWN * height)


def _level_line(words: Words, top: float, bottom: float) -> OcrElement:
    """All words on one baseline, in type as high as most of them are.

    The renderer's type is as large as its box of the line is high above the baseline.
    """
    around = union(word.bbox for word in words)
    descent = _DESCENT * (bottom - top)
    return OcrElement(
        OcrClass.LINE,
        BoundingBox(around.x0, top - descent, around.x1, bottom),
        baseline=Baseline(0.0, -descent),
        children=list(_with_blanks(words)),
    )


def _column(words: Words) -> OcrElement:
    """A line from top to bottom, as East Asia writes."""
    around = union(word.bbox for word in words)
    descent = _DESCENT * (around.x1 - around.x0)
    return OcrElement(
        OcrClass.LINE,
        BoundingBox(around.x0, around.y0, around.x1 + descent, around.y1),
        baseline=Baseline(0.0, -descent),
        textangle=_DOWNWARDS_DEGREES,
        children=[_word(word) for word in words],
    )


def _runs_down(words: Words) -> bool:
    around = union(word.bbox for word in words)
    is_high = around.y1 - around.y0 > _UPRIGHT_COLUMN * (around.x1 - around.x0)
    return is_high and sum(len(word.text) for word in words) > 1


def _with_blanks(words: Words) -> Iterator[OcrElement]:
    """Where the renderer's own blanks after words do harm, others beside them.

    It puts those of words that are read leftwards before them, and so shifts them; and it leaves out those
    between Korean words.
    """
    for word, following in pairwise((*words, None)):
        assert word is not None
        yield _word(word)
        x0, y0, x1, y1 = word.bbox
        width = (y1 - y0) / 8
        ends = following is None or following.bbox.x0 > x0
        if ends and _is_leftward(word.text):
            yield OcrElement(OcrClass.WORD, BoundingBox(x0 - width, y0, x0, y1), text=" ")
        elif following is not None and _HANGUL.search(word.text):
            yield OcrElement(OcrClass.WORD, BoundingBox(x1, y0, x1 + width, y1), text=" ")


def _is_leftward(text: str) -> bool:
    """By the first letter that has a direction, as the renderer decides."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind != "L" for kind in kinds if kind in ("L", "R", "AL")), False)


def _word(word: Word) -> OcrElement:
    return OcrElement(OcrClass.WORD, _box(word.bbox), text=word.text)


def _box(box: Box) -> BoundingBox:
    return BoundingBox(*box)
