"""The words that a page is to get as invisible text."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from common.document.geometry import Box, Size, rotate, union
from common.document.page import Page, Role, Word
from common.document.text import joined
from common.document.xml_text import legal

Words = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Rows of a table, or lines of any other block."""

    lines: tuple[Words, ...]
    is_table: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """What is on a page that was turned upright; ``size`` and boxes are pixels of that."""

    size: Size
    paragraphs: tuple[Paragraph, ...]


def layer_of(page: Page, is_wanted: Callable[[Word], bool]) -> Layer:
    """The page's wanted words, as they lie once the page is turned for reading."""
    turned = (page.height, page.width) if page.rotation % 180 else (page.width, page.height)
    paragraphs = []
    for block in page.blocks:
        lines = (_joined(_words(line.words, is_wanted, page)) for line in block.lines)
        paragraphs.append(Paragraph(tuple(words for words in lines if words), block.role is Role.TABLE))
    return Layer(turned, tuple(paragraph for paragraph in paragraphs if paragraph.lines))


def _words(words: Iterable[Word], is_wanted: Callable[[Word], bool], page: Page) -> Iterator[Word]:
    for word in words:
        text = " ".join(legal(word.text).split())
        if text and is_wanted(word):
            x0, y0, x1, y1 = rotate(word.bbox, page.rotation, page.width, page.height)
            yield Word(text, Box(x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)), word.confidence)


def _joined(words: Iterable[Word]) -> Words:
    """Words that stand side by side in a script without blanks are one, or readers would add blanks."""
    found: list[Word] = []
    for word in words:
        if found and _belong_together(found[-1], word):
            last = found.pop()
            word = Word(last.text + word.text, union((last.bbox, word.bbox)), last.confidence)
        found.append(word)
    return tuple(found)


def _belong_together(word: Word, following: Word) -> bool:
    gap = following.bbox.x0 - word.bbox.x1
    height = max(word.bbox.y1 - word.bbox.y0, following.bbox.y1 - following.bbox.y0)
    return -height < gap < height and " " not in joined((word.text[-1], following.text[0]))
