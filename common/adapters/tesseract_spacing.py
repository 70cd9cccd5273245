"""Words that Tesseract's TSV tears into syllables, put together again.

For Hangul the TSV has a word for nearly every syllable, while the plain text of the same reading has its
blanks where they belong: of clean print 36 % of the characters are wrong with the one, none with the other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from common.document.geometry import union
from common.document.page import Block, Line, Word
from common.document.text import mean_confidence


def rejoined(blocks: Sequence[Block], text: str) -> tuple[Block, ...]:
    """The blocks with the words of each line joined that ``text``, the plain text of the same reading,
    has no blank between; as they were where the two differ in more than blanks."""
    words = [word.text for block in blocks for line in block.lines for word in line.words]
    if "".join(words) != "".join(text.split()):
        return tuple(blocks)
    begins = _beginnings(words, text)
    return tuple(replace(block, lines=tuple(_line(line, begins) for line in block.lines)) for block in blocks)


def _beginnings(words: Iterable[str], text: str) -> Iterator[bool]:
    """Of each word, whether a blank goes before it in the text."""
    position = 0
    for word in words:
        start = position
        while text[position].isspace():
            position += 1
        yield position > start
        for letter in word:
            position = text.index(letter, position) + 1


def _line(line: Line, begins: Iterator[bool]) -> Line:
    groups: list[list[Word]] = []
    for word in line.words:
        if next(begins) or not groups:
            groups.append([])
        groups[-1].append(word)
    return replace(line, words=tuple(map(_joined, groups)))


def _joined(parts: Sequence[Word]) -> Word:
    return replace(
        parts[0],
        text="".join(part.text for part in parts),
        bbox=union(part.bbox for part in parts),
        confidence=mean_confidence(parts) or 0.0,
    )
