"""Where the lines of a block end: as far as there was room, or where the writer wanted.

In running text the first word of a line would not have fitted into the line above; in verse, addresses,
forms and receipts it would.
"""

# ruff: noqa: RUF001 - the dashes and quotes of prints

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from common.document.direction import is_right_to_left
from common.document.geometry import rotate
from common.document.page import Block, Line, Page, Role
from common.document.text import is_unspaced, line_text

_FLOWING: Final = frozenset({Role.PARAGRAPH, Role.LIST_ITEM})
_HYPHENATED: Final = re.compile(r"[^\W_][-‐¬⸗\u00ad]$")
_NEAR: Final = 2  # lines above and below, which show where the column ends there
_FEW: Final = 6  # lines, which all stand in one column
_NEIGHBOURS: Final = 3  # blocks before and after
_SAME_EDGE_HEIGHTS: Final = 1.0
_LOOSE_HEIGHTS: Final = 1.0  # a blank, and what a line may be short of full
_WIDEST: Final = 1.5  # times the usual letters
_MOST: Final = 0.5
_MANY: Final = 0.25
_NEARLY_ALL: Final = 0.8
_UPRIGHT: Final = 2  # times as tall as wide: a line that runs from top to bottom
_QUOTES: Final = "\"'“”‘’„«»([¿¡"


@dataclass(frozen=True, slots=True)
class _Run:
    """A line in the direction of its text: where it begins, its first word ends and it ends itself.

    Places of text from right to left are negative, counted from the left edge of the page.
    """

    start: int
    word_end: int
    end: int
    top: int
    height: int
    line: Line

    @property
    def is_backwards(self) -> bool:
        return self.end <= 0


class LineBreaks:
    """``page`` may be turned, and have columns: what is to be known besides a block about its lines."""

    def __init__(self, page: Page) -> None:
        self._blocks = page.blocks
        self._width = page.height if page.rotation % 180 else page.width
        self._runs = {id(block): _runs(block, page) for block in page.blocks}
        self._at = {id(block): at for at, block in enumerate(page.blocks)}
        runs = [run for found in self._runs.values() for run in found]
        self._starts = sorted(-run.end if run.is_backwards else run.start for run in runs)
        self._starts_backwards = sorted(run.start if run.is_backwards else -run.end for run in runs)

    def are_on_purpose(self, block: Block) -> bool:
        """Whether the lines of ``block``, one of the page's, are to stay lines."""
        runs = self._runs[id(block)]
        seams = len(runs) - 1
        if seams < 1 or _is_upright(runs):
            return False
        if block.keeps_lines:
            return True
        ends = _column_ends(runs)
        loose = _share(_is_loose(runs, at, ends[at]) for at in range(seams))
        if loose > _MOST:
            return True
        wide = self._column_end(block, runs)
        in_column = _share(_is_loose(runs, at, wide) for at in range(seams))
        if not any(_is_cased(line_text(run.line)) for run in runs):
            return loose >= _MANY and in_column > _MOST
        fresh = _share(_begins_afresh(run.line) for run in runs[1:])
        return fresh >= _NEARLY_ALL and (loose >= _MANY or in_column > _MOST)

    def _column_end(self, block: Block, runs: Sequence[_Run]) -> float:
        """As far as the lines of neighbouring blocks go that begin where ``block`` does, or could go."""
        end = max(run.end for run in runs)
        if block.role not in _FLOWING:
            return end
        at, start = self._at[id(block)], min(run.start for run in runs)
        slack = _SAME_EDGE_HEIGHTS * median(run.height for run in runs)
        for other in self._blocks[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS + 1]:
            lines = self._runs[id(other)]
            if other.role in _FLOWING and lines and abs(min(run.start for run in lines) - start) <= slack:
                end = max(end, *(run.end for run in lines))
        return max(end, self._free_end(runs[0].is_backwards, end))

    def _free_end(self, backwards: bool, end: int) -> float:
        """As far as nothing stands beside lines that go to ``end``, within margins as wide on both sides."""
        starts = self._starts_backwards if backwards else self._starts
        margin = starts[0] + (self._width if backwards else 0)
        edge = (0 if backwards else self._width) - margin
        following = bisect(starts, end)
        return min(edge, starts[following]) if following < len(starts) else edge


def _runs(block: Block, page: Page) -> list[_Run]:
    backwards = is_right_to_left(word.text for line in block.lines for word in line.words)
    return [_run(line, page, backwards) for line in block.lines if line.words]


def _run(line: Line, page: Page, backwards: bool) -> _Run:
    box, word = (
        rotate(box, page.rotation, page.width, page.height) for box in (line.bbox, line.words[0].bbox)
    )
    height = box.y1 - box.y0
    if backwards:
        return _Run(-box.x1, -word.x0, -box.x0, box.y0, height, line)
    return _Run(box.x0, word.x1, box.x1, box.y0, height, line)


def _is_upright(runs: Sequence[_Run]) -> bool:
    return median(run.height - _UPRIGHT * (run.end - run.start) for run in runs) > 0


def _column_ends(runs: Sequence[_Run]) -> list[int]:
    """Where the column ends beside each line.

    Beside a picture it is narrower: as far as lines just above go, and as lines just below do.
    """
    ends = [run.end for run in runs]
    if len(runs) <= _FEW:
        return [max(ends)] * len(runs)
    return [
        min(max(part) for part in _around(ends, at) if len(part) > _NEAR or len(part) == len(ends))
        for at in range(len(ends))
    ]


def _around(ends: Sequence[int], at: int) -> Iterator[Sequence[int]]:
    """A line with those above, and with those below."""
    yield ends[max(0, at - _NEAR) : at + 1]
    yield ends[at : at + _NEAR + 1]


def _is_loose(runs: Sequence[_Run], at: int, end: float) -> bool:
    upper, lower = runs[at], runs[at + 1]
    if lower.top <= upper.top or _HYPHENATED.search(upper.line.words[-1].text):
        return False
    return end - upper.end > _first_width(lower) + _LOOSE_HEIGHTS * upper.height


def _first_width(run: _Run) -> float:
    """What would have had to fit into the line above: a letter of Chinese, else a word.

    Words whose places are only guessed may have the box of their line.
    """
    first = run.line.words[0].text
    if is_unspaced(first[:1]):
        return run.height
    by_letters = (run.end - run.start) * len(first) / max(1, len(line_text(run.line)))
    return min(run.word_end - run.start, _WIDEST * by_letters)


def _begins_afresh(line: Line) -> bool:
    """With a capital, a digit or a sign: not in the middle of a sentence."""
    return not line_text(line).lstrip(_QUOTES)[:1].islower()


def _is_cased(text: str) -> bool:
    return text.lower() != text.upper()


def _share(found: Iterator[bool]) -> float:
    answers = list(found)
    return sum(answers) / len(answers)
