"""Which pages of a file are wanted: "1-3,7" as a tuple of 0-based page numbers."""

import re

from common.errors import InvalidField

_RANGE = re.compile(r"\s*(\d{1,6})\s*(?:-\s*(\d{1,6})\s*)?")
_EXAMPLE = "write it like 1-3,7 (pages count from 1)"


def selected_pages(field: str | None, page_count: int) -> tuple[int, ...]:
    """The 0-based pages of a file of ``page_count`` pages that ``field`` names, in the file's order.

    None or blank means all. Raises InvalidField for anything that is not within the file.
    """
    if not field or not field.strip():
        return tuple(range(page_count))
    chosen: set[int] = set()
    for part in field.split(","):
        first, last = _range(part)
        if last > page_count:
            raise InvalidField("pages", f"Page {last} was asked for, but the file has {page_count}.")
        chosen.update(range(first - 1, last))
    return tuple(sorted(chosen))


def _range(part: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(part)
    if match is None:
        raise InvalidField("pages", f"{part.strip()[:40]!r} is not a page range: {_EXAMPLE}.")
    first = int(match.group(1))
    last = int(match.group(2) or first)
    if not 1 <= first <= last:
        raise InvalidField("pages", f"{part.strip()[:40]!r} is not a page range: {_EXAMPLE}.")
    return first, last
