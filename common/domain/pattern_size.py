"""How large a regular expression is once its repetitions are written out: that is what compiling it takes."""

import re
from typing import Final

_REPETITION: Final = re.compile(r"\{\s*(\d{1,9})\s*(?:,\s*(\d{0,9})\s*)?\}")
_BRACED: Final = re.compile(r"[pPxuU]\{[^}]*\}")
_CLASS: Final = 10  # a set of characters, where a letter has 1
_UNICODE_CLASS: Final = 50
_UNICODE_CLASSES: Final = "dwsDWSpP"


def written_out(pattern: str) -> int:
    """About so many letters; of what is no regular expression, any number."""
    outer: list[int] = []
    total = last = at = 0
    while at < len(pattern):
        mark, end = pattern[at], at + 1
        if mark == "(":
            outer.append(total)
            total = last = 0
        elif mark == ")":
            last = total
            total += outer.pop() if outer else 0
        elif repetition := _REPETITION.match(pattern, at):
            times = int(repetition[2] or repetition[1])
            total += last * max(0, times - 1)
            last *= times
            end = repetition.end()
        else:
            last, end = _atom(pattern, at)
            total += last
        at = end
    return total + sum(outer)


def _atom(pattern: str, at: int) -> tuple[int, int]:
    """The size of what stands at ``at``, and where it ends."""
    match pattern[at]:
        case "\\":
            braced = _BRACED.match(pattern, at + 1)
            size = _UNICODE_CLASS if pattern[at + 1 : at + 2] in tuple(_UNICODE_CLASSES) else 1
            return size, braced.end() if braced else at + 2
        case "[":
            return _set(pattern, at)
        case ".":
            return _CLASS, at + 1
        case "*" | "+" | "?" | "|" | "^" | "$":
            return 0, at + 1
    return 1, at + 1


def _set(pattern: str, at: int) -> tuple[int, int]:
    """Sets may stand in sets; the letters in them are not counted."""
    size, depth = 0, 0
    while at < len(pattern):
        mark, end = pattern[at], at + 1
        if mark == "\\":
            inner, end = _atom(pattern, at)
            size += inner
        elif mark == "[":
            depth, size = depth + 1, size + _CLASS
            end += pattern[end : end + 1] == "^"
            end += pattern[end : end + 1] == "]"  # right at the beginning it is a letter
        elif mark == "]":
            depth -= 1
        at = end
        if not depth:
            break
    return size, at
