"""How sure a word of the model is, by what the witness says of the same place.

A word that contradicts a witness who is sure of another is not believed; neither is one that nobody sees.
"""

from typing import Final

from rapidfuzz.distance import Levenshtein

from workers.ocr_vlm.answer import Legibility
from workers.ocr_vlm.grounding.comparable import has_digits, has_letters, shape, without_marks

UNSEEN: Final = 0.1
_MARK: Final = 0.5  # a sign without letters, which engines read at random
_DOUBTFUL: Final = 0.3
# From this confidence on the witness is believed: of another word, and of one that is nearly the same.
_SURE: Final = 0.75
_SURE_OF_SIMILAR: Final = 0.88
_SIMILAR: Final = 0.75
_SIMILAR_LETTERS: Final = 5
_INK: Final = {Legibility.CLEAR: 0.7, Legibility.PARTLY: 0.55, Legibility.POOR: 0.4}


def agreement(ours: str, theirs: str, confidence: float) -> float:
    """0 to 1; both texts as they are compared, ``confidence`` is the witness's of its own."""
    if ours == theirs:
        return round(0.9 + 0.09 * confidence, 4)
    if not has_letters(ours):
        return _MARK
    if without_marks(ours) == without_marks(theirs):
        return round(0.8 + 0.15 * confidence, 4)
    if not has_digits(ours) and shape(ours) == shape(theirs):
        return round(0.7 + 0.15 * confidence, 4)
    return _contradicted(ours, theirs, confidence)


def by_ink(legibility: Legibility) -> float:
    """Of a word where something is written that the witness did not read."""
    return _INK[legibility]


def _contradicted(ours: str, theirs: str, confidence: float) -> float:
    alike = Levenshtein.normalized_similarity(ours, theirs)
    similar = alike >= _SIMILAR and len(ours) >= _SIMILAR_LETTERS and not has_digits(ours)
    sure = _SURE_OF_SIMILAR if similar else _SURE
    return round(min(0.7, max(0.05, _DOUBTFUL + (sure - confidence) * (0.3 + 0.5 * alike))), 4)
