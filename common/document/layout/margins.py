"""Running headers and footers: told by where they stand, how small they are and what they say."""

# ruff: noqa: RUF001 - the letters of other scripts look like ours

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from common.document.layout.pieces import Piece, is_prose
from common.document.layout.rows import Row, rows

_STRIP: Final = 0.12  # of the page's height, at the top and at the bottom
_NUMBER_STRIP: Final = 0.2
_MOST_ROWS: Final = 4
_FEWEST_BODY_ROWS: Final = 6
_LARGEST: Final = 1.1  # of the body's font size
_SMALL: Final = 0.9
_APART: Final = 1.4  # times the usual gap between lines
_APART_EMS: Final = 0.4
_FAR_APART_EMS: Final = 1.5
_LONGEST: Final = 90
# Of a page that was not cropped: text of the usual size so far out stands in the margin.
_MARGIN: Final = 0.04  # of the page's height, beside the text
_MARGIN_STRIP: Final = 0.065
_OUT_OF_BODY_EMS: Final = 2.0
_LONGEST_TITLE: Final = 60
_SENTENCE_ENDS: Final = frozenset(".,:;!?…。，：；！？،؛")
_NOTE: Final = re.compile(r"[*†‡§¹²³]|\(?\s?\d")

_NUMBER: Final = (
    r"(?:\d{1,4}|[A-Z]{1,3}-\d{1,3}|[A-Z]\d{1,3}|[ivxlc]{1,7}|[IVXLC]{1,7}|[〇一二三四五六七八九十百]{1,5})"
)
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


@dataclass(frozen=True, slots=True)
class _Body:
    """What furniture is compared with: the page's height and its usual text."""

    height: float
    em: float
    usual_gap: float
    is_prose: bool
    has_margins: bool


@dataclass(frozen=True, slots=True)
class _Edge:
    """The page's rows as seen from its upper or lower edge."""

    rows: Sequence[Row]
    at_top: bool

    def depth(self, row: Row, page_height: float) -> float:
        """How far the row reaches into the page, as a share of its height."""
        return (row.box.y1 if self.at_top else page_height - row.box.y0) / page_height

    def gap(self, outer: Row, inner: Row) -> float:
        return inner.box.y0 - outer.box.y1 if self.at_top else outer.box.y0 - inner.box.y1


def margins(pieces: Sequence[Piece], page_height: float, body_em: float) -> Margins:
    """``page_height`` is that of the view; ``body_em`` the font size of most text."""
    found = rows(piece for piece in pieces if piece.whole is None)
    if len(found) < _FEWEST_BODY_ROWS + 1:
        return Margins([], list(pieces), [])
    gaps = (lower.box.y0 - upper.box.y1 for upper, lower in pairwise(found))
    body = _Body(
        page_height,
        body_em,
        median(max(0, gap) for gap in gaps),
        is_prose(pieces),
        min(row.box.x0 for row in found) >= _MARGIN * page_height,
    )
    header = _outer(_Edge(found, True), body)
    footer = _outer(_Edge(found[::-1], False), body)[::-1]
    taken = {id(piece) for row in (*header, *footer) for piece in row.pieces}
    return Margins(header, [piece for piece in pieces if id(piece) not in taken], footer)


def is_page_number(text: str) -> bool:
    """A number alone, or said to be a page's: "- 12 -", "Page 3 of 9", "xiv", "第 3 页", "١٢"."""
    plain = "".join(_western(mark) for mark in text)
    return _PAGE_NUMBER.fullmatch(plain.strip()) is not None


def _outer(edge: _Edge, body: _Body) -> list[Row]:
    """The outermost rows that are furniture, from the edge inwards."""
    for count in range(min(_MOST_ROWS, len(edge.rows) - _FEWEST_BODY_ROWS), 0, -1):
        outer, inner = edge.rows[:count], edge.rows[count]
        depth, gap = edge.depth(outer[-1], body.height), edge.gap(outer[-1], inner)
        if count > 1 and not any(map(_has_page_number, outer)):
            continue
        goes_on = count == 1 and edge.at_top and inner.text[:1].islower()
        notes = any(_NOTE.match(row.text) for row in outer[1:])
        if not notes and all(_is_furniture(row, depth, gap, goes_on, body) for row in outer):
            return list(outer)
    first, second = edge.rows[:2]
    alone = _is_alone(first, edge.depth(first, body.height), edge.gap(first, second), body)
    return [first] if alone else []


def _is_alone(row: Row, depth: float, gap: float, body: _Body) -> bool:
    """A page number and nothing else, further in than other furniture may be."""
    strip = _NUMBER_STRIP if body.is_prose else _STRIP
    return (
        is_page_number(row.text)
        and depth <= strip
        and row.em <= _LARGEST * body.em
        and gap >= (body.em if depth > _STRIP else body.usual_gap)
    )


def _is_furniture(row: Row, depth: float, gap: float, goes_on: bool, body: _Body) -> bool:
    """``goes_on``: what follows begins in the middle of a sentence."""
    if not body.is_prose or depth > _STRIP or row.em > _LARGEST * body.em or len(row.text) > _LONGEST:
        return False
    if gap < max(_APART * body.usual_gap, _APART_EMS * body.em):
        return False
    if _has_page_number(row):
        return True
    if goes_on and gap >= body.em:
        return True
    is_note = _NOTE.match(row.text) is not None
    if body.has_margins and depth <= _MARGIN_STRIP and gap >= _OUT_OF_BODY_EMS * body.em and not is_note:
        return _may_be_title(row.text)
    return row.em <= _SMALL * body.em and gap >= _FAR_APART_EMS * body.em and not is_note


def _may_be_title(text: str) -> bool:
    """Not a part of a sentence, nor a word that tells how the next page begins."""
    return len(text) <= _LONGEST_TITLE and text[-1:] not in _SENTENCE_ENDS and not text[:1].islower()


def _has_page_number(row: Row) -> bool:
    """Alone, or beside a running title: set apart from it, or with a title in capitals.

    A number with a full stop or bracket at the left is that of a note.
    """
    if is_page_number(row.text):
        return True
    words = row.text.split()
    if len(row.pieces) > 1:
        left, right = row.pieces[0].text, row.pieces[-1].text
        if is_page_number(right) or (is_page_number(left) and not set(left) & set(".)(")):
            return True
    if len(words) < 2:
        return False
    first, last = words[0].strip("-—[]"), words[-1].strip(".,-—[]()")
    return (first.isdigit() and "".join(words[1:]).isupper()) or (
        last.isdigit() and "".join(words[:-1]).isupper()
    )


def _western(mark: str) -> str:
    """A digit of any script as one of ours."""
    if mark.isascii():
        return mark
    value = unicodedata.decimal(mark, None)
    return mark if value is None else str(value)
