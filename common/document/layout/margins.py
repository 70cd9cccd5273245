"""Running headers and footers: told by where they stand, how small they are and what they say."""

# ruff: noqa: RUF001 - the letters of other scripts look like ours

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from common.document.layout.pieces import Piece
from common.document.layout.rows import Row, rows

_STRIP: Final = 0.12  # of the page's height, at the top and at the bottom
_MOST_ROWS: Final = 2
_FEWEST_BODY_ROWS: Final = 6
_LARGEST: Final = 1.1  # of the body's font size
_SMALL: Final = 0.9
_APART: Final = 1.4  # times the usual gap between lines
_FAR_APART_EMS: Final = 1.5
_LONGEST: Final = 90

_NUMBER: Final = r"(?:\d{1,4}|[ivxlc]{1,7}|[IVXLC]{1,7}|[〇一二三四五六七八九十百]{1,5})"
_FENCE: Final = r"[\s\-–—~·•*.\[\](){}|<>=_]*"
_PAGE_WORD: Final = (
    r"(?:page|pag|pág|pagina|página|seite|s|p|pg|side|sida|sayfa|strona|str|стр|страница|с|"
    r"halaman|trang|oldal|strana|σελ|σελίδα|עמוד|صفحة|ص|पृष्ठ|หน้า|第)"
)
_OF: Final = r"(?:\s*(?:/|of|von|de|di|sur|av|из|z|van|מתוך|من|共)\s*" + _NUMBER + r")?"
_PAGE_NUMBER: Final = re.compile(
    rf"{_FENCE}(?:{_PAGE_WORD}\.?\s*)?{_NUMBER}{_OF}(?:\s*[页頁쪽ページ]+)?{_FENCE}", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Margins:
    """A page's rows of running heads and feet, and everything between."""

    header: list[Row]
    body: list[Piece]
    footer: list[Row]


def margins(pieces: Sequence[Piece], page_height: float, body_em: float) -> Margins:
    """``page_height`` is that of the view; ``body_em`` the font size of most text."""
    found = rows(piece for piece in pieces if piece.whole is None)
    if len(found) < _FEWEST_BODY_ROWS + 1:
        return Margins([], list(pieces), [])
    usual = median(max(0, lower.box.y0 - upper.box.y1) for upper, lower in pairwise(found))
    header = _outer(found, page_height * _STRIP, usual, body_em)
    mirrored = found[::-1]
    footer = _outer(mirrored, page_height * (1 - _STRIP), usual, body_em)[::-1]
    taken = {id(piece) for row in (*header, *footer) for piece in row.pieces}
    return Margins(header, [piece for piece in pieces if id(piece) not in taken], footer)


def is_page_number(text: str) -> bool:
    """A number alone, or said to be a page's: "- 12 -", "Page 3 of 9", "xiv", "第 3 页", "١٢"."""
    plain = "".join(_western(mark) for mark in text)
    return _PAGE_NUMBER.fullmatch(plain.strip()) is not None


def _outer(found: Sequence[Row], limit: float, usual: float, body_em: float) -> list[Row]:
    """The outermost rows that are furniture; ``found`` begins at the edge, ``limit`` ends its strip."""
    for count in range(min(_MOST_ROWS, len(found) - _FEWEST_BODY_ROWS), 0, -1):
        outer, inner = found[:count], found[count]
        at_top = outer[0].box.y0 <= inner.box.y0
        edge = outer[-1]
        inside = edge.box.y1 <= limit if at_top else edge.box.y0 >= limit
        gap = inner.box.y0 - edge.box.y1 if at_top else edge.box.y0 - inner.box.y1
        if inside and all(_is_furniture(row, gap, usual, body_em) for row in outer):
            return list(outer)
    return []


def _is_furniture(row: Row, gap: float, usual: float, body_em: float) -> bool:
    if row.em > _LARGEST * body_em or len(row.text) > _LONGEST:
        return False
    if is_page_number(row.text):
        return gap >= usual
    if gap < max(_APART * usual, 0.5 * body_em):
        return False
    if _has_page_number(row):
        return True
    return row.em <= _SMALL * body_em and gap >= _FAR_APART_EMS * body_em and not row.text[0].isdigit()


def _has_page_number(row: Row) -> bool:
    """Beside a running title: set apart from it, or with a title in capitals."""
    if len(row.pieces) > 1 and any(is_page_number(row.pieces[end].text) for end in (0, -1)):
        return True
    words = row.text.split()
    if len(words) < 2:
        return False
    for number, title in ((words[0], words[1:]), (words[-1], words[:-1])):
        if number.strip(".,-—[]()").isdigit() and "".join(title).isupper():
            return True
    return False


def _western(mark: str) -> str:
    """A digit of any script as one of ours."""
    if mark.isascii():
        return mark
    value = unicodedata.decimal(mark, None)
    return mark if value is None else str(value)
