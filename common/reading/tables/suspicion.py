"""Whether the words of a page stand in columns at all: a cheap question before dear answers."""

from collections.abc import Sequence
from typing import Final

from common.reading.tables.phrases import TextLine
from common.reading.tables.regions import aligned_runs

_FEWEST_LINES: Final = 2
_PROSE_WORDS: Final = 4


def looks_tabular(lines: Sequence[TextLine], height: float) -> bool:
    """A run of lines with aligned gaps, not all of it text that runs on in columns."""
    return any(map(_is_suspicious, aligned_runs(lines, height)))


def _is_suspicious(run: Sequence[TextLine]) -> bool:
    several = [line for line in run if len(line.phrases) > 1]
    short = [line for line in several if any(len(phrase.words) < _PROSE_WORDS for phrase in line.phrases)]
    return len(short) >= _FEWEST_LINES and 4 * len(short) >= len(several)
