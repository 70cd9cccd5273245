"""What Tesseract is unsure of is read again by another engine; page or lines, whichever is in doubt."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from statistics import median
from typing import Final, Protocol

from PIL import Image

from common.document.geometry import Box, clip, union
from common.document.page import Block, Line, Word
from common.document.quadrilateral import Quad, bounds, corners
from common.document.text import mean_confidence, words
from common.errors import EngineFailed, EngineUnavailable
from common.reading.second_reader.doubt import Doubt, doubt
from common.reading.second_reader.known_languages import may_say, reads
from common.reading.second_reader.merging import merged
from common.reading.second_reader.placing import placed

_SOUGHT_HEIGHT: Final = 14  # pixels of a word at which the detector finds lines well
_LEAST_CONFIDENCE: Final = 0.5  # of a line of the second reader, to be believed at all
_KEPT_CONFIDENCE: Final = 0.7  # of a word of Tesseract's that the second reader did not see
_PADDING: Final = 0.15  # of a line's height, around Tesseract's tight boxes
_INK_CONTRAST: Final = 40  # grey levels, of 256
_START_S: Final = 5.0  # to be left for the first look


class LineReader(Protocol):
    """Finds and reads single lines on grey images (mode L)."""

    def find_lines(self, image: Image.Image, shrink: float = 1.0) -> Sequence[Quad]:
        """Lines of text from top to bottom, looked for at the scale ``shrink``. Raises EngineFailed."""

    def read_line(self, image: Image.Image, quad: Quad) -> Line | None:
        """Raises EngineFailed."""


def improve(
    image: Image.Image,
    blocks: Sequence[Block],
    models: Sequence[str],
    reader: Callable[[], LineReader],
    deadline: float,
) -> tuple[Block, ...]:
    """The blocks, with what was in doubt read again where the second reader knows the models' scripts.

    ``image`` is the upright grey one that ``blocks`` were read from; boxes are its pixels before and after.
    ``reader`` is called only where there is doubt. ``deadline`` is of the monotonic clock; without the
    time for it, or without a second reader, the blocks stay as they are.
    """
    doubted = doubt(blocks, _has_ink(image)) if reads(models) else Doubt(False, frozenset())
    if not doubted or time.monotonic() + _START_S > deadline:
        return tuple(blocks)
    try:
        if doubted.whole:
            return _page_again(image, blocks, models, reader(), deadline)
        return _lines_again(image, blocks, doubted, models, reader(), deadline)
    except (EngineFailed, EngineUnavailable, MemoryError):  # a page that was read must not fail for it
        return tuple(blocks)


def _page_again(
    image: Image.Image, blocks: Sequence[Block], models: Sequence[str], reader: LineReader, deadline: float
) -> tuple[Block, ...]:
    """Tesseract's words stay where nothing credible was read instead; elsewhere only the sure ones do."""
    found: list[Line] = []
    refused: list[Box] = []
    for quad in reader.find_lines(image, _shrink(blocks)):
        line = _read(image, quad, models, reader, deadline)
        if line is None:
            refused.append(bounds(quad))
        else:
            found.append(line)
    if not found:
        return tuple(blocks)
    return placed(blocks, found, merged, lambda word: _is_sure(word) or _is_in_one(word, refused))


def _lines_again(
    image: Image.Image,
    blocks: Sequence[Block],
    doubted: Doubt,
    models: Sequence[str],
    reader: LineReader,
    deadline: float,
) -> tuple[Block, ...]:
    def again(line: Line) -> Line:
        found = _read(image, _around(line.bbox, image.size), models, reader, deadline)
        if found is None:
            return line
        both = merged(line.words, found.words)
        return Line(both, union(word.bbox for word in both)) if both else line

    def lines(at: int, block: Block) -> Iterator[Line]:
        for row, line in enumerate(block.lines):
            yield again(line) if (at, row) in doubted.lines else line

    return tuple(replace(block, lines=tuple(lines(at, block))) for at, block in enumerate(blocks))


def _is_in_one(word: Word, boxes: Sequence[Box]) -> bool:
    x, y = (word.bbox.x0 + word.bbox.x1) / 2, (word.bbox.y0 + word.bbox.y1) / 2
    return any(box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1 for box in boxes)


def _is_sure(word: Word) -> bool:
    return word.confidence >= _KEPT_CONFIDENCE


def _read(
    image: Image.Image, quad: Quad, models: Sequence[str], reader: LineReader, deadline: float
) -> Line | None:
    """The line, where it is credible and there is time."""
    if time.monotonic() > deadline:
        return None
    line = reader.read_line(image, quad)
    if line is None or not may_say(models, line):
        return None
    return line if (mean_confidence(line.words) or 0.0) >= _LEAST_CONFIDENCE else None


def _shrink(blocks: Sequence[Block]) -> float:
    """The scale at which the page's words have the height that lines are found at."""
    heights = [word.bbox.y1 - word.bbox.y0 for word in words(blocks) if _is_sure(word)]
    return min(1.0, _SOUGHT_HEIGHT / max(1, median(heights))) if heights else 1.0


def _around(box: Box, size: tuple[int, int]) -> Quad:
    padding = max(2, round(_PADDING * (box.y1 - box.y0)))
    return corners(clip(Box(box.x0 - padding, box.y0 - padding, box.x1 + padding, box.y1 + padding), *size))


def _has_ink(image: Image.Image) -> bool:
    """Whether there is more on the image than paper and its grain."""
    levels = image.reduce(4).histogram()
    seen = [level for level, count in enumerate(levels) if count]
    return seen[-1] - seen[0] > _INK_CONTRAST
