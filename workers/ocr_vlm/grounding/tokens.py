"""The model's text and the witness's words as sequences of what can be compared one by one."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from common.document.direction import is_right_to_left
from common.document.geometry import Box
from common.document.page import Block
from common.document.text import is_unspaced
from workers.ocr_vlm.answer import BlockAnswer, PageAnswer
from workers.ocr_vlm.grounding.comparable import key, widths

NO_CELL = -1


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the model, or a letter of one in scripts without blanks between words.

    ``block``, ``cell`` (within its block), ``line`` and ``chunk`` are numbers; tokens of one chunk have no
    blank between them.
    """

    text: str
    key: str
    block: int
    line: int
    chunk: int
    cell: int = NO_CELL


@dataclass(frozen=True, slots=True)
class Seen:
    """A word of the witness, or a letter of one: ``word`` and ``line`` are numbers."""

    key: str
    bbox: Box
    confidence: float
    word: int
    line: int


def tokens_of(answer: PageAnswer) -> list[Token]:
    found: list[Token] = []
    line = chunk = 0
    for number, block in enumerate(answer.blocks):
        for cell, text in _texts(block):
            for row in text.splitlines():
                line += 1
                for word in row.split():
                    chunk += 1
                    found += [Token(part, key(part), number, line, chunk, cell) for part in parts(word)]
    return found


def seen_in(blocks: Sequence[Block]) -> list[Seen]:
    """The witness's words in its order; those of no letters at all are left out."""
    found: list[Seen] = []
    line = number = 0
    for block in blocks:
        for row in block.lines:
            line += 1
            for word in row.words:
                if not word.text.strip():
                    continue
                number += 1
                pieces = list(parts(unicodedata.normalize("NFC", word.text)))
                boxes = split(word.bbox, [widths(piece) for piece in pieces], is_right_to_left([word.text]))
                found += [
                    Seen(key(piece), box, word.confidence, number, line)
                    for piece, box in zip(pieces, boxes, strict=True)
                ]
    return found


def parts(word: str) -> Iterator[str]:
    """Letters of scripts without blanks one by one, with what is combined with them; the rest as it is."""
    if word.isascii():
        yield word
        return
    current = ""
    for character in word:
        goes_on = unicodedata.category(character).startswith("M") or (
            not is_unspaced(character) and not (current and is_unspaced(current[0]))
        )
        if current and not goes_on:
            yield current
            current = ""
        current += character
    yield current


def split(box: Box, weights: Sequence[float], right_to_left: bool = False) -> list[Box]:
    """``box`` cut from top to bottom into parts as wide as the weights say, in the order of reading."""
    if len(weights) == 1:
        return [box]
    total = sum(weights)
    edges = [box.x0 + (box.x1 - box.x0) * part / total for part in accumulate(weights, initial=0.0)]
    if right_to_left:
        edges = [box.x0 + box.x1 - edge for edge in edges]
    return [
        Box(round(min(one, other)), box.y0, round(max(one, other)), box.y1) for one, other in pairwise(edges)
    ]


def _texts(block: BlockAnswer) -> Iterator[tuple[int, str]]:
    """Its text, or those of its cells, each with the number of its cell."""
    cells = [cell for row in block.table for cell in row]
    if cells:
        yield from ((number, unicodedata.normalize("NFC", cell.text)) for number, cell in enumerate(cells))
    else:
        yield NO_CELL, unicodedata.normalize("NFC", block.text or block.latex)
