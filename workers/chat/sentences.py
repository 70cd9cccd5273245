"""Where a text's sentences end: by sentencex (Wikimedia's rules for some 300 languages), and some care."""

import re
from collections.abc import Iterator
from typing import Final

import sentencex

from workers.chat.plain_text import Span

_LONGEST: Final = 500  # characters, of a text without full stops: a snippet is there to be read
_MARKER: Final = re.compile(r"(?:[^\W_]{1,4}|\d{1,2}(?:\.\d{1,2})*)[.)]\s*$")  # "3." or "a)" alone
_ABBREVIATED: Final = re.compile(r"(?:^|[\s(])[^\W\d_]{1,5}\.\s*$")  # "No. 4711"
_ITEM: Final = re.compile(r"\d+(?:\.\d+)*[.)]? +[^\W\d_]")  # the next paragraph of a contract
_GOES_ON: Final = re.compile(r"[\d(]|[^\W\d_]")


def sentences(text: str, language: str) -> Iterator[Span]:
    """The sentences of ``text`` (of one paragraph, or a line) in ``language`` (BCP-47), without the blanks
    around them."""
    if not text:
        return
    for start, end in _joined(text, _cuts(text, language)):
        yield from _readable(text, start, end)


def _cuts(text: str, language: str) -> list[tuple[int, int]]:
    found = sentencex.get_sentence_boundaries(language.split("-")[0], text)
    return [(each["start_index"], each["end_index"]) for each in found]


def _joined(text: str, cuts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """With numbers of items joined to their items, and ordinals and abbreviations to what follows."""
    joined: list[tuple[int, int]] = []
    for start, end in cuts:
        if joined and _belongs(text[joined[-1][0] : joined[-1][1]], text[start:end]):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _belongs(before: str, after: str) -> bool:
    if _MARKER.fullmatch(before.strip()):
        return True
    if not _GOES_ON.match(after):
        return False
    if _ABBREVIATED.search(before) and (after[0].isdigit() or after[0].islower()):
        return not _ITEM.match(after)
    return bool(re.search(r"(?:^|\s)\d{1,2}\.\s*$", before)) and _is_month(after)


def _is_month(after: str) -> bool:
    """ "3. March 2024": a word, and then a year, a comma or nothing more."""
    return re.match(r"[^\W\d_]+\.?,? (?:\d{4}|\d{2}\b)", after) is not None


def _readable(text: str, start: int, end: int) -> Iterator[Span]:
    """Without blanks at both ends, in pieces where it is too long for one."""
    while start < end:
        stop = end
        if end - start > _LONGEST:
            blank = text.rfind(" ", start + _LONGEST // 2, start + _LONGEST)
            stop = blank + 1 if blank > 0 else start + _LONGEST
        piece = text[start:stop]
        first = start + len(piece) - len(piece.lstrip())
        last = start + len(piece.rstrip())
        if first < last:
            yield Span(first, last)
        start = stop
