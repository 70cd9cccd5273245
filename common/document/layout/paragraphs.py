"""Paragraphs: which rows of a region belong together."""

# ruff: noqa: RUF001 - the letters of other scripts look like ours

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median, median_low
from typing import Final

from common.document.geometry import Box
from common.document.layout.captions import begins_caption
from common.document.layout.markers import list_rows
from common.document.layout.pieces import is_prose
from common.document.layout.rows import Row

_OTHER_SIZE: Final = 1.25
_APART: Final = 1.3  # times the usual distance of lines
_FAR_APART: Final = 1.7
_INDENT_EMS: Final = 0.75
_LOOSE_EMS: Final = 1.5  # a line this much short of full may still be one that goes on
_GOING_ON_EMS: Final = 5.0  # where the words tell that it goes on
_ROOM_EMS: Final = 3.0
_LEAST_HANG: Final = 0.4
_LARGEST_HANG: Final = 3.5
_ALIGNED_EMS: Final = 0.5
_FEWEST_ALIGNED: Final = 3  # lines, to tell the flush side by
_FLUSH: Final = 0.8  # of them
_RAGGED: Final = 0.5
_SENTENCE_ENDS: Final = frozenset(".!?:;…。！？：؟۔।॥")
_CLOSERS: Final = "\"'”’»)]」』"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Rows that are one block; ``marked`` if it begins as an item of a list does."""

    rows: tuple[Row, ...]
    marked: bool = False


@dataclass(frozen=True, slots=True)
class _Setting:
    """How a region's text is set: its left and right edge, the usual distance of its lines.

    ``prose``: long lines, mostly letters. ``told``: the reader knows paragraphs, not lines alone.
    """

    left: float
    right: float
    distance: float
    prose: bool
    told: bool


def paragraphs(rows: Sequence[Row], told: bool) -> list[Paragraph]:
    """``told``: whether the reader of the page gave paragraphs (several lines in one block)."""
    if not rows:
        return []
    marked = list_rows(rows)
    original, rows = rows, _from_flush_side(rows)
    setting = _setting(rows, told)
    marked |= _unmarked_items(rows, marked, setting)
    groups: list[list[int]] = [[0]]
    for index in range(1, len(rows)):
        group = groups[-1]
        if index not in marked and _goes_on(
            rows[group[-1]], rows[index], setting, len(group) == 1, group[0] in marked
        ):
            group.append(index)
        else:
            groups.append([index])
    return [Paragraph(tuple(original[at] for at in group), group[0] in marked) for group in groups]


def _from_flush_side(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows, mirrored where they are flush at the side they end at: Hebrew set as if it were Latin."""
    lines = [row for row in rows if not row.is_whole]
    starts = _aligned([row.box.x0 for row in lines], lines)
    ends = _aligned([row.box.x1 for row in lines], lines)
    if len(lines) < _FEWEST_ALIGNED or ends < _FLUSH * len(lines) or starts > _RAGGED * len(lines):
        return rows
    return [replace(row, box=Box(-row.box.x1, row.box.y0, -row.box.x0, row.box.y1)) for row in rows]


def _aligned(edges: Sequence[int], of: Sequence[Row]) -> int:
    """How many edges stand where one of them does."""
    slack = _ALIGNED_EMS * median(row.em for row in of) if of else 0.0
    ordered = sorted(edges)
    return max(
        (bisect_right(ordered, edge + slack) - bisect_left(ordered, edge - slack) for edge in ordered),
        default=0,
    )


def _unmarked_items(rows: Sequence[Row], marked: frozenset[int], setting: _Setting) -> frozenset[int]:
    """The rows that begin an item whose marker the reader passed over.

    They stand where the text of the item above does, which ends where there was room for more.
    """
    found = set[int]()
    item: Row | None = None  # the last with a marker, while rows follow that may be its text
    for index, row in enumerate(rows):
        if index in marked:
            item = row
            continue
        if item is None or not _is_hung(item, row) or row.box.y0 - rows[index - 1].box.y1 > row.em:
            item = None
            continue
        room = setting.right - rows[index - 1].box.x1 - _first_width(row)
        if room > _ROOM_EMS * row.em and not row.text[:1].islower() and _same_size(rows[index - 1], row):
            found.add(index)
    return frozenset(found)


def _is_hung(item: Row, row: Row) -> bool:
    return _LEAST_HANG * row.em < row.box.x0 - item.box.x0 < _LARGEST_HANG * row.em


def _setting(rows: Sequence[Row], told: bool) -> _Setting:
    lefts = sorted(row.box.x0 for row in rows)
    rights = sorted(row.box.x1 for row in rows)
    em = median(row.em for row in rows)
    distances = [
        _middle(lower) - _middle(upper) for upper, lower in pairwise(rows) if _same_size(upper, lower)
    ]
    close = [distance for distance in distances if distance < 3 * em]
    prose = is_prose([piece for row in rows for piece in row.pieces])
    return _Setting(
        lefts[len(lefts) // 10],
        rights[-1 - len(rights) // 10],
        median_low(close) if close else 1.5 * em,
        prose,
        told,
    )


def _goes_on(last: Row, row: Row, setting: _Setting, first: bool, marked: bool) -> bool:
    """Whether ``row`` continues the paragraph that ends above it with the row ``last``.

    ``first``: that is its first row, too; ``marked``: it begins as an item of a list does.
    """
    if last.is_whole or row.is_whole:
        return False
    distance = _middle(row) - _middle(last)
    same_block = setting.told and last.block == row.block
    if same_block:
        return _same_size(last, row, _OTHER_SIZE) and distance <= _FAR_APART * setting.distance
    if not _same_size(last, row) or distance > _APART * setting.distance:
        return False
    if not setting.prose:
        return not setting.told
    return _flows(last, row, setting, first, marked)


def _flows(last: Row, row: Row, setting: _Setting, first: bool, marked: bool) -> bool:
    """Judged by indents and by how full the last line is."""
    indent = row.box.x0 - last.box.x0
    hangs = first and (marked or begins_caption(last.text))
    if indent > _INDENT_EMS * row.em and not hangs:
        return False
    if -indent > _INDENT_EMS * row.em and not (first and not marked):
        return False
    if setting.told and _ends_sentence(last):
        return False
    return _is_full(last, row, setting)


def _is_full(last: Row, row: Row, setting: _Setting) -> bool:
    """The first word of the next line would not have fitted into the last one."""
    loose = _LOOSE_EMS if _ends_sentence(last) or not row.text[:1].islower() else _GOING_ON_EMS
    return last.box.x1 + _first_width(row) + loose * row.em > setting.right


def _first_width(row: Row) -> float:
    """About the width of its first word."""
    piece = row.pieces[0]
    return (piece.box.x1 - piece.box.x0) * len(piece.words[0].text) / max(1, len(piece.text))


def _ends_sentence(row: Row) -> bool:
    return row.text.rstrip(_CLOSERS)[-1:] in _SENTENCE_ENDS


def _same_size(one: Row, other: Row, slack: float = 1.0) -> bool:
    limit = slack * (_OTHER_SIZE if one.is_sized and other.is_sized else _OTHER_SIZE**2)
    return one.em < limit * other.em and other.em < limit * one.em


def _middle(row: Row) -> float:
    return (row.box.y0 + row.box.y1) / 2
