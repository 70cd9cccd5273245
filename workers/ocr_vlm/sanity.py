"""Whether an answer can be what the page says: models repeat themselves, or make up or skip everything."""

import re
import zlib
from typing import Final

from common.document.page import Page
from common.document.text import words
from workers.ocr_vlm.answer import PageAnswer

_LOOP: Final = re.compile(r"(.{1,200}?)\1{15,}", re.DOTALL)
_LOOP_CHARACTERS: Final = 400
_DENSE: Final = 0.06  # compressed to original: text of any script stays far above
_LONG: Final = 2000
_MANY_WORDS: Final = 20  # that the witness is sure of
_SURE: Final = 0.8
_SUPPORTED: Final = 0.3  # confidence above which a word has some support on the page
_FEW: Final = 0.1
_ENOUGH_WORDS: Final = 8


def repetition(answer: PageAnswer) -> str | None:
    """What is wrong with an answer that goes round in circles."""
    return repetition_in("\n".join(block.text for block in answer.blocks))


def repetition_in(text: str) -> str | None:
    """The same of any text."""
    loop = _LOOP.search(text)
    if loop and len(loop[0]) >= _LOOP_CHARACTERS and loop[1].strip(" .·_-=*\n\t"):
        return "it repeats itself"
    raw = text.encode()
    if len(raw) >= _LONG and len(zlib.compress(raw)) < _DENSE * len(raw) and not _is_leaders(text):
        return "it repeats itself"
    return None


def emptiness(answer: PageAnswer, sure_words: int) -> str | None:
    """``sure_words``: how many words the witness has read on the page for certain."""
    said = any(block.text.strip() or block.latex or block.table for block in answer.blocks)
    return None if said or sure_words < _MANY_WORDS else "it says that the page is empty"


def unsupported(page: Page) -> str | None:
    """``page`` as it was grounded: next to nothing of what the model says is to be seen on it."""
    confidences = [word.confidence for word in words(page.blocks)]
    if len(confidences) < _ENOUGH_WORDS:
        return None
    supported = sum(confidence > _SUPPORTED for confidence in confidences)
    return "next to nothing of it is on the page" if supported < _FEW * len(confidences) else None


def sure_words(page_words: list[float]) -> int:
    """How many of the witness's words, by their confidence, are read for certain."""
    return sum(confidence >= _SURE for confidence in page_words)


def _is_leaders(text: str) -> bool:
    """Dots and rules of a table of contents or a form are no loop."""
    return sum(character in " .·_-=*\n\t" for character in text) > len(text) / 2
