"""Tesseract's TSV output, the one form that both ways of running it share.

Its columns are level, page, block, paragraph, line, word, left, top, width, height, confidence and
text; level 5 is a word, the levels above only repeat what the words tell. Source: TessBaseAPI::GetTSVText.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, NamedTuple

from common.document.geometry import Box, union
from common.document.page import Block, Line, Word

_WORD_LEVEL: Final = "5"
_MARKS_OF_DIRECTION: Final = dict.fromkeys((0x200E, 0x200F))
_NON_JOINER: Final = "\u200c"


class _Row(NamedTuple):
    paragraph: tuple[str, str]
    line: str
    word: Word


def blocks_from_tsv(tsv: str) -> tuple[Block, ...]:
    """One block for each paragraph, in reading order; blank words, which stand for pictures, are dropped."""
    return tuple(_block(rows) for _, rows in groupby(_words(tsv), key=lambda row: row.paragraph))


def _block(rows: Iterable[_Row]) -> Block:
    lines = tuple(_line(words) for _, words in groupby(rows, key=lambda row: row.line))
    return Block(lines, union(line.bbox for line in lines))


def _line(rows: Iterable[_Row]) -> Line:
    words = tuple(row.word for row in rows)
    return Line(words, union(word.bbox for word in words))


def _words(tsv: str) -> Iterator[_Row]:
    for row in tsv.split("\n"):
        level, *fields = row.split("\t", 11)
        if level == _WORD_LEVEL and _letters(fields[-1]):
            yield _row(fields)


def _row(fields: list[str]) -> _Row:
    _, block, paragraph, line, _, left, top, width, height, confidence, text = fields
    x, y = int(left), int(top)
    box = Box(x, y, x + int(width), y + int(height))
    certainty = min(1.0, max(0.0, float(confidence) / 100))
    return _Row((block, paragraph), line, Word(_letters(text), box, round(certainty, 4)))


def _letters(text: str) -> str:
    """Without the marks of direction that Tesseract puts around words of mixed lines, and the joiners
    it writes after each final consonant of Indic words, where nothing follows."""
    return text.translate(_MARKS_OF_DIRECTION).strip().rstrip(_NON_JOINER)
