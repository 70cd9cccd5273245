"""A formula as one word: what is written of it in a line of text is not what stands on the page."""

from collections.abc import Sequence
from typing import Final

from common.document.geometry import union
from common.document.page import Line, Word
from common.document.text import mean_confidence
from workers.ocr_vlm.answer import BlockAnswer
from workers.ocr_vlm.grounding.agreement import UNSEEN, by_ink
from workers.ocr_vlm.grounding.placed_word import PlacedWord

_ENOUGH: Final = 0.3  # of its letters: fewer may be found anywhere


def formula_line(answer: BlockAnswer, words: Sequence[PlacedWord]) -> Line:
    """Around what was found of it. ``words`` are its tokens, one at least."""
    found = [word for word in words if word.is_found]
    text = " ".join((answer.text or answer.latex).split())
    box = union(word.bbox for word in found or words)
    confidence = UNSEEN
    if sum(len(word.text) for word in found) >= _ENOUGH * sum(len(word.text) for word in words):
        mean = mean_confidence(Word(word.text, word.bbox, word.confidence) for word in found)
        confidence = max(mean or 0.0, by_ink(answer.legibility))
    return Line((Word(text, box, round(confidence, 4)),), box)
