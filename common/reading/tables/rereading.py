"""Cells in doubt, read again one by one: a cell is a small image, of which a page's reader may lose a digit.

Cells with ink and no word, words that reach over the border of their cell, cells that were read with
doubt, and what is no number among numbers. The others cost nothing.
"""

import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from PIL import Image

from common.document.geometry import Box, has_centre_of, union
from common.document.page import Block, Cell, Line, Table, Word
from common.document.places import Places
from common.document.text import joined, mean_confidence, words
from common.reading.tables.cell_frames import cell_frames
from common.reading.tables.placement import is_value

# Reads a box of the page with these models as a single line; confidences are calibrated.
CellReader = Callable[[Box, tuple[str, ...]], Sequence[Word]]

_DIGITS: Final = ("eng",)  # the model that knows digits best
_MOST_CELLS: Final = 40  # of a page
_DOUBTED: Final = 0.8  # calibrated confidences
_CREDIBLE: Final = 0.5
_AGREEMENT: Final = 0.1
_AHEAD: Final = 0.05
_LONGEST_NUMBER: Final = 12  # characters
_NUMBERS: Final = 0.6  # of a column's texts, where those that are none are suspicious
_CONTRAST: Final = 60  # grey levels between ink and paper
# In text heights.
_LOWEST_GLYPH: Final = 0.3
_ONE_LINE: Final = 1.8
_OVER: Final = 0.4
_MARGIN: Final = 0.25


@dataclass(frozen=True, slots=True)
class _Place:
    """A cell without its borders, and the words whose middle is in it."""

    frame: Box
    words: tuple[Word, ...]
    is_number: bool  # by its column

    @property
    def text(self) -> str:
        return joined(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        return min((word.confidence for word in self.words), default=0.0)


def reread(
    image: Image.Image,
    blocks: Sequence[Block],
    tables: Sequence[Table],
    models: tuple[str, ...],
    read: CellReader,
) -> tuple[Block, ...]:
    """The blocks with other words where a second look at cells was better; themselves where none was.

    ``image`` is the upright page (mode L) without upright rules, in the pixels of all boxes.
    """
    known = list(words(blocks))
    sizes = [word.bbox.y1 - word.bbox.y0 for word in known if any(map(str.isalnum, word.text))]
    if not sizes or not tables:
        return tuple(blocks)
    look = _Look(image, statistics.median(sizes), models, read)
    gone: set[int] = set()
    found: list[Word] = []
    for table in tables:
        for old, new in look.changes(table, known):
            gone.update(map(id, old))
            found += new
    return _changed(blocks, gone, found) if gone or found else tuple(blocks)


class _Look:
    """What stays the same for one page."""

    def __init__(self, image: Image.Image, height: float, models: tuple[str, ...], read: CellReader) -> None:
        self._image = image
        self._height = height
        self._models = models
        self._read = read
        self._left = _MOST_CELLS

    def changes(self, table: Table, known: Sequence[Word]) -> Iterator[tuple[Sequence[Word], Sequence[Word]]]:
        """Words, and what is to stand in their place."""
        frames = cell_frames(table)
        inside = [word for word in known if has_centre_of(table.bbox, word.bbox)]
        grid = Places(frames)
        over = [word for word in inside if self._is_over(word, grid.boxes_near(word.bbox))]
        wide = set(map(id, over))
        places = list(_places(table, frames, [word for word in inside if id(word) not in wide]))
        for word in over:
            if pieces := self._parted(word, places):
                yield [word], pieces
        for place in sorted(places, key=lambda each: each.confidence):
            if any(_shares(place.frame, word.bbox) for word in over):
                continue
            new = self._read_again(place)
            if new is not None:
                yield place.words, new

    def _is_over(self, word: Word, frames: Iterable[Box]) -> bool:
        """Whether the word is in more than one cell."""
        reach = _OVER * self._height
        return (
            sum(
                min(word.bbox.x1, frame.x1) - max(word.bbox.x0, frame.x0) > reach
                for frame in frames
                if frame.y0 <= (word.bbox.y0 + word.bbox.y1) / 2 < frame.y1
            )
            > 1
        )

    def _parted(self, word: Word, places: Sequence[_Place]) -> Sequence[Word] | None:
        """A word for each of its cells, where white parts them and all of them are legible."""
        pieces: list[Word] = []
        for place in places:
            if not _shares(place.frame, word.bbox):
                continue
            box = self._ink(place.frame)
            if box is None:
                continue
            if not self._left:
                return None
            self._left -= 1
            if box.x0 <= place.frame.x0 or box.x1 >= place.frame.x1:
                return None
            best = self._best([self._once(box, self._models), self._once(box, _DIGITS)], place.is_number)
            if best is None:
                return None
            pieces += best
        return pieces if len(pieces) > 1 else None

    def _read_again(self, place: _Place) -> Sequence[Word] | None:
        """None where what was read stays."""
        if not self._is_in_doubt(place) or not self._left:
            return None
        box = self._ink(place.frame)
        if box is None or box.y1 - box.y0 > _ONE_LINE * self._height:
            return None
        self._left -= 1
        readings = [place.words, self._once(box, self._models)]
        if self._models != _DIGITS and (place.is_number or not place.words):
            readings.append(self._once(box, _DIGITS))
        best = self._best(readings, place.is_number)
        return None if best is None or best is place.words else best

    def _is_in_doubt(self, place: _Place) -> bool:
        if not place.words or place.confidence < _DOUBTED:
            return True
        return place.is_number and not is_value(place.text) and len(place.text) <= _LONGEST_NUMBER

    def _best(self, readings: Sequence[Sequence[Word]], is_number: bool) -> Sequence[Word] | None:
        """The surest, where two that agree are surer; the first unless another is clearly ahead."""
        best: Sequence[Word] | None = None
        most = _CREDIBLE
        texts = [joined(word.text for word in reading) for reading in readings]
        for index, reading in enumerate(readings):
            if not any(map(str.isalnum, texts[index])):
                continue
            sure = mean_confidence(reading) or 0.0
            sure += _AGREEMENT * (texts.count(texts[index]) - 1)
            if is_number and not is_value(texts[index]):
                sure /= 2
            if sure > most:
                best, most = reading, sure + _AHEAD
        return best

    def _once(self, box: Box, models: tuple[str, ...]) -> Sequence[Word]:
        return self._read(box, models)

    def _ink(self, frame: Box) -> Box | None:
        """Around the glyphs in the frame, with some white; None where there are none."""
        if min(frame.x1 - frame.x0, frame.y1 - frame.y0) < self._height / 2:
            return None
        pixels = np.asarray(self._image.crop(frame))
        ink = (pixels.astype(np.int16) < float(np.median(pixels)) - _CONTRAST).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
        lowest = _LOWEST_GLYPH * self._height
        boxes = [Box(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in stats[1:]]
        if not any(box.y1 - box.y0 >= lowest for box in boxes):
            return None
        glyphs = [box for box in boxes if box.x1 - box.x0 < 3 * self._height or box.y1 - box.y0 >= lowest]
        around = union(glyphs)
        margin = round(_MARGIN * self._height)
        return Box(
            max(frame.x0, frame.x0 + around.x0 - margin),
            max(frame.y0, frame.y0 + around.y0 - margin),
            min(frame.x1, frame.x0 + around.x1 + margin),
            min(frame.y1, frame.y0 + around.y1 + margin),
        )


def _places(table: Table, frames: Sequence[Box], known: Sequence[Word]) -> Iterator[_Place]:
    numbers = _number_columns(table.cells)
    near = Places(word.bbox for word in known)
    for cell, frame in zip(table.cells, frames, strict=True):
        close = (known[index] for index in near.near(frame))
        inside = tuple(word for word in close if has_centre_of(frame, word.bbox))
        yield _Place(frame, inside, cell.column in numbers and cell.row > 0)


def _number_columns(cells: Sequence[Cell]) -> frozenset[int]:
    texts: dict[int, list[str]] = {}
    for cell in cells:
        if cell.row and cell.text:
            texts.setdefault(cell.column, []).append(cell.text)
    return frozenset(
        column
        for column, of_column in texts.items()
        if len(of_column) > 1 and sum(map(is_value, of_column)) >= _NUMBERS * len(of_column)
    )


def _shares(frame: Box, word: Box) -> bool:
    middle = (word.y0 + word.y1) / 2
    return frame.y0 <= middle < frame.y1 and frame.x0 < word.x1 and word.x0 < frame.x1


def _changed(blocks: Sequence[Block], gone: set[int], found: Sequence[Word]) -> tuple[Block, ...]:
    """New words are a block each, at the end: those of tables take them by their places."""
    changed: list[Block] = []
    for block in blocks:
        lines = []
        for line in block.lines:
            kept = tuple(word for word in line.words if id(word) not in gone)
            if kept:
                lines.append(line if len(kept) == len(line.words) else Line(kept, _around(kept)))
        if lines:
            changed.append(replace(block, lines=tuple(lines), bbox=union(line.bbox for line in lines)))
    return (*changed, *(Block((Line((word,), word.bbox),), word.bbox) for word in found))


def _around(of_words: Sequence[Word]) -> Box:
    return union(word.bbox for word in of_words)
