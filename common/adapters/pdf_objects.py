"""What a PDF page paints, in the order of painting: where its pictures are and what comes before them."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from common.adapters.pdf_words import Rectangle

_DEEPEST: Final = 8  # forms within forms
_MOST_OBJECTS: Final = 50_000


class Matrix(NamedTuple):
    """As PDF writes it: x' = a·x + c·y + e, y' = b·x + d·y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def then(self, outer: "Matrix") -> "Matrix":
        a, b, c, d, e, f = self
        return Matrix(
            a * outer.a + b * outer.c,
            a * outer.b + b * outer.d,
            c * outer.a + d * outer.c,
            c * outer.b + d * outer.d,
            e * outer.a + f * outer.c + outer.e,
            e * outer.b + f * outer.d + outer.f,
        )

    def placed(self, box: Rectangle) -> Rectangle:
        """The upright box around ``box`` after the mapping."""
        corners = [(x, y) for x in (box.left, box.right) for y in (box.bottom, box.top)]
        xs = [self.a * x + self.c * y + self.e for x, y in corners]
        ys = [self.b * x + self.d * y + self.f for x, y in corners]
        return Rectangle(min(xs), min(ys), max(xs), max(ys))


@dataclass(frozen=True, slots=True)
class Picture:
    """``order`` counts all objects of the page as they are painted, from 0."""

    place: Rectangle
    order: int


@dataclass(frozen=True, slots=True)
class Painting:
    """``order_of_texts`` is by the address of the text object."""

    pictures: tuple[Picture, ...]
    order_of_texts: dict[int, int]


def read_painting(page: pdfium.PdfPage) -> Painting:
    """Of the page and the forms that it draws; of a page of very many objects, the first of them."""
    pictures: list[Picture] = []
    texts: dict[int, int] = {}
    for order, (item, kind, matrix) in enumerate(islice(_objects(page), _MOST_OBJECTS)):
        if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            texts[ctypes.addressof(item.contents)] = order
        elif kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            pictures.append(Picture(matrix.placed(_bounds(item)), order))
    return Painting(tuple(pictures), texts)


def _objects(page: pdfium.PdfPage) -> Iterator[tuple[Any, int, Matrix]]:
    for index in range(pdfium_c.FPDFPage_CountObjects(page.raw)):
        yield from _with_parts(pdfium_c.FPDFPage_GetObject(page.raw, index), Matrix(), 0)


def _with_parts(item: Any, outer: Matrix, depth: int) -> Iterator[tuple[Any, int, Matrix]]:
    """The item, and of a form what is in it."""
    kind = pdfium_c.FPDFPageObj_GetType(item)
    yield item, kind, outer
    if kind == pdfium_c.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        matrix = _matrix(item).then(outer)
        for index in range(pdfium_c.FPDFFormObj_CountObjects(item)):
            yield from _with_parts(pdfium_c.FPDFFormObj_GetObject(item, index), matrix, depth + 1)


def _matrix(form: Any) -> Matrix:
    matrix = pdfium_c.FS_MATRIX()
    if not pdfium_c.FPDFPageObj_GetMatrix(form, ctypes.byref(matrix)):
        return Matrix()
    return Matrix(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _bounds(item: Any) -> Rectangle:
    edges = [ctypes.c_float() for _ in range(4)]
    if not pdfium_c.FPDFPageObj_GetBounds(item, *map(ctypes.byref, edges)):
        return Rectangle(0, 0, 0, 0)
    left, bottom, right, top = (edge.value for edge in edges)
    return Rectangle(left, bottom, right, top)
