"""Which way a text runs."""

import unicodedata
from collections.abc import Iterable


def is_right_to_left(texts: Iterable[str]) -> bool:
    """Whether most letters are Hebrew, Arabic or of another script that runs from right to left."""
    balance = 0
    for text in texts:
        if text.isascii():
            balance -= len(text)
        else:
            balance += sum(_is_right_to_left(mark) or -1 for mark in text if mark.isalpha())
    return balance > 0


def _is_right_to_left(mark: str) -> bool:
    return unicodedata.bidirectional(mark) in ("R", "AL")
