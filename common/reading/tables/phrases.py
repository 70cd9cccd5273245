"""Words as they stand side by side: phrases without wide gaps, and the visual lines they form."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from common.document.direction import is_right_to_left
from common.document.geometry import Box, union
from common.document.page import Word
from common.document.text import joined

# In text heights: the least gap between two phrases, and how far a word may stand off its line's middle.
_PHRASE_GAP: Final = 0.9
_WIDEST_BLANK: Final = 1.3
_LINE_DRIFT: Final = 0.42
_BULLETS: Final = "\u2022\u25e6\u25aa\u25a0\u25cf\u2023\u2219\u00b7\uf0b7"
_BULLET_GAP: Final = 2.5


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of one line with no wide gap between them."""

    words: tuple[Word, ...]
    bbox: Box

    @property
    def text(self) -> str:
        return joined(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class TextLine:
    """Everything at one height, from left to right, across columns of the page."""

    phrases: tuple[Phrase, ...]
    bbox: Box

    @property
    def middle(self) -> float:
        return (self.bbox.y0 + self.bbox.y1) / 2


@dataclass(frozen=True, slots=True)
class Scale:
    """What is large and small on a page, in pixels: the height of a word, the widest blank in a phrase.

    ``leftward``: the page's text runs from right to left, and its boxes are mirrored, as if it did not.
    """

    height: float
    widest_blank: float
    leftward: bool = False


def scale_of(words: Sequence[Word], *, leftward: bool = False) -> Scale:
    """A height of 0 without words. The blanks of typewriters are wide: half as much again makes a gap."""
    heights = [word.bbox.y1 - word.bbox.y0 for word in words if sum(map(str.isalnum, word.text)) > 1]
    height = statistics.median(heights) if heights else 0.0
    blanks = [
        blank
        for group in _groups(words, height)
        for blank in map(_blank, *_neighbours(group))
        if 0 < blank < _WIDEST_BLANK * height
    ]
    usual = statistics.median(blanks) if blanks else 0.0
    return Scale(height, min(max(_PHRASE_GAP * height, 1.5 * usual), _WIDEST_BLANK * height), leftward)


def text_lines(words: Iterable[Word], scale: Scale, verticals: Sequence[Box] = ()) -> tuple[TextLine, ...]:
    """The words of a region from top to bottom; a vertical rule between two words parts phrases."""
    return tuple(_text_line(group, scale, verticals) for group in _groups(words, scale.height))


def _groups(words: Iterable[Word], height: float) -> list[list[Word]]:
    """The words of each line from left to right."""
    groups: list[list[Word]] = []
    middles = 0.0  # of the last group, added up
    for word in sorted(words, key=_middle):
        if groups and _middle(word) - middles / len(groups[-1]) <= _LINE_DRIFT * height:
            groups[-1].append(word)
            middles += _middle(word)
        else:
            groups.append([word])
            middles = _middle(word)
    return [sorted(group, key=lambda word: word.bbox.x0) for group in groups]


def _neighbours(words: Sequence[Word]) -> tuple[Sequence[Word], Sequence[Word]]:
    return words[:-1], words[1:]


def _blank(before: Word, after: Word) -> int:
    return after.bbox.x0 - before.bbox.x1


def _phrase(words: Sequence[Word], leftward: bool) -> Phrase:
    """Words that run against the direction of the page are put in the order in which they are read."""

    def runs_against(word: Word) -> bool:
        has_letters = any(map(str.isalpha, word.text))
        return has_letters and is_right_to_left([word.text]) is not leftward

    ordered: list[Word] = []
    for against, run in groupby(words, key=runs_against):
        of_run = list(run)
        ordered += reversed(of_run) if against else of_run
    return Phrase(tuple(ordered), union(word.bbox for word in words))


def _text_line(words: list[Word], scale: Scale, verticals: Sequence[Box]) -> TextLine:
    groups = [[words[0]]]
    right = words[0].bbox.x1
    for word in words[1:]:
        widest = _BULLET_GAP * scale.height if _is_bullet(groups[-1]) else scale.widest_blank
        if word.bbox.x0 - right > widest or _is_parted(right, word, scale.height, verticals):
            groups.append([word])
            right = word.bbox.x1
        else:
            groups[-1].append(word)
            right = max(right, word.bbox.x1)
    phrases = tuple(_phrase(group, scale.leftward) for group in groups)
    return TextLine(phrases, union(phrase.bbox for phrase in phrases))


def _is_bullet(words: Sequence[Word]) -> bool:
    """It stands farther from its text."""
    return len(words) == 1 and words[0].text in _BULLETS


def _is_parted(right: int, word: Word, height: float, verticals: Sequence[Box]) -> bool:
    slack = height / 4
    return any(
        right - slack <= rule.x0 and rule.x1 <= word.bbox.x0 + slack and rule.y0 <= _middle(word) <= rule.y1
        for rule in verticals
    )


def _middle(word: Word) -> float:
    return (word.bbox.y0 + word.bbox.y1) / 2
