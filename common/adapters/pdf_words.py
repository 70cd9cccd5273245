"""The words of a PDF page as pdfium finds them, read in bulk: a few calls a word.

Boxes are in points, as the page's content places them. For child processes only.
"""

import ctypes
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from common.adapters.pdf_glyphs import (
    GlyphReader,
    GlyphWord,
    has_right_to_left,
    lines_as_seen,
    non_joiners,
    words_of,
)
from common.document.direction import is_right_to_left

# What pdfium makes of a hyphen that ends a line; it leaves out the line break itself.
_LINE_HYPHEN: Final = "\ufffe"
_TOKEN: Final = re.compile(rf"[^\s{_LINE_HYPHEN}]*{_LINE_HYPHEN}|[^\s{_LINE_HYPHEN}]+|[\r\n]+")
_LINE: Final = re.compile(rf"[^\r\n{_LINE_HYPHEN}]+{_LINE_HYPHEN}?|{_LINE_HYPHEN}")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_PRESENTATION_FORM: Final = re.compile("[\ufb00-\ufdff\ufe70-\ufefc]+")  # ligatures, Latin to Arabic
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_UNPAINTED_MODES: Final = (pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP)


class Rectangle(NamedTuple):
    """In points, y upwards."""

    left: float
    bottom: float
    right: float
    top: float


class PdfWord(NamedTuple):
    """``item`` is the address of the page object that it is part of, 0 where pdfium made it up.

    ``painted`` is false of invisible text, ``mapped`` where the file does not say which characters its
    glyphs are. ``turn`` is the clockwise turn of the baseline in degrees, the page's own not counted.
    """

    text: str
    place: Rectangle
    font: int
    item: int
    mapped: bool
    painted: bool
    turn: float


def read_lines(page: pdfium.PdfPage) -> list[list[PdfWord]]:
    """Lines of words in the order of the content. Raises pdfium.PdfiumError."""
    text_page = page.get_textpage()
    try:
        return list(_TextPage(text_page, page).lines())
    finally:
        text_page.close()


def plain(text: str) -> str:
    """``text`` without what is not seen, ligatures and presentation forms as letters, composed (NFC)."""
    if text.isascii() and text.isprintable():
        return text
    text = _PRESENTATION_FORM.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


@dataclass(frozen=True, slots=True)
class _Item:
    """What the words of one text object share."""

    address: int
    font: int
    painted: bool
    turn: float


_NO_ITEM: Final = _Item(0, 0, painted=False, turn=0.0)


class _TextPage:
    """A text page of pdfium, whose characters are UTF-16 units."""

    def __init__(self, text_page: pdfium.PdfTextPage, page: pdfium.PdfPage) -> None:
        self._pdf_page = page
        self._page = text_page.raw
        self._is_unmapped = partial(pdfium_c.FPDFText_HasUnicodeMapError, self._page)
        self._items: dict[int, _Item] = {}
        self._edges = [ctypes.c_double() for _ in range(4)]
        self._edge_pointers = [ctypes.byref(edge) for edge in self._edges]
        self._colour = [ctypes.c_uint() for _ in range(4)]
        self._colour_pointers = [ctypes.byref(part) for part in self._colour]

    def lines(self) -> Iterator[list[PdfWord]]:
        units = self._units()
        if has_right_to_left(units):
            return self._lines_as_seen(units)
        return self._lines_as_given(units, 0, len(units))

    def _lines_as_seen(self, units: str) -> Iterator[list[PdfWord]]:
        """Lines with right-to-left letters by where these stand, others as they are given."""
        glyphs = GlyphReader(self._page)
        lines = (glyphs.line(units, *line.span()) for line in _LINE.finditer(units))
        joints = non_joiners(self._pdf_page)
        from_the_right = is_right_to_left([units])
        for group in lines_as_seen(line for line in lines if line):
            if from_the_right or any(has_right_to_left(glyph.text) for line in group for glyph in line):
                for words in words_of(group, joints, page_is_right_to_left=from_the_right):
                    yield [self._glyph_word(word) for word in words]
            else:
                indexes = [index for line in group for glyph in line for index in glyph.indexes]
                yield from self._lines_as_given(units, min(indexes, default=0), max(indexes, default=-1) + 1)

    def _glyph_word(self, word: GlyphWord) -> PdfWord:
        item = self._item(min(word.indexes))
        return PdfWord(
            text=_characters(word.text.replace(_LINE_HYPHEN, "-")),
            place=Rectangle(*word.place),
            font=item.font,
            item=item.address,
            mapped=not any(map(self._is_unmapped, word.indexes)),
            painted=item.painted,
            turn=item.turn,
        )

    def _lines_as_given(self, units: str, start: int, end: int) -> Iterator[list[PdfWord]]:
        line: list[PdfWord] = []
        for token in _TOKEN.finditer(units, start, end):
            text = token.group()
            if text[0] not in "\r\n":
                line.append(self._word(text, token.start()))
            if line and text[-1] in ("\n", "\r", _LINE_HYPHEN):
                yield line
                line = []
        if line:
            yield line

    def _units(self) -> str:
        """A string of UTF-16 units, so that its indexes are pdfium's."""
        count: int = pdfium_c.FPDFText_CountChars(self._page)
        if count <= 0:
            return ""
        buffer = (ctypes.c_ushort * (count + 1))()
        if pdfium_c.FPDFText_GetText(self._page, 0, count, buffer) == count + 1:
            return "".join(map(chr, buffer[:count]))
        # Characters that are not mapped may be missing from the text: ask for each.
        return "".join(
            chr(pdfium_c.FPDFText_GetUnicode(self._page, index) & 0xFFFF) for index in range(count)
        )

    def _word(self, units: str, start: int) -> PdfWord:
        item = self._item(start)
        return PdfWord(
            text=_characters(units.replace(_LINE_HYPHEN, "-")),
            place=self._place(start, len(units)),
            font=item.font,
            item=item.address,
            mapped=not any(map(self._is_unmapped, range(start, start + len(units)))),
            painted=item.painted,
            turn=item.turn,
        )

    def _item(self, index: int) -> "_Item":
        pointer = pdfium_c.FPDFText_GetTextObject(self._page, index)
        if not pointer:
            return _NO_ITEM
        address = ctypes.addressof(pointer.contents)
        if address not in self._items:
            font = pdfium_c.FPDFTextObj_GetFont(pointer)
            self._items[address] = _Item(
                address=address,
                font=ctypes.addressof(font.contents) if font else 0,
                painted=self._is_painted(pointer, index),
                turn=math.degrees(pdfium_c.FPDFText_GetCharAngle(self._page, index)),
            )
        return self._items[address]

    def _place(self, start: int, length: int) -> Rectangle:
        count = pdfium_c.FPDFText_CountRects(self._page, start, length)
        place = _around([self._part(index) for index in range(count)])
        if place.right > place.left and place.top > place.bottom:
            return place
        return _around([self._loose_box(index) for index in range(start, start + length)])

    def _part(self, index: int) -> Rectangle:
        pdfium_c.FPDFText_GetRect(self._page, index, *self._edge_pointers)
        left, top, right, bottom = self._edges
        return Rectangle(left.value, bottom.value, right.value, top.value)

    def _loose_box(self, index: int) -> Rectangle:
        """As high as the font is said to be: for glyphs that have no box of their own."""
        box = pdfium_c.FS_RECTF()
        pdfium_c.FPDFText_GetLooseCharBox(self._page, index, ctypes.byref(box))
        return Rectangle(box.left, box.bottom, box.right, box.top)

    def _is_painted(self, item: Any, index: int) -> bool:
        if pdfium_c.FPDFTextObj_GetTextRenderMode(item) in _UNPAINTED_MODES:
            return False
        known = pdfium_c.FPDFText_GetFillColor(self._page, index, *self._colour_pointers)
        return not known or self._colour[3].value > 0


def _characters(units: str) -> str:
    if _SURROGATE.search(units):
        units = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return plain(units)


def _around(parts: Sequence[Rectangle]) -> Rectangle:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Rectangle(0, 0, 0, 0)
    return Rectangle(
        min(part.left for part in parts),
        min(part.bottom for part in parts),
        max(part.right for part in parts),
        max(part.top for part in parts),
    )
