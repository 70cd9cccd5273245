"""Texts that go round in circles, as models' answers do when they have lost the thread."""

import zlib
from typing import Final

import numpy as np

_LONGEST_PERIOD: Final = 200  # characters; what goes round in longer ones is told by its density
_ROUNDS: Final = 16
_LOOP_CHARACTERS: Final = 400
_DENSE: Final = 0.12  # compressed to original: prose of any script stays above 0.25
_LONG: Final = 2000  # bytes
_LEADERS: Final = " .·…_-=*|\n\t"  # of tables of contents and forms


def goes_round(text: str) -> bool:
    """Whether ``text`` says the same over and over; rows of dots and rules do not count."""
    return _has_period(text) or _is_dense(text)


def _has_period(text: str) -> bool:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    for period in range(1, min(_LONGEST_PERIOD, len(codes) // _ROUNDS) + 1):
        breaks = np.flatnonzero(codes[period:] != codes[:-period])
        edges = np.concatenate(([-1], breaks, [len(codes) - period]))
        shortest = max(_LOOP_CHARACTERS, _ROUNDS * period) - period
        for at in np.flatnonzero(np.diff(edges) > shortest):
            start = int(edges[at]) + 1
            if text[start : start + period].strip(_LEADERS):
                return True
    return False


def _is_dense(text: str) -> bool:
    raw = text.encode("utf-8", "surrogatepass")
    if len(raw) < _LONG or sum(character in _LEADERS for character in text) > len(text) / 2:
        return False
    return len(zlib.compress(raw)) < _DENSE * len(raw)
