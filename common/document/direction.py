"""Which way a text runs."""

import unicodedata
from collections.abc import Iterable


def is_right_to_left(texts: Iterable[str]) -> bool:
    """Whether most letters are Hebrew, Arabic or of another script that runs from right to left."""
    kinds = [unicodedata.bidirectional(mark) for text in texts for mark in text if mark.isalpha()]
    return sum(kind in ("R", "AL") for kind in kinds) > len(kinds) / 2
