"""Words as they stand side by side: phrases without wide gaps, and the visual lines they form."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from common.document.geometry import Box, union
from common.document.page import Word

# In text heights: the least gap between two phrases, and how far a word may stand off its line's middle.
_PHRASE_GAP: Final = 0.75
_LINE_DRIFT: Final = 0.42


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of one line with no wide gap between them."""

    words: tuple[Word, ...]
    bbox: Box

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class TextLine:
    """Everything at one height, from left to right, across columns of the page."""

    phrases: tuple[Phrase, ...]
    bbox: Box

    @property
    def middle(self) -> float:
        return (self.bbox.y0 + self.bbox.y1) / 2


def text_height(words: Iterable[Word]) -> float:
    """The typical height of a word in pixels; 0 without words."""
    heights = [word.bbox.y1 - word.bbox.y0 for word in words if sum(map(str.isalnum, word.text)) > 1]
    return statistics.median(heights) if heights else 0.0


def text_lines(words: Iterable[Word], height: float, verticals: Sequence[Box] = ()) -> tuple[TextLine, ...]:
    """The words of a region from top to bottom; a vertical rule between two words parts phrases."""
    groups: list[list[Word]] = []
    for word in sorted(words, key=_middle):
        if groups and _middle(word) - _mean_middle(groups[-1]) <= _LINE_DRIFT * height:
            groups[-1].append(word)
        else:
            groups.append([word])
    return tuple(_text_line(group, height, verticals) for group in groups)


def phrase_of(words: Sequence[Word]) -> Phrase:
    return Phrase(tuple(words), union(word.bbox for word in words))


def _text_line(words: list[Word], height: float, verticals: Sequence[Box]) -> TextLine:
    ordered = sorted(words, key=lambda word: word.bbox.x0)
    groups = [[ordered[0]]]
    for word in ordered[1:]:
        right = max(each.bbox.x1 for each in groups[-1])
        gap = word.bbox.x0 - right
        if gap > _PHRASE_GAP * height or _is_parted(right, word, height, verticals):
            groups.append([word])
        else:
            groups[-1].append(word)
    phrases = tuple(map(phrase_of, groups))
    return TextLine(phrases, union(phrase.bbox for phrase in phrases))


def _is_parted(right: int, word: Word, height: float, verticals: Sequence[Box]) -> bool:
    slack = height / 4
    return any(
        right - slack <= rule.x0 and rule.x1 <= word.bbox.x0 + slack and rule.y0 <= _middle(word) <= rule.y1
        for rule in verticals
    )


def _middle(word: Word) -> float:
    return (word.bbox.y0 + word.bbox.y1) / 2


def _mean_middle(words: Sequence[Word]) -> float:
    return sum(map(_middle, words)) / len(words)
