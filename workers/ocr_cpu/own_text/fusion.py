"""One page of two readers: its own text where that is trusted, recognition where it is not, nothing twice."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from common.document.geometry import Box, union
from common.document.page import Block, Engine, Line, Word
from common.document.text_layer import LayerWord
from workers.ocr_cpu.own_text.trust import LayerLine

_PAINTED_CONFIDENCE: Final = 1.0
_HIDDEN_CONFIDENCE: Final = 0.95  # somebody's recognition, judged good
_WIDE_GAP: Final = 2.0  # heights; lines of neighbouring columns, or cells of a table
_COVERED: Final = 0.5  # of a word's box
_CELL: Final = 128  # pixels; to compare neighbours alone


def blocks_of(lines: Iterable[LayerLine]) -> tuple[Block, ...]:
    """A block of one line for each stretch of words without a wide gap, in content order."""
    blocks = []
    for line in lines:
        for stretch in _stretches(line):
            words = tuple(_word(word) for word in stretch)
            box = union(word.bbox for word in words)
            blocks.append(Block((Line(words, box),), box))
    return tuple(blocks)


def fuse(
    own: Sequence[Block], read: Sequence[Block], unread: Sequence[Box], reader: Engine
) -> tuple[Block, ...]:
    """The page's ``own`` blocks and those that ``reader`` found in the ``unread`` boxes, all in page pixels.

    Of what was read, words outside those boxes and words over own ones are left out; the others say who
    read them. The order is that of the parts: arranging is the layout's.
    """
    known = _Places(word.bbox for block in own for line in block.lines for word in line.words)

    def is_new(word: Word) -> bool:
        wanted = any(_part_within(word.bbox, box) > _COVERED for box in unread)
        return wanted and known.covered_part(word.bbox) <= _COVERED

    new = (_with_words(block, is_new, reader) for block in read)
    return (*own, *(block for block in new if block.lines))


class _Places:
    """Boxes by where they are, so that a box is compared with its neighbours alone."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self._cells: defaultdict[tuple[int, int], list[Box]] = defaultdict(list)
        for box in boxes:
            for cell in _cells(box):
                self._cells[cell].append(box)

    def covered_part(self, box: Box) -> float:
        """At least; 1 where known boxes that do not overlap each other cover it all."""
        near = {other for cell in _cells(box) for other in self._cells.get(cell, ())}
        return sum(_part_within(box, other) for other in near)


def _with_words(block: Block, is_wanted: Callable[[Word], bool], reader: Engine) -> Block:
    """The block without other words, its boxes around the rest."""
    lines = []
    for line in block.lines:
        words = tuple(replace(word, engine=word.engine or reader) for word in line.words if is_wanted(word))
        if words:
            same = len(words) == len(line.words)
            lines.append(Line(words, line.bbox if same else union(word.bbox for word in words)))
    return replace(block, lines=tuple(lines), bbox=union(line.bbox for line in lines))


def _stretches(line: LayerLine) -> Iterator[list[LayerWord]]:
    stretch: list[LayerWord] = []
    for word in line:
        if stretch and _is_apart(stretch[-1].bbox, word.bbox):
            yield stretch
            stretch = []
        stretch.append(word)
    if stretch:
        yield stretch


def _is_apart(box: Box, after: Box) -> bool:
    """By the gap along the line, whichever way it runs, measured in heights of its letters."""
    across = max(after.x0 - box.x1, box.x0 - after.x1)
    down = max(after.y0 - box.y1, box.y0 - after.y1)
    upright_height = max(box.y1 - box.y0, after.y1 - after.y0)
    turned_height = max(box.x1 - box.x0, after.x1 - after.x0)
    return across > _WIDE_GAP * upright_height or down > _WIDE_GAP * turned_height


def _word(word: LayerWord) -> Word:
    return Word(word.text, word.bbox, _HIDDEN_CONFIDENCE if word.hidden else _PAINTED_CONFIDENCE)


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    for x in range(box.x0 // _CELL, box.x1 // _CELL + 1):
        for y in range(box.y0 // _CELL, box.y1 // _CELL + 1):
            yield x, y


def _part_within(box: Box, other: Box) -> float:
    width = min(box.x1, other.x1) - max(box.x0, other.x0)
    height = min(box.y1, other.y1) - max(box.y0, other.y0)
    return max(0, width) * max(0, height) / max(1, (box.x1 - box.x0) * (box.y1 - box.y0))
