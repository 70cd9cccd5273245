"""How well texts match terms: BM25, by bm25s."""

import logging
import math
from collections.abc import Iterable
from typing import Final

import bm25s
import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

_K1: Final = 1.2
_B: Final = 0.5  # snippets are of one kind: length says less than on the web


class Ranking:
    """Of ``texts``, each as its terms. Scores are in the order of the texts."""

    def __init__(self, texts: Iterable[Iterable[str]]) -> None:
        vocabulary: dict[str, int] = {}
        ids = [[vocabulary.setdefault(term, len(vocabulary)) for term in text] for text in texts]
        self.count = len(ids)
        self._vocabulary = vocabulary
        self._index = _index(ids, vocabulary) if vocabulary else None

    def __contains__(self, term: str) -> bool:
        return term in self._vocabulary

    @property
    def vocabulary(self) -> Iterable[str]:
        return self._vocabulary.keys()

    def scores(self, term: str) -> Scores:
        """0 for the texts without the term."""
        identity = self._vocabulary.get(term)
        if identity is None or self._index is None:
            return np.zeros(self.count, dtype=np.float32)
        scores: Scores = self._index.get_scores_from_ids([identity])
        return scores

    def rarity(self, texts_with_it: int) -> float:
        """The inverse document frequency, as BM25 of Lucene has it; of an unknown term the highest."""
        return math.log(1 + (self.count - texts_with_it + 0.5) / (texts_with_it + 0.5))


def _index(ids: list[list[int]], vocabulary: dict[str, int]) -> "bm25s.BM25":
    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it asks for everything to be logged
    index = bm25s.BM25(k1=_K1, b=_B, method="lucene")
    index.index((ids, vocabulary), create_empty_token=False, show_progress=False)
    return index
