"""Words and letters from left to right, in which lines of PDF have them whatever their script.

Readers of PDF turn what is written leftwards back: all of a line, and numbers and Latin words in it.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, TypeVar

from common.document.page import Word

# By what a letter or word is: of a leftward script, a rightward one (or a number), or without direction.
_LEFTWARD, _RIGHTWARD, _NEUTRAL = "l", "r", "n"
_RUNS: Final = {
    True: re.compile(f"{_RIGHTWARD}(?:[{_RIGHTWARD}{_NEUTRAL}]*{_RIGHTWARD})?"),
    False: re.compile(f"{_LEFTWARD}(?:[{_LEFTWARD}{_NEUTRAL}]*{_LEFTWARD})?"),
}
_KINDS: Final = {
    "R": _LEFTWARD,
    "AL": _LEFTWARD,
    "L": _RIGHTWARD,
    "EN": _RIGHTWARD,
    "AN": _RIGHTWARD,
}

Item = TypeVar("Item")


def in_visual_order(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words of a line, which are given as they are read.

    Where they do not lie as their scripts are written, how they lie decides.
    """
    kinds = "".join(_kind_of(word.text) for word in words)
    if _LEFTWARD not in kinds:
        return tuple(words) if _lie_so(words) else tuple(sorted(words, key=_middle))
    ordered = _ordered(words, kinds, is_leftward=kinds.count(_LEFTWARD) > kinds.count(_RIGHTWARD))
    return tuple(ordered if _lie_so(ordered) else sorted(words, key=_middle))


def letters_in_visual_order(text: str) -> str:
    if text.isascii():
        return text
    kinds = ""
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        kinds += kinds[-1:] or _NEUTRAL if direction == "NSM" else _KINDS.get(direction, _NEUTRAL)
    return "".join(_ordered(text, kinds, is_leftward=_kind_of(text) == _LEFTWARD))


def _kind_of(word: str) -> str:
    """By the first letter that has a direction; numbers have none among words."""
    kinds = (unicodedata.bidirectional(letter) for letter in word)
    return next((_KINDS[kind] for kind in kinds if kind in ("L", "R", "AL")), _NEUTRAL)


def _ordered(items: Sequence[Item], kinds: str, *, is_leftward: bool) -> list[Item]:
    """Left to right, what runs against the others turned."""
    parts: list[Sequence[Item]] = []
    end = 0
    for run in _RUNS[is_leftward].finditer(kinds):
        around, against = items[end : run.start()], items[run.start() : run.end()]
        parts += [around[::-1], against] if is_leftward else [around, against[::-1]]
        end = run.end()
    parts.append(items[end:][::-1] if is_leftward else items[end:])
    return [item for part in (reversed(parts) if is_leftward else parts) for item in part]


def _lie_so(words: Sequence[Word]) -> bool:
    return all(one.bbox.x0 < other.bbox.x1 for one, other in pairwise(words))


def _middle(word: Word) -> float:
    return (word.bbox.x0 + word.bbox.x1) / 2
