"""Whether an answer can be what the page says: models repeat themselves, or make up or skip everything."""

from typing import Final

from common.document.page import Page
from common.document.text import words
from workers.ocr_vlm.answer import BlockAnswer, PageAnswer
from workers.ocr_vlm.evidence import Evidence
from workers.ocr_vlm.loops import goes_round

# Pages repeat themselves, too, in tables and refrains: an answer may be so much longer than what is seen.
_LONGER: Final = 1.2
_ANY_LENGTH: Final = 400  # letters and digits
_MANY_WORDS: Final = 20
_MANY_INK_LINES: Final = 10
_SUPPORTED: Final = 0.3  # confidence above which a word has some support on the page
_FEW: Final = 0.1
_ENOUGH_WORDS: Final = 8
_WITNESSED: Final = 0.3  # sure words of the witness to words of the answer: fewer can contradict nothing


def repetition(answer: PageAnswer, evidence: Evidence) -> str | None:
    """What is wrong with an answer that goes round in circles."""
    return repetition_in("\n".join(map(_text, answer.blocks)), evidence)


def repetition_in(text: str, evidence: Evidence) -> str | None:
    """The same of any text."""
    if sum(map(str.isalnum, text)) <= _LONGER * evidence.characters + _ANY_LENGTH:
        return None
    return "it repeats itself" if goes_round(text) else None


def emptiness(answer: PageAnswer, evidence: Evidence, *, is_first: bool) -> str | None:
    """``is_first``: where only ink speaks against an answer, which may be a picture's, it is asked twice."""
    if any(map(_text, answer.blocks)):
        return None
    is_inked = is_first and evidence.ink_lines >= _MANY_INK_LINES
    is_read = evidence.sure_words >= _MANY_WORDS
    return "it says that the page is empty" if is_read or is_inked else None


def unsupported(page: Page, evidence: Evidence) -> str | None:
    """``page`` as it was grounded: next to nothing of what the model says is to be seen on it.

    A witness that has read little itself, as of handwriting, says nothing of that.
    """
    confidences = [word.confidence for word in words(page.blocks)]
    count = len(confidences)
    if count < _ENOUGH_WORDS or evidence.sure_words < _WITNESSED * count:
        return None
    supported = sum(confidence > _SUPPORTED for confidence in confidences)
    return "next to nothing of it is on the page" if supported < _FEW * count else None


def _text(block: BlockAnswer) -> str:
    cells = "\n".join(cell.text for row in block.table for cell in row)
    return (cells or block.text or block.latex).strip()
