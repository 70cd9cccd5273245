"""Words and letters from left to right, in which lines of PDF have them whatever their script.

Readers of PDF turn what is written leftwards back: all of a line, and numbers and Latin words in it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
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

_LAST_TURNED: Final = "\uffff"
_MARK: Final = "\u200f"  # it has the direction of a leftward letter, and no width

Item = TypeVar("Item")


def in_visual_order(words: Sequence[Word]) -> tuple[Word, ...]:
    """The words of a line, which are given as they are read, with their letters from left to right, too.

    Where they do not lie as their scripts are written, how they lie decides.
    """
    kinds = "".join(_kind_of(word.text) for word in words)
    directed = kinds.replace(_NEUTRAL, "")
    is_leftward = 2 * directed.count(_LEFTWARD) > len(directed) - directed.startswith(_LEFTWARD)
    drawn = [replace(word, text=_letters(word.text, is_leftward=is_leftward)) for word in words]
    for inside in _inside_runs(kinds) if is_leftward else ():
        drawn[inside] = words[inside]
    ordered = _ordered(drawn, kinds, is_leftward=is_leftward)
    return tuple(ordered if _lie_so(ordered) else sorted(ordered, key=_middle))


def _inside_runs(kinds: str) -> Iterator[int]:
    """Words that follow others of their direction in a leftward line."""
    for run in _RUNS[True].finditer(kinds):
        yield from range(run.start() + 1, run.end())


def _letters(text: str, *, is_leftward: bool) -> str:
    """As they stand on a line that ``is_leftward``, or not.

    Poppler counts a blank or stop to the left of a number to that, unless a mark says otherwise.
    """
    if text.isascii() and not is_leftward:
        return text
    kinds = ""
    for letter in text:
        kinds += kinds[-1:] or _NEUTRAL if unicodedata.combining(letter) else _direction(letter)
    letters = list(text)
    for run in _RUNS[True].finditer(kinds) if is_leftward else ():
        if kinds[run.end() : run.end() + 1] != _LEFTWARD:
            letters[run.start()] = _MARK + letters[run.start()]
    return "".join(_ordered(letters, kinds, is_leftward=is_leftward))


def _direction(letter: str) -> str:
    """Readers turn letters of the basic plane alone."""
    if letter > _LAST_TURNED:
        return _RIGHTWARD
    return _KINDS.get(unicodedata.bidirectional(letter), _NEUTRAL)


def _kind_of(word: str) -> str:
    """By the first letter that has a direction; numbers have none among words."""
    return next((_direction(letter) for letter in word if _has_direction(letter)), _NEUTRAL)


def _has_direction(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in ("L", "R", "AL")


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
