"""Words and letters from left to right, in which lines of PDF have them whatever their script.

Readers of PDF turn what is written leftwards back: all of a line, and numbers and Latin words in it.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Final

from common.document.page import Word
from common.document.visual_order import seen_order, sides

_LEFTWARD: Final = frozenset({"R", "AL"})
_STRONG: Final = _LEFTWARD | {"L"}
_LEFT_MARK, _RIGHT_MARK = "\u200f", "\u200e"  # they have the direction of letters, and no width
# What poppler begins a rightward stretch with, in a leftward line (TextOutputDev.cc, UnicodeTypeTable.cc).
_TURNING: Final = frozenset({"L", "EN", "AN", "ES", "ET", "CS"})
_LAST_TURNED: Final = "\uffff"


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A word, its letters from left to right, and whether each runs to the right.

    ``is_followed``: the blank after it, in the order of writing, runs to the right.
    """

    word: Word
    letters: str
    rightward: tuple[bool, ...]
    is_followed: bool

    def text(self) -> Word:
        return replace(self.word, text=self.letters)


def in_visual_order(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words of a line, which are given as they are read, with their letters from left to right, too.

    Where they do not lie as their scripts are written, how they lie decides.
    """
    kinds = [kind for kind in (_kind_of(word.text) for word in words) if kind]
    leftward = sum(kind in _LEFTWARD for kind in kinds)
    is_leftward = 2 * leftward > len(kinds) - (kinds[0] in _LEFTWARD if kinds else 0)
    drawn = _drawn(words, is_leftward=is_leftward)
    if not _lie_so(drawn):
        drawn.sort(key=_middle)
    return tuple(_marked(drawn) if is_leftward else (found.text() for found in drawn))


def _kind_of(word: str) -> str:
    """By the first letter that has a direction; numbers have none among words."""
    return next((_direction(letter) for letter in word if unicodedata.bidirectional(letter) in _STRONG), "")


def _direction(letter: str) -> str:
    """Readers turn letters of the basic plane alone."""
    return "L" if letter > _LAST_TURNED else unicodedata.bidirectional(letter)


def _drawn(words: Sequence[Word], *, is_leftward: bool) -> list[_Drawn]:
    """From left to right."""
    letters = " ".join(word.text for word in words)
    marks = ["a" if letter > _LAST_TURNED else letter for letter in letters]
    rightward = sides(marks, right_to_left=is_leftward)
    place = {index: at for at, index in enumerate(seen_order(marks, right_to_left=is_leftward))}
    starts = accumulate((len(word.text) + 1 for word in words), initial=0)
    found = []
    for word, start in zip(words, starts, strict=False):
        end = start + len(word.text)
        inside = sorted(range(start, end), key=place.__getitem__)
        drawn = _Drawn(
            word,
            "".join(letters[index] for index in inside),
            tuple(rightward[index] for index in inside),
            is_followed=end < len(letters) and rightward[end],
        )
        found.append((min((place[index] for index in inside), default=0), drawn))
    return [drawn for _, drawn in sorted(found, key=lambda pair: pair[0])]


def _marked(drawn: Sequence[_Drawn]) -> list[Word]:
    """With marks where poppler would take a sign for what stands to the right of it, or for a number's."""
    found: list[Word] = []
    runs_right = was_right = False  # as poppler takes the sign before, and as it is
    for index in range(len(drawn) - 1, -1, -1):
        text: list[str] = []
        for letter, goes_right in _from_the_right(drawn[index]):
            kind = _direction(letter)
            if runs_right and kind not in _LEFTWARD and not (goes_right and was_right):
                text.append(_LEFT_MARK)
                runs_right = False
            if goes_right and not runs_right and kind not in _TURNING:
                text.append(_RIGHT_MARK)
            text.append(letter)
            runs_right, was_right = goes_right or kind in _TURNING, goes_right
        if runs_right and index and not _blank_runs_right(drawn[index - 1], drawn[index]):
            text.append(_LEFT_MARK)
            runs_right = False
        found.append(replace(drawn[index].word, text="".join(reversed(text))))
    return found[::-1]


def _from_the_right(drawn: _Drawn) -> list[tuple[str, bool]]:
    return list(zip(drawn.letters, drawn.rightward, strict=True))[::-1]


def _blank_runs_right(left: _Drawn, right: _Drawn) -> bool:
    """Of the one between them; in a rightward stretch the left is written first."""
    return left.is_followed and bool(right.rightward) and right.rightward[0]


def _lie_so(drawn: Sequence[_Drawn]) -> bool:
    return all(one.word.bbox.x0 < other.word.bbox.x1 for one, other in pairwise(drawn))


def _middle(drawn: _Drawn) -> float:
    return (drawn.word.bbox.x0 + drawn.word.bbox.x1) / 2
