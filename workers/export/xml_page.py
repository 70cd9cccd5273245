"""Pages as formats in XML take them."""

from collections import Counter
from dataclasses import replace

from common.document.page import Block, Line, Page, Word
from common.document.text import joined
from common.document.xml_text import legal


def fit_for_xml(page: Page) -> Page:
    """The page without characters that XML forbids, without words that have no others, and lines of such."""
    return replace(page, blocks=tuple(_block(block) for block in page.blocks))


def _block(block: Block) -> Block:
    lines = (Line(_words(line), line.bbox) for line in block.lines)
    return replace(block, lines=tuple(line for line in lines if line.words))


def _words(line: Line) -> tuple[Word, ...]:
    texts = ((word, legal(word.text).strip()) for word in line.words)
    return tuple(word if text == word.text else replace(word, text=text) for word, text in texts if text)


def is_blank_between(left: Word, right: Word) -> bool:
    """Whether two words of a line, one after the other, are apart; those of some scripts are not."""
    return len(joined((left.text[-1], right.text[0]))) > 2


class Names:
    """The names of one page's elements: ``word_1_1``, ``word_1_2``, … on the page with the ``number`` 1."""

    def __init__(self, number: int) -> None:
        self.page = f"page_{number}"
        self._number = number
        self._counts: Counter[str] = Counter()

    def next(self, kind: str) -> str:
        self._counts[kind] += 1
        return f"{kind}_{self._number}_{self._counts[kind]}"
