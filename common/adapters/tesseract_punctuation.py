"""The punctuation of East Asian and Arabic lines, for which Tesseract writes the Latin one's signs.

Only signs that follow a letter of the script are changed: those in numbers and in Latin words stay.
"""

# ruff: noqa: RUF001 - full-width signs are what this is about

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from statistics import median
from typing import Final

from common.document.geometry import Box, union
from common.document.page import Block, Line, Word
from common.document.text import mean_confidence

_EAST_ASIAN: Final = "\u3001-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff9f\u201c\u201d\u2018\u2019"
_HAS_EAST_ASIAN: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff]")
_FULL: Final = str.maketrans(",;:!?", "，；：！？")
_AMID: Final = re.compile(rf"(?<=[{_EAST_ASIAN}])[,;:!?](?=[{_EAST_ASIAN}])")
_AFTER: Final = re.compile("[,;:!?]")
_FOLLOWED: Final = re.compile(f"[{_EAST_ASIAN})]")
_ROOM: Final = 0.45  # of the line's height, from a sign to what follows: a half-width one takes less
_PARENTHESES: Final = re.compile(rf"\((?=[{_EAST_ASIAN}])([^()]*)(?<=[{_EAST_ASIAN}])\)")
_GAP: Final = 1.0  # of the thickness of a line's words: cells stand further apart than words that are one
_NUMBER: Final = re.compile(r"[0-9]+(?:[.,:/-][0-9]+)*%?")
_ENDS_EAST_ASIAN: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff]$")
_BEGINS_EAST_ASIAN: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff]")

_ARABIC: Final = "\u0620-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u06ff\u0750-\u077f"
_HAS_ARABIC: Final = re.compile(f"[{_ARABIC}]")
_ARABIC_SIGNS: Final = str.maketrans(",;?", "\u060c\u061b\u061f")
_AFTER_ARABIC: Final = re.compile(rf"(?<=[{_ARABIC}])[,;?](?![0-9A-Za-z])")
_LONE_SIGN: Final = re.compile("[,;?]")


def with_own_punctuation(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks with full-width signs in East Asian text, Arabic ones after Arabic letters, and East Asian
    words joined to the numbers and signs after them, which are printed without a blank."""
    return tuple(replace(block, lines=tuple(map(_line, block.lines))) for block in blocks)


def _line(line: Line) -> Line:
    text = " ".join(word.text for word in line.words)
    if _HAS_EAST_ASIAN.search(text):
        return replace(line, words=tuple(_with_numbers(_full_width(line), _widest_gap(line))))
    if _HAS_ARABIC.search(text):
        return replace(line, words=tuple(_arabic(line.words)))
    return line


def _full_width(line: Line) -> list[Word]:
    height = line.bbox.y1 - line.bbox.y0
    words: list[Word] = []
    following: Sequence[Word | None] = [*line.words[1:], None]
    for word, after in zip(line.words, following, strict=True):
        body, last = word.text[:-1], word.text[-1]
        before = body[-1:] or (words[-1].text[-1] if words else "")
        if _AFTER.match(last) and _FOLLOWED.match(before) and _has_room(word, after, height):
            last = last.translate(_FULL)
        text = _AMID.sub(lambda found: found.group().translate(_FULL), body) + last
        words.append(replace(word, text=text) if text != word.text else word)
    return _with_parentheses(words)


def _has_room(word: Word, after: Word | None, height: int) -> bool:
    """Whether the sign that ends the word stands in a full-width cell."""
    if after is None:
        return True
    start = word.bbox.x0 if len(word.text) == 1 else word.bbox.x1 - height // 4
    return after.bbox.x0 - start >= _ROOM * height


def _with_parentheses(words: list[Word]) -> list[Word]:
    """A pair around East Asian text, which may span words, as full-width ones."""
    text = "".join(word.text for word in words)
    marks = list(text)
    for pair in _PARENTHESES.finditer(text):
        marks[pair.start()], marks[pair.end() - 1] = "（", "）"
    found, position = [], 0
    for word in words:
        end = position + len(word.text)
        changed = "".join(marks[position:end])
        found.append(word if changed == word.text else replace(word, text=changed))
        position = end
    return found


def _widest_gap(line: Line) -> float:
    """Between words that are one; lines may run down, and boxes of single words be much too large."""
    boxes = [word.bbox for word in line.words]
    runs_down = line.bbox.y1 - line.bbox.y0 > line.bbox.x1 - line.bbox.x0
    return _GAP * median(box.x1 - box.x0 if runs_down else box.y1 - box.y0 for box in boxes)


def _with_numbers(words: Sequence[Word], widest_gap: float) -> Iterator[Word]:
    group: list[Word] = []
    for word in words:
        if group and not (_are_near(group[-1].bbox, word.bbox, widest_gap) and _touch(group[-1], word)):
            yield _joined(group)
            group = []
        group.append(word)
    if group:
        yield _joined(group)


def _are_near(one: Box, other: Box, widest_gap: float) -> bool:
    return max(other.x0 - one.x1, other.y0 - one.y1) <= widest_gap


def _touch(one: Word, other: Word) -> bool:
    if _AFTER.fullmatch(other.text):
        return True
    if _NUMBER.fullmatch(one.text):
        return _BEGINS_EAST_ASIAN.match(other.text) is not None
    return _NUMBER.fullmatch(other.text) is not None and _ENDS_EAST_ASIAN.search(one.text) is not None


def _joined(parts: Sequence[Word]) -> Word:
    if len(parts) == 1:
        return parts[0]
    text = "".join(part.text for part in parts)
    return Word(text, union(part.bbox for part in parts), mean_confidence(parts) or 0.0, parts[0].engine)


def _arabic(words: Sequence[Word]) -> Iterator[Word]:
    before = ""
    for word in words:
        text = _AFTER_ARABIC.sub(lambda found: found.group().translate(_ARABIC_SIGNS), word.text)
        if _LONE_SIGN.fullmatch(text) and _HAS_ARABIC.match(before[-1:]):
            text = text.translate(_ARABIC_SIGNS)
        yield word if text == word.text else replace(word, text=text)
        before = text
