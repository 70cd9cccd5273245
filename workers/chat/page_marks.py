"""Page numbers in prose: "(p. 3)", "(pp. 3, 5)"."""

import re
from collections.abc import Iterable
from typing import Final

MARK: Final = re.compile(
    r"\(\s*(?:pp?|pages?)\s*(?:\.\s*)?(\d{1,6}(?:\s*(?:[,;&\u2013\u2014-]|and)\s*\d{1,6})*)\s*\)",
    re.IGNORECASE,
)
_WITH_BLANKS: Final = re.compile(rf"(?<![ \t])[ \t]*{MARK.pattern}", re.IGNORECASE)
_RANGE: Final = re.compile(r"(\d+)(?:\s*[\u2013\u2014-]\s*(\d+))?")
_WIDEST: Final = 20  # pages of a range


def mark(pages: Iterable[int]) -> str:
    """ "" for none; each page once, in order."""
    numbers = sorted(set(pages))
    if not numbers:
        return ""
    return f"({'p.' if len(numbers) == 1 else 'pp.'} {', '.join(map(str, numbers))})"


def pages_in(marked: str) -> set[int]:
    """All that the marks of a text name."""
    return {page for found in MARK.finditer(marked) for page in _pages(found[1])}


def without_marks(text: str) -> str:
    return _WITH_BLANKS.sub("", text)


def _pages(numbers: str) -> Iterable[int]:
    for first, last in _RANGE.findall(numbers):
        yield from range(int(first), min(int(last or first), int(first) + _WIDEST) + 1)
