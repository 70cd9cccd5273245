"""One page of two readers: its own text where that is trusted, recognition where it is not, nothing twice."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from common.document.geometry import Box, part_within, union
from common.document.page import Block, Engine, Line, Word
from common.document.places import Places
from common.document.text_layer import LayerWord
from common.reading.own_text.trust import LayerLine

_PAINTED_CONFIDENCE: Final = 1.0
_HIDDEN_CONFIDENCE: Final = 0.95  # somebody's recognition, judged good
_WIDE_GAP: Final = 2.0  # heights; lines of neighbouring columns, or cells of a table
_COVERED: Final = 0.5  # of a word's box


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
    known = Places({word.bbox for block in own for line in block.lines for word in line.words})
    regions = Places(unread)

    def is_new(word: Word) -> bool:
        wanted = any(part_within(word.bbox, box) > _COVERED for box in regions.boxes_near(word.bbox))
        return wanted and sum(part_within(word.bbox, box) for box in known.boxes_near(word.bbox)) <= _COVERED

    new = (_with_words(block, is_new, reader) for block in read)
    return (*own, *(block for block in new if block.lines))


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
