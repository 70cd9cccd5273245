"""The characters of a PDF page where each stands, and lines of them in the order of writing.

Producers keep right-to-left text in pieces: words and their stops in objects of their own, the letters
from left to right or as they were written. pdfium turns what it takes for such a run, piece by piece, so
what it gives as the order of a line depends on the pieces. Where the letters stand does not.
"""

import ctypes
import math
import re
import unicodedata
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import Any, Final, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from common.document.direction import is_right_to_left
from common.document.visual_order import with_brackets_turned, written_order

_BLANK_EMS: Final = 0.14  # narrower gaps are kerning
_COLUMN_GAP_EMS: Final = 2.0  # wider ones part columns, or cells
_DEPTH: Final = 0.3  # of an em: below and above the baseline
_HEIGHT: Final = 0.85
_NO_WIDTH_EMS: Final = 0.01
_STROKE_EMS: Final = 0.15
_SAME_PLACE_EMS: Final = 0.1  # as far as a letter's double is off, where bold type is faked
_NEAR: Final = 8  # letters before and after a mark, by where they begin: bold type is faked with up to four
_LEVEL: Final = 0.5  # of the height of the lower one
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
    "|[\ud802\ud803\ud83a\ud83b]"  # the first halves of the last two
)
_SHARE_ON_A_PAGE_FROM_THE_RIGHT: Final = 0.3  # of a line's letters
_STOPS: Final = frozenset(".,;:!?\u060c\u061b\u061f\u06d4")
_SIGNS: Final = frozenset("+-\u2212")
_BULLETS: Final = frozenset("\u2022\u2023\u25e6\u25aa\u25cf\u25cb\u25a0\u25a1")
_ALEFS: Final = frozenset("\u0622\u0623\u0625\u0627\u0671")
_LAM: Final = "\u0644"
_WORD_JOINER: Final = "\u2060"
_NON_JOINER: Final = "\u200c"
_MOST_OBJECTS: Final = 50_000


Edges = tuple[float, float, float, float]
Point = tuple[float, float]


class Glyph(NamedTuple):
    """What takes one place: a character with its marks, or those of a ligature.

    ``indexes`` are pdfium's. ``left`` to ``right`` is the advance along the line, ``bottom`` to ``top`` the
    font's height across it, in points as seen with the line upright; ``em`` is the font size. ``turn`` is
    the line's, in clockwise quarters.
    """

    text: str
    indexes: tuple[int, ...]
    left: float
    right: float
    bottom: float
    top: float
    em: float
    turn: int

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @property
    def is_blank(self) -> bool:
        return self.text.isspace()

    @property
    def is_mark(self) -> bool:
        return unicodedata.category(self.text[0]) == "Mn"


class GlyphWord(NamedTuple):
    """``text`` is in the order of writing, not yet composed; ``indexes`` are pdfium's.

    ``place`` is the left, bottom, right and top edge in points.
    """

    text: str
    indexes: tuple[int, ...]
    place: Edges


Line = list[Glyph]


def has_right_to_left(units: str) -> bool:
    """Whether there are letters of a script that runs from right to left; ``units`` may be of UTF-16."""
    return _RIGHT_TO_LEFT.search(units) is not None


def lines_as_seen(lines: Iterable[Line]) -> list[list[Line]]:
    """Pieces of lines, in groups that stand level: those with right-to-left letters, with what is beside.

    ``lines`` are in content order, and so are the groups; a group of one line may be as it was.
    """
    groups: list[list[Line]] = []
    for line in lines:
        for part in _levels(line):
            last = groups[-1] if groups else None
            if last and _are_beside(last[-1], part) and _has_letters(*last, part):
                last.append(part)
            else:
                groups.append([part])
    return groups


def words_of(
    group: Sequence[Line], non_joiners: Iterable[Point], *, page_is_right_to_left: bool
) -> Iterator[list[GlyphWord]]:
    """The words of a group of pieces, a line for each stretch without a wide gap."""
    glyphs = _with_marks(list(chain.from_iterable(group)))
    glyphs += _within(glyphs, non_joiners)
    stretches = list(_stretches(_once(sorted(glyphs, key=lambda glyph: glyph.middle))))
    if page_is_right_to_left:
        stretches.reverse()
    for stretch in stretches:
        words = [word for word in _words(stretch, page_is_right_to_left) if word.indexes]
        if words:
            yield words


def _within(glyphs: Sequence[Glyph], non_joiners: Iterable[Point]) -> Iterator[Glyph]:
    left = min((glyph.left for glyph in glyphs), default=0.0)
    right = max((glyph.right for glyph in glyphs), default=0.0)
    bottom = min((glyph.bottom for glyph in glyphs), default=0.0)
    top = max((glyph.top for glyph in glyphs), default=0.0)
    for x, y in non_joiners:
        if left < x < right and bottom < y < top:
            yield glyphs[0]._replace(text=_NON_JOINER, indexes=(), left=x, right=x)


def _has_letters(*lines: Line) -> bool:
    return any(has_right_to_left(glyph.text) for line in lines for glyph in line)


def _levels(line: Line) -> Iterator[Line]:
    """The line, cut where it jumps up or down."""
    part: Line = []
    for glyph in line:
        if part and not _is_level(part[-1], glyph):
            yield part
            part = []
        part.append(glyph)
    if part:
        yield part


def _is_level(one: Glyph, other: Glyph) -> bool:
    """Lines that are turned otherwise have other axes: their edges do not compare."""
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return one.turn == other.turn and shared >= _LEVEL * min(one.top - one.bottom, other.top - other.bottom)


def _are_beside(one: Line, other: Line) -> bool:
    return _is_level(one[-1], other[0]) and _is_level(one[0], other[-1])


def _with_marks(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Each mark put to the letter that it stands over or under."""
    bases = [glyph for glyph in glyphs if not glyph.is_mark]
    letters = [index for index, glyph in enumerate(bases) if glyph.indexes and not glyph.is_blank]
    letters.sort(key=lambda index: bases[index].left)
    starts = [bases[index].left for index in letters]
    for mark in glyphs:
        if mark.is_mark and letters:
            following = bisect(starts, mark.middle)
            near = letters[max(0, following - _NEAR) : following + _NEAR]
            at = min(near, key=lambda index: (_distance(bases[index], mark), _steps(bases[index], mark)))
            base = bases[at]
            bases[at] = base._replace(text=base.text + mark.text, indexes=base.indexes + mark.indexes)
    return bases


def _distance(base: Glyph, mark: Glyph) -> float:
    return max(base.left - mark.middle, mark.middle - base.right, 0.0)


def _steps(base: Glyph, mark: Glyph) -> int:
    return abs(base.indexes[0] - mark.indexes[0])


def _once(glyphs: Iterable[Glyph]) -> Iterator[Glyph]:
    """Without the doubles of faked bold type."""
    last: Glyph | None = None
    for glyph in glyphs:
        if last and last.text == glyph.text and glyph.middle - last.middle < _SAME_PLACE_EMS * glyph.em:
            continue
        yield glyph
        last = glyph


def _stretches(glyphs: Iterable[Glyph]) -> Iterator[Line]:
    stretch: Line = []
    last: Glyph | None = None
    for glyph in glyphs:
        if last and not glyph.is_blank and glyph.left - last.right > _COLUMN_GAP_EMS * glyph.em:
            yield stretch
            stretch = []
        stretch.append(glyph)
        last = last if glyph.is_blank else glyph
    if stretch:
        yield stretch


def _words(stretch: Line, page_is_right_to_left: bool) -> list[GlyphWord]:
    spaced = list(_spaced(stretch))
    if not spaced:
        return []
    order = written_order(
        [glyph.text if glyph else " " for glyph in spaced],
        right_to_left=_begins_right(spaced, page_is_right_to_left),
    )
    written = [spaced[index] for index in order]
    texts = with_brackets_turned([_letters(glyph) if glyph else " " for glyph in written])
    pairs = zip(written, texts, strict=True)
    words = (list(word) for is_word, word in groupby(pairs, key=lambda pair: pair[0] is not None) if is_word)
    return [_word([glyph for glyph, _ in word if glyph], "".join(text for _, text in word)) for word in words]


def _word(glyphs: Sequence[Glyph], text: str) -> GlyphWord:
    edges = (
        min(glyph.left for glyph in glyphs),
        min(glyph.bottom for glyph in glyphs),
        max(glyph.right for glyph in glyphs),
        max(glyph.top for glyph in glyphs),
    )
    indexes = tuple(index for glyph in glyphs for index in glyph.indexes)
    return GlyphWord(text, indexes, _turned(edges, glyphs[0].turn))


def _spaced(stretch: Line) -> Iterator[Glyph | None]:
    """The stretch without its blanks, None for each gap between words."""
    last: Glyph | None = None
    blank = False
    for glyph in stretch:
        if glyph.is_blank:
            blank = True
            continue
        alone = last is not None and (last.text in _BULLETS or glyph.text in _BULLETS)
        if last and (blank or alone or glyph.left - last.right > _BLANK_EMS * glyph.em):
            yield None
        yield glyph
        last, blank = glyph, False


def _begins_right(spaced: Sequence[Glyph | None], page_is_right_to_left: bool) -> bool:
    """On which side the line begins: a stop is at its end, else most letters tell, else the page."""
    seen = [glyph.text for glyph in spaced if glyph]
    first, last = seen[0], seen[-1]
    letters = [text for text in seen if text[0].isalpha()]
    if (first in _STOPS) != (last in _STOPS):
        return first in _STOPS and (page_is_right_to_left or has_right_to_left("".join(letters)))
    if not letters:
        return page_is_right_to_left and first not in _SIGNS
    if page_is_right_to_left:
        share = sum(map(has_right_to_left, letters)) / len(letters)
        return share >= _SHARE_ON_A_PAGE_FROM_THE_RIGHT
    return is_right_to_left(letters)


def _letters(glyph: Glyph) -> str:
    """A ligature of Lam and Alef may come from the file as it is seen."""
    text = glyph.text
    return text[::-1] if len(text) == 2 and text[0] in _ALEFS and text[1] == _LAM else text


class GlyphReader:
    """Reads a text page of pdfium, glyph by glyph."""

    def __init__(self, text_page: Any) -> None:
        self._page = text_page
        self._edges = [ctypes.c_double() for _ in range(4)]
        self._edge_pointers = [ctypes.byref(edge) for edge in self._edges]
        self._box = pdfium_c.FS_RECTF()
        self._matrix = pdfium_c.FS_MATRIX()

    def line(self, units: str, start: int, end: int) -> Line:
        """What is drawn of these characters: what pdfium made up has no object."""
        found: Line = []
        for index in range(start, end):
            if units[index] in "\r\n" or not pdfium_c.FPDFText_GetTextObject(self._page, index):
                continue
            glyph = self._glyph(units[index], index)
            if self._is_stroke(glyph):
                glyph = glyph._replace(text=_WORD_JOINER, indexes=())
            elif glyph.is_blank and glyph.right - glyph.left < _NO_WIDTH_EMS * glyph.em:
                continue
            if found and _is_part_of(found[-1], glyph):
                last = found[-1]
                text = glyph.text + last.text if last.is_mark else _whole(last.text + glyph.text)
                found[-1] = last._replace(text=text, indexes=(*last.indexes, index))
            else:
                found.append(glyph)
        return found

    def _is_stroke(self, glyph: Glyph) -> bool:
        """Whether it is what lengthens a word in justified lines, for which files have no character."""
        if unicodedata.category(glyph.text) != "Cc":
            return False
        left, bottom, right, top = self._ink(glyph.indexes[0])
        return _NO_WIDTH_EMS * glyph.em < min(right - left, top - bottom) < _STROKE_EMS * glyph.em

    def _ink(self, index: int) -> tuple[float, float, float, float]:
        pdfium_c.FPDFText_GetCharBox(self._page, index, *self._edge_pointers)
        left, right, bottom, top = (edge.value for edge in self._edges)
        return left, bottom, right, top

    def _glyph(self, text: str, index: int) -> Glyph:
        """Its box is as high as the usual font's, not as the file's fonts say, of which many are wrong."""
        pdfium_c.FPDFText_GetMatrix(self._page, index, ctypes.byref(self._matrix))
        matrix = self._matrix
        is_mirrored = matrix.a * matrix.d < matrix.b * matrix.c
        turn = 0 if is_mirrored else round(math.degrees(math.atan2(-matrix.b, matrix.a)) / 90) % 4
        size = pdfium_c.FPDFText_GetFontSize(self._page, index) * math.hypot(matrix.c, matrix.d)
        em = max(abs(size), 1.0)
        pdfium_c.FPDFText_GetLooseCharBox(self._page, index, ctypes.byref(self._box))
        box = self._box
        left, _, right, _ = _turned((box.left, box.bottom, box.right, box.top), -turn)
        if right - left < _NO_WIDTH_EMS * em or unicodedata.category(text) == "Mn":
            left, _, right, _ = _turned(self._ink(index), -turn)
        pdfium_c.FPDFText_GetCharOrigin(self._page, index, *self._edge_pointers[:2])
        x, y = self._edges[0].value, self._edges[1].value
        base = _turned((x, y, x, y), -turn)[1]
        return Glyph(text, (index,), left, right, base - _DEPTH * em, base + _HEIGHT * em, em, turn)


def non_joiners(page: pdfium.PdfPage) -> list[Point]:
    """Where the page has blanks that are said to stand for a non-joiner, as Persian has within words."""
    count = min(pdfium_c.FPDFPage_CountObjects(page.raw), _MOST_OBJECTS)
    items = (pdfium_c.FPDFPage_GetObject(page.raw, index) for index in range(count))
    matrix = pdfium_c.FS_MATRIX()
    found = []
    for item in items:
        if _says_non_joiner(item) and pdfium_c.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix)):
            found.append((matrix.e, matrix.f))
    return found


def _says_non_joiner(item: Any) -> bool:
    """By the item's mark ActualText, which pdfium gives as text or byte by byte."""
    units = (ctypes.c_ushort * 4)()
    length = ctypes.c_ulong()
    for index in range(max(0, pdfium_c.FPDFPageObj_CountMarks(item))):
        mark = pdfium_c.FPDFPageObj_GetMark(item, index)
        known = pdfium_c.FPDFPageObjMark_GetParamStringValue(
            mark, b"ActualText", units, ctypes.sizeof(units), ctypes.byref(length)
        )
        if known and "".join(map(chr, units[: length.value // 2])).rstrip("\0") in (_NON_JOINER, " \x0c"):
            return True
    return False


def _turned(edges: Edges, turn: int) -> Edges:
    """The rectangle after ``turn`` clockwise quarters around the origin, y upwards."""
    left, bottom, right, top = edges
    for _ in range(turn % 4):
        left, bottom, right, top = bottom, -right, top, -left
    return left, bottom, right, top


def _whole(units: str) -> str:
    """The halves of surrogate pairs as the characters that they are."""
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _is_part_of(one: Glyph, other: Glyph) -> bool:
    """The letters of a ligature share its place, and so do the halves of a surrogate pair."""
    return one.left == other.left and one.right == other.right and one.right > one.left
