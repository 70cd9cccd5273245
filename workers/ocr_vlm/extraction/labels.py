"""Whether what stands before or above a value on the page is what the value is called."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz.fuzz import ratio

from common.document.geometry import Box
from workers.ocr_vlm.extraction.candidates import Candidate
from workers.ocr_vlm.extraction.page_words import PageWords, pieces

_MOST_WORDS: Final = 4
_ALIKE: Final = 84
_ABOVE: Final = 0.6  # as good as before it
_MOST_ABOVE: Final = 2.5  # heights


@lru_cache(maxsize=2048)
def name_of(key: str) -> tuple[str, ...]:
    """The words of a property's name, however it joins them."""
    return tuple(pieces(re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-./]", " ", key)))


class Labels:
    def __init__(self, page: PageWords) -> None:
        self._page = page
        self._before: dict[Candidate, tuple[str, ...]] = {}
        self._above: dict[Candidate, tuple[str, ...]] = {}

    def fit(self, keys: Sequence[str], candidate: Candidate) -> float:
        """0 to 1, for the best of the names."""
        if candidate not in self._before:
            self._before[candidate] = self._words_before(candidate)
            self._above[candidate] = self._words_above(candidate)
        return max(
            (
                max(_fit(name, self._before[candidate]), _ABOVE * _fit(name, self._above[candidate]))
                for key in keys
                if (name := name_of(key))
            ),
            default=0.0,
        )

    def _words_before(self, candidate: Candidate) -> tuple[str, ...]:
        """The nearest to the left in the same line, and what stands in the value's own first word."""
        box, own = candidate.bbox, set(candidate.words())
        beside = [
            word
            for index, word in enumerate(self._page.words)
            if index not in own and word.bbox.x1 <= box.x0 + 2 and _in_line(word.bbox, box)
        ]
        beside.sort(key=lambda word: word.bbox.x1)
        first = self._page.words[candidate.first].text
        return tuple(
            piece
            for text in [*(word.text for word in beside[-_MOST_WORDS:]), first]
            for piece in pieces(text)
        )

    def _words_above(self, candidate: Candidate) -> tuple[str, ...]:
        box = candidate.bbox
        height = max(1, box.y1 - box.y0)
        return tuple(
            piece
            for word in self._page.words
            if word.bbox.y1 <= box.y0 + height // 4
            and box.y0 - word.bbox.y1 < _MOST_ABOVE * height
            and word.bbox.x0 < box.x1
            and box.x0 < word.bbox.x1
            for piece in pieces(word.text)
        )


def _in_line(one: Box, other: Box) -> bool:
    middle = (one.y0 + one.y1) / 2
    return other.y0 <= middle <= other.y1


def _fit(name: Sequence[str], label: Sequence[str]) -> float:
    """How much of the name the label has, and of what it has besides, less."""
    said = [piece for piece in label if not piece.isdigit()]
    if not said:
        return 0.0
    found = sum(any(ratio(word, piece) >= _ALIKE for piece in said) for word in name)
    return found / len(name) * (0.7 + 0.3 * min(1.0, found / len(said)))
