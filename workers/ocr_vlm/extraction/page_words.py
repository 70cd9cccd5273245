"""The words of a page as values are looked for among them."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from common.document.geometry import Box, has_centre_of, union
from common.document.page import Block, Table, Word
from common.document.text import joined, mean_confidence

_PIECE: Final = re.compile(r"[^\W_]+", re.UNICODE)


@lru_cache(maxsize=16384)
def letters(text: str) -> str:
    """What is compared: letters and digits alone, without case and accents."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(mark for mark in plain if mark.isalnum())


def pieces(text: str) -> list[str]:
    """Its runs of letters and digits, without case and accents."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(mark for mark in plain if not unicodedata.combining(mark))
    return _PIECE.findall(bare)


@dataclass(frozen=True, slots=True)
class Run:
    """Words ``first`` to ``last`` (exclusive) of the page, one after the other."""

    first: int
    last: int


class PageWords:
    """In the order of reading. ``line_of`` has the number of each word's line, ``block_of`` of its block."""

    def __init__(self, blocks: Sequence[Block], tables: Sequence[Table] = ()) -> None:
        self.words: list[Word] = []
        self.line_of: list[int] = []
        self.block_of: list[int] = []
        line = 0
        for number, block in enumerate(blocks):
            for row in block.lines:
                for word in row.words:
                    self.words.append(word)
                    self.line_of.append(line)
                    self.block_of.append(number)
                line += 1
        self.keys = [letters(word.text) for word in self.words]
        self.text = "".join(self.keys)
        self._ends = list(accumulate(map(len, self.keys)))
        self._rows = list(self._table_rows(tables))

    def lines(self) -> Iterator[Run]:
        first = 0
        for at in range(1, len(self.words) + 1):
            if at == len(self.words) or self.line_of[at] != self.line_of[first]:
                yield Run(first, at)
                first = at

    def run_of(self, start: int, end: int) -> Run:
        """The words that the characters ``start`` to ``end`` of ``text`` are in."""
        return Run(bisect_right(self._ends, start), bisect_right(self._ends, end - 1) + 1)

    def begins_word(self, character: int) -> bool:
        return character == 0 or self._is_end(character)

    def ends_word(self, character: int) -> bool:
        return self._is_end(character)

    def key(self, run: Run) -> str:
        return "".join(self.keys[run.first : run.last])

    def box(self, run: Run) -> Box:
        return union(word.bbox for word in self.words[run.first : run.last])

    def shown(self, run: Run) -> str:
        return joined(word.text for word in self.words[run.first : run.last])

    def confidence_of(self, runs: Iterable[Run]) -> float:
        """Of their words."""
        found = mean_confidence(word for run in runs for word in self.words[run.first : run.last])
        return found or 0.0

    def are_beside(self, one: Box, other: Box) -> bool:
        """Whether they stand in one line, or in cells of one row of a table."""
        return _overlap(one, other) or any(
            has_centre_of(row, one) and has_centre_of(row, other) for row in self._rows
        )

    def _is_end(self, character: int) -> bool:
        at = bisect_right(self._ends, character - 1)
        return at < len(self._ends) and self._ends[at] == character

    def _table_rows(self, tables: Sequence[Table]) -> Iterator[Box]:
        for table in tables:
            rows: dict[int, list[Box]] = {}
            for cell in table.cells:
                if cell.row_span == 1 and cell.text.strip():
                    rows.setdefault(cell.row, []).append(cell.bbox)
            for boxes in rows.values():
                band = union(boxes)
                yield Box(table.bbox.x0, band.y0, table.bbox.x1, band.y1)


def _overlap(one: Box, other: Box) -> bool:
    """By more than half of the lower of the two."""
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return 2 * shared > min(one.y1 - one.y0, other.y1 - other.y0)
