"""How wide a table's columns are, and how large its text, so that words stay whole where they can."""

import re
from dataclasses import dataclass
from statistics import median
from typing import Final

from common.document.page import Table

# Twips that a letter takes for each half-point of its size: most are narrower, capitals wider.
_LETTER: Final = 5.7
_LONGEST_WORD: Final = 20  # letters; longer ones are broken
# Where a line may end: at blanks, behind hyphens, and anywhere in scripts without blanks.
_WORD_ENDS: Final = re.compile(
    r"[\s\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uf900-\ufaff\uff00-\uffef]+|(?<=[-/\u2013])"
)
_NARROWEST: Final = 2  # letters


@dataclass(frozen=True, slots=True)
class TextStyle:
    """A paragraph style for the text of cells, and the margin that cells have at either side.

    ``size`` is in half-points, ``margin`` in twips.
    """

    identifier: str
    name: str
    size: int
    margin: int


TEXT_STYLES: Final = (
    TextStyle("TableText", "Table Text", 22, 108),
    TextStyle("TableTextSmall", "Table Text Small", 18, 80),
    TextStyle("TableTextFine", "Table Text Fine", 15, 50),
    TextStyle("TableTextTiny", "Table Text Tiny", 12, 40),
)


@dataclass(frozen=True, slots=True)
class Columns:
    """``widths`` are in twips."""

    widths: tuple[int, ...]
    style: TextStyle


def fitted_columns(table: Table, count: int, *, twips_per_pixel: float, widest: int) -> Columns:
    """As on the page, but wide enough for the longest words; together no wider than ``widest`` twips.

    Text is made smaller where the words of all columns would not fit side by side.
    """
    letters = _letters(table, count)
    for style in TEXT_STYLES:
        least = [2 * style.margin + _LETTER * style.size * longest for longest in letters]
        if sum(least) <= widest:
            break
    wanted = [
        max(narrowest, width)
        for narrowest, width in zip(least, _widths_on_page(table, count, twips_per_pixel), strict=True)
    ]
    return Columns(tuple(_shared(least, wanted, widest)), style)


def _shared(least: list[float], wanted: list[float], widest: int) -> list[int]:
    """Every column gets what it needs ``least``, then its share of what is left over."""
    if sum(wanted) <= widest:
        return [round(width) for width in wanted]
    scale = min(1.0, widest / sum(least))
    spare = max(0.0, widest - sum(least)) / (sum(wanted) - sum(least) or 1.0)
    return [
        max(1, int(scale * narrowest + spare * (width - narrowest)))
        for narrowest, width in zip(least, wanted, strict=True)
    ]


def _letters(table: Table, count: int) -> list[int]:
    """Of each column's longest word; a cell of several columns may break its words as they need."""
    longest = [_NARROWEST] * count
    for cell in table.cells:
        if cell.column_span == 1:
            words = map(len, _WORD_ENDS.split(cell.text))
            longest[cell.column] = max(longest[cell.column], min(_LONGEST_WORD, max(words)))
    return longest


def _widths_on_page(table: Table, count: int, twips_per_pixel: float) -> list[float]:
    seen: list[list[float]] = [[] for _ in range(count)]
    for cell in table.cells:
        if cell.column_span == 1:
            seen[cell.column].append(cell.bbox.x1 - cell.bbox.x0)
    average = max(1.0, (table.bbox.x1 - table.bbox.x0) / count)
    return [(median(widths) if widths else average) * twips_per_pixel for widths in seen]
