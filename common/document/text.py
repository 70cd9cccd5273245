"""A page as plain text, and how sure the reader was."""

import re
from collections.abc import Iterable

from common.document.page import Block, Line, Page, Word

PAGE_BREAK = "\f"

# Scripts written without blanks between words: Thai, Lao, Tibetan, Myanmar, Khmer, Kana, Han, and
# the punctuation of East Asia. Hangul has blanks.
_UNSPACED = (
    r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
    r"\U00020000-\U0003ffff]"
)
_UNSPACED_MARK = re.compile(_UNSPACED)
_NEEDLESS_BLANK = re.compile(f"(?<={_UNSPACED}) (?={_UNSPACED})")


def joined(parts: Iterable[str]) -> str:
    """The parts with blanks between them, where their script has blanks."""
    return _NEEDLESS_BLANK.sub("", " ".join(parts))


def is_unspaced(mark: str) -> bool:
    """Whether a character is of a script without blanks, whose lines may end anywhere."""
    return _UNSPACED_MARK.match(mark) is not None


def line_text(line: Line) -> str:
    return joined(word.text for word in line.words)


def block_text(block: Block) -> str:
    return "\n".join(line_text(line) for line in block.lines)


def page_text(page: Page) -> str:
    """The page's text: lines as on the page, a blank line between blocks; "" for a blank page."""
    return "\n\n".join(block_text(block) for block in page.blocks)


def words(blocks: Iterable[Block]) -> Iterable[Word]:
    return (word for block in blocks for line in block.lines for word in line.words)


def mean_confidence(of_words: Iterable[Word]) -> float | None:
    """The mean of the words' confidences, each weighted by its characters; None without words."""
    total = weighted = 0.0
    for word in of_words:
        total += len(word.text)
        weighted += len(word.text) * word.confidence
    return round(weighted / total, 4) if total else None
