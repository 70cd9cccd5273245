"""Words as a PDF of nothing but invisible text, drawn by OCRmyPDF's renderer. Nothing is recognised here.

Its two fonts come with the wheel: Noto Sans for what it has letters for, and Occulta, which has no shapes,
for all else. So the file does not depend on the fonts of the machine.
"""

import logging
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

from common.document.geometry import Box, Size, rotate, union
from common.document.page import Page, Word
from common.document.xml_text import legal

# A pixel of the page is a point of the layer: the renderer rounds to hundredths of a point.
_DPI: Final = 72.0
# Of the renderer's box of a line, below its baseline: that of Noto Sans, whose metrics it takes.
_DESCENT: Final = 293 / (1069 + 293)
_LEAST_SLOPE: Final = 0.005  # what the renderer takes for level
_ENOUGH_WORDS: Final = 4  # on a line, to tell its slope by
_DOWNWARDS_DEGREES: Final = 270.0
_UPRIGHT_COLUMN: Final = 2.0  # times as high as wide, and more than one letter

Words = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """The lines of a page that was turned upright; ``size`` and boxes are pixels of that."""

    size: Size
    lines: tuple[Words, ...]


def layer_of(page: Page, is_wanted: Callable[[Word], bool]) -> Layer:
    """The page's wanted words, as they lie once the page is turned for reading."""
    turned = (page.height, page.width) if page.rotation % 180 else (page.width, page.height)
    lines = (tuple(_words(line.words, is_wanted, page)) for block in page.blocks for line in block.lines)
    return Layer(turned, tuple(line for line in lines if line))


def render(layers: Sequence[Layer], out: Path) -> None:
    """A PDF of a page for each layer, of as many points as it has pixels."""
    logging.getLogger("ocrmypdf").setLevel(logging.CRITICAL)  # it tells of missing fonts; none are wanted
    _do_not_shape()
    fonts = MultiFontManager(font_provider=BuiltinFontProvider())
    pages = [(index, _page(layer), _DPI) for index, layer in enumerate(layers)]
    Fpdf2MultiPageRenderer(pages, fonts).render(out)


def _do_not_shape() -> None:
    """Shaped words of Indic scripts come back torn ("दुनि या"), and nobody sees the shapes."""
    renderer._needs_complex_shaping = lambda text: False


def _words(words: Iterable[Word], is_wanted: Callable[[Word], bool], page: Page) -> Iterator[Word]:
    for word in words:
        text = " ".join(legal(word.text).split())
        if text and is_wanted(word):
            x0, y0, x1, y1 = rotate(word.bbox, page.rotation, page.width, page.height)
            yield Word(text, Box(x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)), word.confidence)


def _page(layer: Layer) -> OcrElement:
    slope = _slope(layer.lines)
    lines = [_column(line) if _runs_down(line) else _line(line, slope) for line in layer.lines]
    paragraph = OcrElement(OcrClass.PARAGRAPH, children=lines)
    return OcrElement(OcrClass.PAGE, _box(Box(0, 0, *layer.size)), children=[paragraph], dpi=_DPI)


def _slope(lines: Iterable[Words]) -> float:
    """By how much the lines of the page fall to the right, as scans lie askew."""
    slopes = []
    for line in lines:
        if len(line) >= _ENOUGH_WORDS and not _runs_down(line):
            xs = [(word.bbox.x0 + word.bbox.x1) / 2 for word in line]
            ys = [(word.bbox.y0 + word.bbox.y1) / 2 for word in line]
            if max(xs) > min(xs):
                slopes.append(float(np.polyfit(xs, ys, 1)[0]))
    slope = median(slopes) if slopes else 0.0
    return slope if abs(slope) >= _LEAST_SLOPE else 0.0


def _line(words: Words, slope: float) -> OcrElement:
    """All words on one baseline, as high as most of them: the renderer makes type of the box's height."""
    around = union(word.bbox for word in words)
    falls = [slope * ((word.bbox.x0 + word.bbox.x1) / 2 - around.x0) for word in words]
    slants = [abs(slope) * (word.bbox.x1 - word.bbox.x0) / 2 for word in words]
    top = median(w.bbox.y0 - fall + slant for w, fall, slant in zip(words, falls, slants, strict=True))
    bottom = median(w.bbox.y1 - fall - slant for w, fall, slant in zip(words, falls, slants, strict=True))
    bottom = max(bottom, top + 1)
    return OcrElement(
        OcrClass.LINE,
        BoundingBox(around.x0, top, around.x1, bottom),
        baseline=Baseline(slope, -_DESCENT * (bottom - top)),
        children=list(_with_blanks(words)),
    )


def _column(words: Words) -> OcrElement:
    """A line from top to bottom, as East Asia writes."""
    box = _box(union(word.bbox for word in words))
    return OcrElement(
        OcrClass.LINE, box, textangle=_DOWNWARDS_DEGREES, children=[_word(word) for word in words]
    )


def _runs_down(words: Words) -> bool:
    around = union(word.bbox for word in words)
    is_high = around.y1 - around.y0 > _UPRIGHT_COLUMN * (around.x1 - around.x0)
    return is_high and sum(len(word.text) for word in words) > 1


def _with_blanks(words: Words) -> Iterator[OcrElement]:
    """The renderer ends words with a blank, which it puts to the left of those that are read leftwards and
    so shifts them. Where it would, they get a blank of their own, beside them."""
    for word, following in pairwise((*words, None)):
        assert word is not None
        yield _word(word)
        ends = following is None or following.bbox.x0 > word.bbox.x0
        if ends and _is_leftward(word.text):
            x0, y0, _, y1 = word.bbox
            yield OcrElement(OcrClass.WORD, BoundingBox(x0 - (y1 - y0) / 8, y0, x0, y1), text=" ")


def _is_leftward(text: str) -> bool:
    """By the first letter that has a direction, as the renderer decides."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind != "L" for kind in kinds if kind in ("L", "R", "AL")), False)


def _word(word: Word) -> OcrElement:
    return OcrElement(OcrClass.WORD, _box(word.bbox), text=word.text)


def _box(box: Box) -> BoundingBox:
    return BoundingBox(*box)
