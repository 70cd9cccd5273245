"""Which pages of a file are wanted: "1-3,7" as 0-based page numbers."""

import re
from dataclasses import dataclass
from itertools import chain

from common.errors import InvalidField

_RANGE = re.compile(r"\s*(\d{1,6})\s*(?:-\s*(\d{1,6})\s*)?")
_EXAMPLE = "write it like 1-3,7 (pages count from 1)"


@dataclass(frozen=True, slots=True)
class Selection:
    """``ranges`` of 0-based pages in the file's order, with a gap between each two: so their number is known
    before any page is listed, however long or repetitive the field was.
    """

    ranges: tuple[range, ...]

    @property
    def page_count(self) -> int:
        return sum(map(len, self.ranges))

    def pages(self) -> tuple[int, ...]:
        return tuple(chain.from_iterable(self.ranges))


def selection(field: str | None, page_count: int) -> Selection:
    """Those that ``field`` names of a file of ``page_count`` pages. None or blank means all.

    Raises InvalidField for anything that is not within the file.
    """
    if not field or not field.strip():
        return Selection((range(page_count),))
    return Selection(_merged({_range(part, page_count) for part in field.split(",")}))


def _merged(wanted: set[tuple[int, int]]) -> tuple[range, ...]:
    """From pairs of a start and an end (exclusive), some of which may overlap or touch."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(wanted):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(range(start, end) for start, end in merged)


def _range(part: str, page_count: int) -> tuple[int, int]:
    """The first page, 0-based, and the one behind the last."""
    match = _RANGE.fullmatch(part)
    if match is None:
        raise _malformed(part)
    first = int(match.group(1))
    last = int(match.group(2) or first)
    if not 1 <= first <= last:
        raise _malformed(part)
    if last > page_count:
        raise InvalidField("pages", f"Page {last} was asked for, but the file has {page_count}.")
    return first - 1, last


def _malformed(part: str) -> InvalidField:
    return InvalidField("pages", f"{part.strip()[:40]!r} is not a page range: {_EXAMPLE}.")
