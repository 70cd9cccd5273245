"""Marks of a line as they are written and as they stand from left to right, and from one to the other.

Where marks stand is told by UAX #9, for one line without explicit directions. What a file of glyphs keeps
of a line is where each stands; which way they are to be read is found out by the same rules, run on the line
as it is seen from the side it begins on. They are the same from both ends but for a few, which are noted.

Lines that look alike are read as the one that is met more often, so not all come back as they were written:
numbers beside Latin words, those at the edge of right-to-left words in a line from the left, and signs before
the first number of an Arabic line do not.
"""

# ruff: noqa: RUF001 - the brackets of other scripts look like ours

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_NUMBERS: Final = frozenset({"EN", "AN"})
_NEUTRAL: Final = "ON"
_KEPT: Final = frozenset({"L", "R", "AL", "EN", "AN", "ES", "ET", "CS"})
_OPENING: Final = frozenset("([{«‹")
_CLOSING: Final = frozenset(")]}»›")
_TWIN: Final = dict(zip("([{«‹)]}»›", ")]}»›([{«‹", strict=True))
_PHRASE_GAP: Final = re.compile(r"[,;:.]? |[-/]?")


def written_order(marks: Sequence[str], *, right_to_left: bool) -> list[int]:
    """The indexes of ``marks`` in the order of writing.

    ``marks`` are letters, signs and blanks from left to right, each with what is combined with it;
    ``right_to_left``: on which side the line begins.
    """
    order = list(range(len(marks)))
    if right_to_left:
        order.reverse()
    return _arranged(order, _resolved([marks[index] for index in order], right_to_left), right_to_left)


def sides(marks: Sequence[str], *, right_to_left: bool) -> list[bool]:
    """For each of ``marks``, in the order of writing, whether it runs to the right, as numbers do."""
    return [kind != "R" for kind in _resolved_as_written(marks, right_to_left)]


def seen_order(marks: Sequence[str], *, right_to_left: bool) -> list[int]:
    """The indexes of ``marks``, which are in the order of writing, from left to right."""
    kinds = _resolved_as_written(marks, right_to_left)
    found = _arranged(range(len(marks)), kinds, right_to_left)
    return found[::-1] if right_to_left else found


def _arranged(order: Sequence[int], kinds: Sequence[str], right_to_left: bool) -> list[int]:
    """``order`` with what runs against the line turned: the same from both ends."""
    found: list[int] = []
    position = 0
    for runs_back, run in groupby(kinds, key=lambda kind: (kind == "L") == right_to_left):
        length = len(list(run))
        part = list(order[position : position + length])
        found += _turned(part, kinds[position : position + length]) if runs_back else part
        position += length
    return found


def with_brackets_turned(marks: Sequence[str]) -> list[str]:
    """``marks``, in the order of writing, with each bracket as its neighbours say: opening before a word.

    Files differ in whether they name the bracket that was written or the one that is seen.
    """
    found = list(marks)
    for index, mark in enumerate(marks):
        if mark in _TWIN and _faces(marks, index) not in (None, mark in _OPENING):
            found[index] = _TWIN[mark]
    return found


def _faces(marks: Sequence[str], index: int) -> bool | None:
    """Whether it opens, by what is before and after it; None where they do not tell."""
    before = marks[index - 1] if index else " "
    after = marks[index + 1] if index + 1 < len(marks) else " "
    if before.isalnum() != after.isalnum():
        return after.isalnum()
    if before.isspace() != after.isspace():
        return before.isspace()
    return None


def _turned(part: list[int], kinds: Sequence[str]) -> list[int]:
    """A run against the line's direction, its numbers as they were."""
    found: list[int] = []
    pairs = list(zip(part, kinds, strict=True))[::-1]
    for is_number, group in groupby(pairs, key=lambda pair: pair[1] in _NUMBERS):
        run = [index for index, _ in group]
        found += run[::-1] if is_number else run
    return found


def _resolved(marks: Sequence[str], right_to_left: bool) -> list[str]:
    """Of ``marks`` as they are seen; see ``_sided``."""
    kinds = [_kind(mark) for mark in marks]
    _resolve_numbers(kinds)
    if right_to_left:
        _join_phrases(marks, kinds)
    else:
        _free_outer_numbers(kinds)
    return _sided(marks, kinds, right_to_left)


def _resolved_as_written(marks: Sequence[str], right_to_left: bool) -> list[str]:
    """Of ``marks`` as they are written; see ``_sided``."""
    kinds = [_kind(mark) for mark in marks]
    _join_combining(marks, kinds)
    _resolve_numbers(kinds)
    _join_latin_numbers(kinds, "R" if right_to_left else "L")
    return _sided(marks, kinds, right_to_left)


def _sided(marks: Sequence[str], kinds: Sequence[str], right_to_left: bool) -> list[str]:
    """For each mark L or R, in lines from the left also EN and AN for numbers among right-to-left words."""
    base = "R" if right_to_left else "L"
    seen = ["R" if kind in _NUMBERS or kind in _RIGHT_TO_LEFT else kind for kind in kinds]
    _resolve_neutrals(seen, base)
    _join_brackets(marks, seen, base)
    if right_to_left:
        return ["L" if kind in _NUMBERS else side for kind, side in zip(kinds, seen, strict=True)]
    return [kind if kind in _NUMBERS else side for kind, side in zip(kinds, seen, strict=True)]


def _kind(mark: str) -> str:
    kind = unicodedata.bidirectional(mark[0]) if mark else _NEUTRAL
    return kind if kind in _KEPT else _NEUTRAL


def _join_combining(marks: Sequence[str], kinds: list[str]) -> None:
    """Rule W1."""
    for index in range(1, len(marks)):
        if unicodedata.bidirectional(marks[index][0]) == "NSM":
            kinds[index] = kinds[index - 1]


def _join_latin_numbers(kinds: list[str], base: str) -> None:
    """Rule W7."""
    strong = base
    for index, kind in enumerate(kinds):
        if kind == "L" or kind in _RIGHT_TO_LEFT:
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[index] = "L"


def _resolve_numbers(kinds: list[str]) -> None:
    """Rules W2 to W6; a line that begins with a number is taken for the rest of a paragraph."""
    strong = next((kind for kind in kinds if kind in ("L", "R", "AL")), "")
    strong = "" if kinds[:2] == ["ET", "EN"] else strong
    for index, kind in enumerate(kinds):
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":
            kinds[index] = "AN"
    for index in range(1, len(kinds) - 1):
        before, kind, after = kinds[index - 1 : index + 2]
        if before == after and ((kind == "CS" and before in _NUMBERS) or (kind == "ES" and before == "EN")):
            kinds[index] = before
    for order in (range(1, len(kinds)), range(len(kinds) - 2, -1, -1)):
        for index in order:
            if kinds[index] == "ET" and kinds[index - order.step] == "EN":
                kinds[index] = "EN"
    kinds[:] = [_NEUTRAL if kind in ("ES", "ET", "CS") else kind for kind in kinds]


def _join_phrases(marks: Sequence[str], kinds: list[str]) -> None:
    """Rule W7, seen from the other end: a number after a Latin word is part of its phrase ("Windows 10").

    A Latin word after a number would look the same; it is the rarer of the two.
    """
    for start, end in reversed(list(_number_runs(kinds))):
        follow = end
        while follow < len(kinds) and kinds[follow] == _NEUTRAL:
            follow += 1
        gap = "".join(marks[end:follow])[::-1]
        if follow < len(kinds) and kinds[follow] == "L" and _PHRASE_GAP.fullmatch(gap):
            kinds[start:follow] = ["L"] * (follow - start)


def _free_outer_numbers(kinds: list[str]) -> None:
    """In a line from the left, numbers belong to right-to-left words only where they stand between them."""
    strong = [index for index, kind in enumerate(kinds) if kind == "L" or kind in _RIGHT_TO_LEFT]
    for start, end in _number_runs(kinds):
        before = next((kinds[index] for index in reversed(strong) if index < start), "L")
        after = next((kinds[index] for index in strong if index >= end), "L")
        if "L" in (before, after):
            kinds[start:end] = ["L"] * (end - start)


def _number_runs(kinds: Sequence[str]) -> Iterator[tuple[int, int]]:
    position = 0
    for is_number, run in groupby(kinds, key=lambda kind: kind in _NUMBERS):
        length = len(list(run))
        if is_number:
            yield position, position + length
        position += length


def _resolve_neutrals(kinds: list[str], base: str) -> None:
    """Rules N1 and N2."""
    position = 0
    for kind, run in groupby(list(kinds)):
        end = position + len(list(run))
        if kind == _NEUTRAL:
            before = kinds[position - 1] if position else base
            after = kinds[end] if end < len(kinds) else base
            kinds[position:end] = [before if before == after else base] * (end - position)
        position = end


def _join_brackets(marks: Sequence[str], kinds: list[str], base: str) -> None:
    """Rule N0: a pair around a phrase goes with it where one of the two does ("ABC (DEF)")."""
    brackets = _OPENING | _CLOSING
    open_at: list[int] = []
    for index, mark in enumerate(marks):
        if mark not in brackets:
            continue
        if open_at and marks[open_at[-1]] == _TWIN[mark]:
            first = open_at.pop()
            if kinds[first] != kinds[index] and base not in kinds[first + 1 : index]:
                kinds[first] = kinds[index] = "L" if base == "R" else "R"
        else:
            open_at.append(index)
