"""Text cut where its writing system changes, as Word wants it in runs."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from workers.export.formats.word.writing_systems import (
    HAN_MARKS,
    LATIN,
    MARKS,
    SIMPLIFIED_HAN,
    WritingSystem,
)

_HAN: Final = "Hani"
_DIGITS: Final = "digits"
_SYSTEMS: Final = {system.script: system for system in (LATIN, *MARKS)}
_TOKEN: Final = re.compile(
    "|".join(
        [
            *(f"(?P<{system.script}>[{marks}]+)" for system, marks in MARKS.items()),
            f"(?P<{_HAN}>[{HAN_MARKS}]+)",
            rf"(?P<{LATIN.script}>[A-Za-z\u00c0-\u024f]+|[^\W\d_])",
            rf"(?P<{_DIGITS}>\d+)",
        ]
    )
)
_NOT_LATIN: Final = re.compile(f"[{''.join(MARKS.values())}{HAN_MARKS}]")


@dataclass(slots=True)
class _Token:
    """``system`` is None for blanks, signs and the like, which go with what is around them."""

    text: str
    system: WritingSystem | None


def first_system(text: str, among: Iterable[WritingSystem]) -> WritingSystem | None:
    """The writing system of ``among`` that the text has first."""
    wanted = {system.script: system for system in among}
    found = (match.lastgroup for match in _TOKEN.finditer(text) if match.lastgroup in wanted)
    script = next(found, None)
    return wanted[script] if script else None


def stretches(
    text: str, base: WritingSystem = LATIN, han: WritingSystem = SIMPLIFIED_HAN
) -> list[tuple[WritingSystem, str]]:
    """The text in parts of one writing system each; ``base`` is that of the whole paragraph.

    What has no writing system goes the way of its surroundings, as the Unicode Bidirectional Algorithm
    says (UAX #9, W7, N1 and N2). ``han`` is what ideographs belong to.
    """
    if not base.is_right_to_left and not _NOT_LATIN.search(text):
        return [(LATIN, text)] if text else []
    tokens = list(_tokens(text, base, han))
    _settle(tokens, base)
    runs = groupby(tokens, key=lambda token: token.system or base)
    return [(system, "".join(token.text for token in run)) for system, run in runs]


def _tokens(text: str, base: WritingSystem, han: WritingSystem) -> Iterator[_Token]:
    end = 0
    strong: WritingSystem = base
    for match in _TOKEN.finditer(text):
        if match.start() > end:
            yield _Token(text[end : match.start()], None)
        end = match.end()
        kind = match.lastgroup or ""
        if kind != _DIGITS:
            strong = han if kind == _HAN else _SYSTEMS[kind]
        yield _Token(match[0], strong)
    if end < len(text):
        yield _Token(text[end:], None)


def _settle(tokens: list[_Token], base: WritingSystem) -> None:
    """Gives the tokens without a writing system that of a neighbour which runs the right way, or ``base``.

    Between two that run the same way it is the one before.
    """
    for index, token in enumerate(tokens):
        if token.system is not None:
            continue
        before = tokens[index - 1].system if index else None
        after = tokens[index + 1].system if index + 1 < len(tokens) else None
        ways = {system.is_right_to_left for system in (before or base, after or base)}
        way = ways.pop() if len(ways) == 1 else base.is_right_to_left
        near = (system for system in (before, after) if system and system.is_right_to_left is way)
        token.system = next(near, base)
