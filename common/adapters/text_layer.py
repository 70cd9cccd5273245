"""The text layer of a PDF page, held against what the page looks like. For child processes only.

Nothing is recognised here. A small rendering (a few milliseconds) shows which words are to be seen and
what looks like text beside them; the words themselves and their boxes are the file's.
"""

import ctypes
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress, starmap
from math import ceil, hypot
from pathlib import Path
from typing import Final

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from common.adapters import page_ink
from common.adapters.pdf_objects import Matrix, Painting, read_painting
from common.adapters.pdf_words import PdfWord, Rectangle, read_lines
from common.adapters.rendering import opened_page, page_scale
from common.document.geometry import Box
from common.document.text_layer import LayerWord, PageText

_PROOF_DPI: Final = 100
_PROOF_PIXELS: Final = 2_000_000
_MOSTLY: Final = 0.5  # the part of a word that has to be on the page, or below a picture
_MOST_PICTURES: Final = 500
_FINE: Final = 1_000_000  # device units to a side of the page, for exact places
_SLANT_DEGREES: Final = 10  # a word more askew than this has a box that is mostly not its own
# Between the middles of a word and its double, as bold type is faked: pixels at most, and half the height
# of the letters or, as a dash is flat, two points.
_SAME_PLACE: Final = 8
_SAME_PLACE_POINTS: Final = 2
_MOST_DOUBLES: Final = 50
_DRAWN_BY_NONE: Final = (pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP)

Boxes = NDArray[np.float64]  # (n, 4): left, top, right and bottom edge in pixels
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _View:
    """How the page's points become pixels of an image of ``width`` by ``height``, y downwards."""

    width: int
    height: int
    matrix: Matrix

    def boxes(self, places: Sequence[Rectangle]) -> Boxes:
        edges = np.array(places, np.float64).reshape(-1, 4)
        a, b, c, d, e, f = self.matrix
        x = np.stack([edges[:, i] * a + edges[:, j] * c + e for i in (0, 2) for j in (1, 3)])
        y = np.stack([edges[:, i] * b + edges[:, j] * d + f for i in (0, 2) for j in (1, 3)])
        boxes = np.stack([x.min(axis=0), y.min(axis=0), x.max(axis=0), y.max(axis=0)], axis=1)
        finite: Boxes = np.clip(np.nan_to_num(boxes), -_FINE, _FINE)
        return finite


def read_text_layer(path: Path, source_page: int) -> PageText:
    """Page ``source_page`` (from 0) of a PDF; boxes as on the image that ``render_page`` makes of it.

    What is drawn by annotations and filled-in forms counts as the page's own. Raises PageUnreadable.
    """
    with opened_page(path, source_page) as page:
        if not _has_drawn_annotations(page):
            return _read(page)
        pdfium_c.FPDFPage_Flatten(page.raw, pdfium_c.FLAT_NORMALDISPLAY)
    with opened_page(path, source_page) as page:
        return _read(page)


def _has_drawn_annotations(page: pdfium.PdfPage) -> bool:
    for index in range(pdfium_c.FPDFPage_GetAnnotCount(page.raw)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page.raw, index)
        kind = pdfium_c.FPDFAnnot_GetSubtype(annotation)
        pdfium_c.FPDFPage_CloseAnnot(annotation)
        if kind not in _DRAWN_BY_NONE:
            return True
    return False


def _read(page: pdfium.PdfPage) -> PageText:
    view = _view(page)
    lines = read_lines(page)
    painting = read_painting(page)
    pictures = view.boxes([picture.place for picture in painting.pictures[:_MOST_PICTURES]])
    images = tuple(box for box in _on_page(pictures, view) if box.x0 < box.x1 and box.y0 < box.y1)
    words = [word for line in lines for word in line]
    if not words:
        return PageText(view.width, view.height, images=images)
    boxes = view.boxes([word.place for word in words])
    hidden = _below_pictures(words, boxes, painting, pictures)
    hidden |= np.array([not word.painted for word in words])
    proof, factor = _proof(page, view)
    visible = (
        _inside(boxes, view)
        & page_ink.seen(proof, _small(boxes, factor))
        & _first_of_doubles(words, boxes, view)
    )
    upright = np.array([abs((word.turn + 45) % 90 - 45) <= _SLANT_DEGREES for word in words])
    rows = page_ink.text_rows(proof, _small(boxes[visible & ~hidden & upright], factor))
    return PageText(
        width=view.width,
        height=view.height,
        lines=_lines(lines, _on_page(boxes, view), visible, hidden),
        unexplained=tuple(_on_page(rows / factor, view)),
        images=images,
        rotation=_rotation(compress(words, visible), page),
    )


def _view(page: pdfium.PdfPage) -> _View:
    width, height = page.get_size()
    pixels = page_scale(page)
    size = ceil(width * pixels), ceil(height * pixels)
    origin, right, up = (_on_device(page, x, y) for x, y in ((0, 0), (100, 0), (0, 100)))
    to_x, to_y = size[0] / _FINE, size[1] / _FINE
    matrix = Matrix(
        (right[0] - origin[0]) / 100 * to_x,
        (right[1] - origin[1]) / 100 * to_y,
        (up[0] - origin[0]) / 100 * to_x,
        (up[1] - origin[1]) / 100 * to_y,
        origin[0] * to_x,
        origin[1] * to_y,
    )
    return _View(*size, matrix)


def _on_device(page: pdfium.PdfPage, x: float, y: float) -> tuple[int, int]:
    """With the page's boxes and /Rotate applied, as pdfium applies them in rendering."""
    device_x, device_y = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDF_PageToDevice(
        page.raw, 0, 0, _FINE, _FINE, 0, x, y, ctypes.byref(device_x), ctypes.byref(device_y)
    )
    return device_x.value, device_y.value


def _proof(page: pdfium.PdfPage, view: _View) -> tuple[page_ink.Picture, float]:
    """The page in small and grey, and its pixels for one of the view's."""
    bitmap = page.render(scale=page_scale(page, _PROOF_DPI, _PROOF_PIXELS), grayscale=True)
    picture: page_ink.Picture = bitmap.to_numpy().reshape(bitmap.height, bitmap.width)
    return picture, picture.shape[1] / view.width


def _small(boxes: Boxes, factor: float) -> page_ink.Boxes:
    small = boxes * factor
    return np.concatenate([np.floor(small[:, :2]), np.ceil(small[:, 2:])], axis=1).astype(np.int32)


def _on_page(boxes: Boxes, view: _View) -> list[Box]:
    """In whole pixels, cut off at the page's edges."""
    whole = np.concatenate([np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])], axis=1)
    cut = np.clip(whole, 0, np.array([view.width, view.height] * 2))
    return list(starmap(Box, cut.astype(np.int64).tolist()))


def _areas(boxes: Boxes) -> NDArray[np.float64]:
    sides: Boxes = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    return sides[:, 0] * sides[:, 1]


def _overlaps(boxes: Boxes, other: Boxes) -> NDArray[np.float64]:
    """The part of each box that lies in the ``other`` one."""
    shared = np.concatenate(
        [np.maximum(boxes[:, :2], other[:2]), np.minimum(boxes[:, 2:], other[2:])], axis=1
    )
    parts: NDArray[np.float64] = _areas(shared) / np.maximum(_areas(boxes), 1e-9)
    return parts


def _inside(boxes: Boxes, view: _View) -> Flags:
    return _overlaps(boxes, np.array([0.0, 0.0, view.width, view.height])) > _MOSTLY


def _below_pictures(words: Sequence[PdfWord], boxes: Boxes, painting: Painting, pictures: Boxes) -> Flags:
    """Whether a picture is painted over the word later."""
    below = np.zeros(len(words), np.bool_)
    if len(pictures) == 0:
        return below
    latest = len(painting.order_of_texts) + painting.pictures[-1].order
    orders = np.array([painting.order_of_texts.get(word.item, latest) for word in words])
    for picture, place in zip(painting.pictures, pictures, strict=False):
        below |= (orders < picture.order) & (_overlaps(boxes, place) > _MOSTLY)
    return below


def _first_of_doubles(words: Sequence[PdfWord], boxes: Boxes, view: _View) -> Flags:
    """False for a word that is painted once more in the same place."""
    middles = ((boxes[:, :2] + boxes[:, 2:]) / 2).tolist()
    heights = (boxes[:, 2:] - boxes[:, :2]).min(axis=1)  # turned ones' too; words are longer than high
    points = _SAME_PLACE_POINTS * hypot(view.matrix.a, view.matrix.b)
    reaches = np.minimum(np.maximum(heights / 2, points), _SAME_PLACE).tolist()
    known: defaultdict[str, deque[tuple[float, float]]] = defaultdict(partial(deque, maxlen=_MOST_DOUBLES))
    firsts = []
    for word, (x, y), reach in zip(words, middles, reaches, strict=True):
        places = known[word.text]
        firsts.append(not any(abs(x - i) < reach and abs(y - j) < reach for i, j in places))
        places.append((x, y))
    return np.array(firsts)


def _lines(
    lines: Sequence[Sequence[PdfWord]], boxes: Sequence[Box], visible: Flags, hidden: Flags
) -> tuple[tuple[LayerWord, ...], ...]:
    about = zip(boxes, visible.tolist(), hidden.tolist(), strict=True)
    found = []
    for line in lines:
        placed = [(word, *next(about)) for word in line]
        kept = tuple(
            LayerWord(word.text, box, word.font, word.mapped, is_hidden)
            for word, box, is_visible, is_hidden in placed
            if is_visible and word.text
        )
        if kept:
            found.append(kept)
    return tuple(found)


def _rotation(words: Iterable[PdfWord], page: pdfium.PdfPage) -> int:
    """The clockwise turn that makes most letters upright: the reverse of theirs and the page's.

    0 without words.
    """
    turns: Counter[int] = Counter()
    for word in words:
        turns[round(word.turn / 90) * 90 % 360] += len(word.text)
    if not turns:
        return 0
    page_turn: int = page.get_rotation()
    return -(turns.most_common(1)[0][0] + page_turn) % 360
