"""Lines of placed words: by where they stand, not by where the model broke them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from common.document.direction import is_right_to_left
from common.document.geometry import centre, union
from common.document.page import Line, Word
from common.document.text import is_unspaced
from workers.ocr_vlm.grounding.free_ink import beside
from workers.ocr_vlm.grounding.ink_edges import InkEdges
from workers.ocr_vlm.grounding.placed_word import PlacedWord
from workers.ocr_vlm.grounding.tokens import Token

_BACK: Final = 0.5  # of a word's height that the next may begin before its end
_FEW: Final = 40  # words at the end of a row that are looked at


def lines_of(words: Sequence[PlacedWord], tokens: Sequence[Token], ink: InkEdges) -> tuple[Line, ...]:
    """``words`` of one block in the order of reading."""
    back = is_right_to_left(word.text for word in words)
    rows: list[list[PlacedWord]] = []
    for word in words:
        if rows and _goes_on(rows[-1], word, back, tokens):
            rows[-1].append(word)
        else:
            rows.append([word])
    return tuple(_line(row, tokens, ink) for row in rows)


def table_lines_of(
    rows: Iterable[Sequence[PlacedWord]], tokens: Sequence[Token], ink: InkEdges
) -> tuple[Line, ...]:
    """Each row's words in the order of its cells: line by line as on the page."""
    return tuple(_line(line, tokens, ink) for row in rows for line in _by_height(row))


def words_of(words: Sequence[PlacedWord], tokens: Sequence[Token], ink: InkEdges) -> list[Word]:
    """Those of a table's cell."""
    return [word for line in _by_height(words) for word in _line(line, tokens, ink).words]


def _by_height(words: Sequence[PlacedWord]) -> list[list[PlacedWord]]:
    lines: list[list[PlacedWord]] = []
    order = {id(word): at for at, word in enumerate(words)}
    for word in sorted(words, key=lambda each: centre(each.bbox)[1]):
        if lines and centre(word.bbox)[1] < lines[-1][0].bbox.y1:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda word: order[id(word)]) for line in lines]


def _goes_on(row: Sequence[PlacedWord], word: PlacedWord, back: bool, tokens: Sequence[Token]) -> bool:
    """Words that are nowhere tell of no line but the model's."""
    last = row[-1]
    if word.line is not None and any(word.line == each.line for each in row[-_FEW:]):
        return True
    if not word.is_found:
        return tokens[last.token].line == tokens[word.token].line
    known = next((each.bbox for each in reversed(row) if each.is_found), None)
    if known is None or not beside(known, word.bbox):
        return False
    leeway = _BACK * (known.y1 - known.y0)
    return word.bbox.x1 <= known.x0 + leeway if back else word.bbox.x0 >= known.x1 - leeway


def _line(row: Sequence[PlacedWord], tokens: Sequence[Token], ink: InkEdges) -> Line:
    parts = _joined(row, tokens)
    words = [_word(part) for part in parts]
    found = [at for at, part in enumerate(parts) if any(word.is_found for word in part)]
    for at, box in zip(found, ink.fitted([words[at].bbox for at in found]), strict=True):
        words[at] = replace(words[at], bbox=box)
    return Line(tuple(words), union(word.bbox for word in words))


def _joined(row: Sequence[PlacedWord], tokens: Sequence[Token]) -> list[list[PlacedWord]]:
    """Letters of one chunk put together to words as the witness has them."""
    parts: list[list[PlacedWord]] = []
    for word in row:
        if parts and _is_one_word(parts[-1][-1], word, tokens):
            parts[-1].append(word)
        else:
            parts.append([word])
    return parts


def _is_one_word(last: PlacedWord, word: PlacedWord, tokens: Sequence[Token]) -> bool:
    if tokens[last.token].chunk != tokens[word.token].chunk or last.token == word.token:
        return False
    seamless = is_unspaced(last.text[-1]) and is_unspaced(word.text[0])
    return not seamless or (last.word == word.word and last.is_found == word.is_found)


def _word(parts: Sequence[PlacedWord]) -> Word:
    if len(parts) == 1:
        return Word(parts[0].text, parts[0].bbox, parts[0].confidence)
    letters = sum(len(part.text) for part in parts)
    confidence = sum(part.confidence * len(part.text) for part in parts) / letters
    return Word("".join(part.text for part in parts), union(p.bbox for p in parts), round(confidence, 4))
