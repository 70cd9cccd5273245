"""Whether what stands in rows and columns is a table: prose, addresses, lists and forms do that, too."""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from common.document.geometry import Box
from common.reading.tables.columns import Separator
from common.reading.tables.grid import Band
from common.reading.tables.placement import PlacedLine, is_value
from common.reading.tables.regions import Region

_PROSE_WORDS: Final = 5  # in a phrase
_PROSE_LINES: Final = 4
_CELL_WORDS: Final = 12  # on average, in a table without many rules
_LABEL_WORDS: Final = 3
_GRID_SHARE: Final = 0.4
_LEAST_FILLED: Final = 0.4  # of the places of a table without crossing rules
_LEADER: Final = re.compile(r"[.·…_]{4,}|(?:\. ?){4,}")
_PAGE_NUMBER: Final = re.compile(r"\d{1,4}|[ivxlc]+")


@dataclass(frozen=True, slots=True)
class Draft:
    """A table before its cells are made; ``across`` are the horizontal rules in it."""

    region: Region
    columns: Sequence[Separator]
    bands: Sequence[Band]
    across: Sequence[Box]

    @property
    def lines(self) -> list[PlacedLine]:
        return [line for row in self.rows for line in row]

    @property
    def rows(self) -> list[tuple[PlacedLine, ...]]:
        return [row.lines for band in self.bands for row in band.rows]


def is_table(draft: Draft, seek: bool) -> bool:
    rows = [frozenset().union(*(line.columns for line in row)) for row in draft.rows]
    filled = sum(map(len, rows))
    if len(rows) < 2 or len(frozenset().union(*rows)) < 2 or filled < 4:
        return False
    words_each = sum(len(cell.phrase.words) for line in draft.lines for cell in line.cells) / filled
    if draft.region.is_ruled:
        return _is_grid(draft) and (len(rows) > 2 or words_each <= _CELL_WORDS)
    places = len(rows) * (len(draft.columns) + 1)
    if words_each > _CELL_WORDS or filled < _LEAST_FILLED * places:
        return False
    if seek:
        return True
    if _has_leaders(draft) or _ends_in_page_numbers(draft) or _is_form(draft):
        return False
    return _is_framed(draft) or _stands_alone(draft, rows)


def _is_grid(draft: Draft) -> bool:
    """Whether upright rules run along much of the table, as those of boxes scattered in a chart do not."""
    top, bottom = draft.bands[0].top.at, draft.bands[-1].bottom.at
    shares = [each.share_drawn(top, bottom) for each in draft.columns if each.drawn]
    return not shares or statistics.mean(shares) >= _GRID_SHARE


def prose_spans(draft: Draft) -> list[tuple[int, int]]:
    """From where to where text runs on from line to line, filling the width of its column."""
    if _has_long_rules(draft):
        return []
    columns = range(len(draft.columns) + 1)
    return [span for column in columns if (span := _prose_span(draft.lines, column)) is not None]


def _prose_span(lines: Sequence[PlacedLine], column: int) -> tuple[int, int] | None:
    phrases = [
        cell.phrase for line in lines for cell in line.cells if (cell.start, cell.end) == (column, column + 1)
    ]
    wordy = [phrase.bbox for phrase in phrases if len(phrase.words) >= _PROSE_WORDS]
    if len(wordy) < max(_PROSE_LINES, len(phrases) / 3):
        return None
    widths = [box.x1 - box.x0 for box in wordy]
    if statistics.median(widths) < 0.75 * max(widths):
        return None
    return min(box.x0 for box in wordy), max(box.x1 for box in wordy)


def _has_long_rules(draft: Draft) -> bool:
    """At least two, nearly as wide as the table, as books set their tables."""
    width = draft.region.bbox.x1 - draft.region.bbox.x0
    shares = (
        min(rule.x1, draft.region.bbox.x1) - max(rule.x0, draft.region.bbox.x0) for rule in draft.across
    )
    return sum(share >= 0.8 * width for share in shares) >= 2


def _is_framed(draft: Draft) -> bool:
    """Long rules at the very top and bottom: receipts and letters have some inside."""
    return _has_long_rules(draft) and bool(draft.bands[0].top.drawn and draft.bands[-1].bottom.drawn)


def _stands_alone(draft: Draft, rows: Sequence[frozenset[int]]) -> bool:
    """Without rules: three columns in three rows, of values or of labels, and nothing else that is set so."""
    complete = [row for row in rows if len(row) >= 3]
    if len(draft.columns) < 2 or len(complete) < 3 or 2 * len(complete) < len(rows):
        return False
    return _has_values(draft) or _has_labels(draft, complete)


def _has_values(draft: Draft) -> bool:
    texts = [cell.phrase.text for line in draft.lines for cell in line.cells if cell.start > 0]
    return 2 * sum(map(is_value, texts)) >= len(texts)


def _has_labels(draft: Draft, complete: Sequence[frozenset[int]]) -> bool:
    """A grid of short texts, hardly a place of it blank, and no row of more than one line."""
    places = len(draft.rows) * (len(draft.columns) + 1)
    words = [len(cell.phrase.words) for line in draft.lines for cell in line.cells]
    is_full = sum(map(len, complete)) >= 0.8 * places
    return len(complete) >= 4 and is_full and statistics.mean(words) <= _LABEL_WORDS


def _has_leaders(draft: Draft) -> bool:
    with_leader = [
        line for line in draft.lines if any(_LEADER.search(cell.phrase.text) for cell in line.cells)
    ]
    return 3 * len(with_leader) >= len(draft.lines)


def _ends_in_page_numbers(draft: Draft) -> bool:
    """Numbers that never fall, at the end of lines of text: a table of contents."""
    if len(draft.columns) > 2:
        return False
    last = [line.cells[-1].phrase.text for line in draft.lines if line.cells[-1].start == len(draft.columns)]
    numbers = [int(text) for text in last if text.isdigit()]
    are_pages = all(_PAGE_NUMBER.fullmatch(text) for text in last)
    return are_pages and len(last) > 2 and numbers == sorted(numbers)


def _is_form(draft: Draft) -> bool:
    """Many labels that end with a colon."""
    phrases = [cell.phrase for line in draft.lines for cell in line.cells]
    return 4 * sum(phrase.text.endswith(":") for phrase in phrases) >= len(phrases)
