"""Roles: which paragraphs are headings, items of lists and captions."""

# ruff: noqa: RUF001 - the letters of other scripts look like ours

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from common.document.layout.captions import is_caption
from common.document.layout.paragraphs import Paragraph
from common.document.layout.pieces import LETTER_SHARE, PROSE_EMS, is_prose, letter_share
from common.document.page import Role

_LARGER: Final = 1.18  # than the body, for a heading by its size alone
_TITLE: Final = 1.3  # than the few lines of a short page
_UNSURE_TITLE: Final = 1.4
_EVEN: Final = 1.25
_EVEN_SHARE: Final = 0.8
_PRICED_SHARE: Final = 0.4
_PRICED: Final = re.compile(r"\d[.,] ?\d\d\b\W*\w{0,2}\W*$")
_FULL: Final = 0.9  # of the region's width
_LONG_WORD: Final = 5
_SAME_LEVEL: Final = 1.12
_SMALLEST: Final = 0.92
_LONGEST: Final = 120
_MOST_ROWS: Final = 3
_LOWEST_LEVEL: Final = 3
_APART_EMS: Final = 0.6
_BODY_SHARE: Final = 0.5
_LEAST_BODY: Final = 150  # letters
_INDENT_EMS: Final = 1.0

_NUMBERED: Final = re.compile(r"(?:§\s*)?((?:\d{1,2}|[A-Z])(?:\.\d{1,2}){0,4})\.?\s+(?=\S)")
_ENDS: Final = tuple(".,;:!?…。，；！？،؛।-")


@dataclass(frozen=True, slots=True)
class Cast:
    """A paragraph's role; ``level`` of a heading and of a list item counts from 1, else it is 0."""

    role: Role
    level: int = 0


def casts(flow: Sequence[Sequence[Paragraph]], body_em: float) -> list[list[Cast]]:
    """The roles of the paragraphs of each region."""
    everything = [paragraph for region in flow for paragraph in region]
    has_body = _has_body(everything)
    by_size = _size_levels(flow, body_em) if has_body else _title_levels(flow, body_em)
    deepest = max(by_size.values(), default=0)
    return [
        [
            _cast(region, index, depth, by_size, deepest, body_em, has_body)
            for index, depth in enumerate(_depths(region))
        ]
        for region in flow
    ]


def _cast(
    region: Sequence[Paragraph],
    index: int,
    item_depth: int,
    by_size: dict[int, int],
    deepest: int,
    body_em: float,
    has_body: bool,
) -> Cast:
    paragraph = region[index]
    whole = paragraph.rows[0].pieces[0].whole
    if whole is not None:
        return Cast(whole.role, whole.level)
    if id(paragraph) in by_size:
        return Cast(Role.HEADING, by_size[id(paragraph)])
    if paragraph.marked:
        return Cast(Role.LIST_ITEM, item_depth)
    if is_caption(_text(paragraph), _em(paragraph) < _SMALLEST * body_em):
        return Cast(Role.CAPTION)
    depth = _titled_depth(region, index, body_em) if has_body else 0
    if depth:
        return Cast(Role.HEADING, min(_LOWEST_LEVEL, deepest + depth))
    return Cast(Role.PARAGRAPH)


def _has_body(paragraphs: Sequence[Paragraph]) -> bool:
    """Whether most of the page is running text or lists: receipts and labels have no headings."""
    total = sum(_length(paragraph) for paragraph in paragraphs)
    body = sum(_length(paragraph) for paragraph in paragraphs if _is_running(paragraph))
    return body > max(_BODY_SHARE * total, _LEAST_BODY)


def _is_running(paragraph: Paragraph) -> bool:
    rows = paragraph.rows
    if paragraph.marked:
        return True
    widths = [row.box.x1 - row.box.x0 for row in rows]
    widest = max(widths)
    filled = sum(width > 0.75 * widest for width in widths)
    return (
        len(rows) >= 2
        and widest > PROSE_EMS * median(row.em for row in rows)
        and filled * 2 >= len(rows)
        and letter_share(piece for row in rows for piece in row.pieces) > LETTER_SHARE
    )


def _size_levels(flow: Sequence[Sequence[Paragraph]], body_em: float) -> dict[int, int]:
    """The levels of headings that are larger than the body, by the paragraphs' ids."""
    large = [
        (_em(paragraph), id(paragraph))
        for region in flow
        for paragraph, least in zip(region, _least_sizes(region), strict=True)
        if _em(paragraph) >= least * body_em and _may_be_heading(paragraph)
    ]
    return _levels(large)


def _title_levels(flow: Sequence[Sequence[Paragraph]], body_em: float) -> dict[int, int]:
    """The same of a page with a few short lines: a much larger title above lines of one size.

    Not of receipts and labels, whose sizes change from line to line; beside a table the lines are prose.
    """
    everything = [paragraph for region in flow for paragraph in region]
    large = [paragraph for paragraph in everything if _is_title(paragraph, body_em)]
    titles = {id(paragraph) for paragraph in large}
    body = [row for paragraph in everything if id(paragraph) not in titles for row in paragraph.rows]
    lines = [row for row in body if not row.is_whole]
    even = sum(row.em < _EVEN * body_em and body_em < _EVEN * row.em for row in lines)
    priced = sum(_PRICED.search(row.text) is not None for row in lines)
    if not large or everything[0] is not large[0]:
        return {}
    if len(lines) < len(body) and not is_prose([piece for row in lines for piece in row.pieces]):
        return {}
    if len(lines) < max(2, 2 * len(large)) or _em(large[0]) * _SAME_LEVEL < max(map(_em, large)):
        return {}
    if even < _EVEN_SHARE * len(lines) or priced > _PRICED_SHARE * len(lines):
        return {}
    return _levels([(_em(paragraph), id(paragraph)) for paragraph in large])


def _is_title(paragraph: Paragraph, body_em: float) -> bool:
    sure = any(row.is_sized for row in paragraph.rows)
    return _may_be_heading(paragraph) and _em(paragraph) >= (_TITLE if sure else _UNSURE_TITLE) * body_em


def _levels(large: list[tuple[float, int]]) -> dict[int, int]:
    """The levels of headings by their ids; ``large`` are their sizes and ids."""
    large.sort(key=lambda found: -found[0])
    levels: dict[int, int] = {}
    level, size = 1, large[0][0] if large else 0.0
    for em, key in large:
        if em * _SAME_LEVEL < size:
            level, size = min(_LOWEST_LEVEL, level + 1), em
        levels[key] = level
    return levels


def _least_sizes(region: Sequence[Paragraph]) -> list[float]:
    """How large, as multiples of the body's font size, headings must be that nothing else tells."""
    widths = [_width(paragraph) for paragraph in region]
    full = _FULL * max(widths) if len(region) > 1 else math.inf
    return [_least_size(paragraph, width > full) for paragraph, width in zip(region, widths, strict=True)]


def _least_size(paragraph: Paragraph, is_full: bool) -> float:
    if is_full:
        return _LARGER**3
    return _LARGER if any(row.is_sized for row in paragraph.rows) else _LARGER ** _unsure(paragraph)


def _unsure(paragraph: Paragraph) -> float:
    text = _text(paragraph)
    return 1.3 if len(text) >= _LONG_WORD and text.isascii() else 2.0


def _may_be_heading(paragraph: Paragraph) -> bool:
    text = _text(paragraph)
    return (
        not paragraph.rows[0].is_whole
        and len(paragraph.rows) <= _MOST_ROWS
        and len(text) <= _LONGEST
        and sum(mark.isalpha() for mark in text) >= max(3, len(text) / 2)
        and not text.endswith((",", ";", "-", "،", "，"))
    )


def _titled_depth(region: Sequence[Paragraph], index: int, body_em: float) -> int:
    """How deep a heading is that is no larger than the body: numbered, or all capitals; 0 for others."""
    paragraph = region[index]
    text = _text(paragraph)
    if (
        not _may_be_heading(paragraph)
        or _em(paragraph) < _SMALLEST * body_em
        or text.endswith(_ENDS)
        or not _stands_apart(region, index)
    ):
        return 0
    numbered = _NUMBERED.match(text)
    if numbered and text[numbered.end()].isupper() and len(paragraph.rows) <= 2:
        return 1 + numbered[1].count(".")
    if numbered is None and _is_capital(text) and len(paragraph.rows) == 1:
        return 1
    return 0


def _stands_apart(region: Sequence[Paragraph], index: int) -> bool:
    """With white space above, and running text below."""
    if index + 1 >= len(region) or len(region[index + 1].rows) < 2:
        return False
    first, last = region[index].rows[0], region[index].rows[-1]
    below = region[index + 1].rows[0].box.y0 - last.box.y1
    above = first.box.y0 - region[index - 1].rows[-1].box.y1 if index else below
    return above >= _APART_EMS * first.em and last.box.x1 - last.box.x0 < 0.9 * _width(region[index + 1])


def _is_capital(text: str) -> bool:
    return text.isupper() and sum(mark.isalpha() for mark in text) >= 4


def _depths(region: Sequence[Paragraph]) -> Iterator[int]:
    """How deep list items are nested, by how far their markers are indented; 0 for other paragraphs."""
    indents: list[float] = []
    for paragraph in region:
        if not paragraph.marked:
            indents.clear()
            yield 0
            continue
        left, em = paragraph.rows[0].box.x0, paragraph.rows[0].em
        while indents and left < indents[-1] - _INDENT_EMS * em:
            indents.pop()
        if not indents or left > indents[-1] + _INDENT_EMS * em:
            indents.append(left)
        yield len(indents)


def _em(paragraph: Paragraph) -> float:
    return float(median(row.em for row in paragraph.rows))


def _width(paragraph: Paragraph) -> int:
    return max(row.box.x1 for row in paragraph.rows) - min(row.box.x0 for row in paragraph.rows)


def _length(paragraph: Paragraph) -> int:
    return len(_text(paragraph))


def _text(paragraph: Paragraph) -> str:
    return " ".join(row.text for row in paragraph.rows)
