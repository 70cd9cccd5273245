"""Boxes by where on the page they are, so that each is compared with its neighbours alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from common.document.geometry import Box

_SMALLEST_CELL: Final = 64  # pixels


class Places:
    """``boxes`` in the cells of a grid as wide and high as they are on average."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self.boxes: Final[Sequence[Box]] = tuple(boxes)
        self._width = _mean(box.x1 - box.x0 for box in self.boxes)
        self._height = _mean(box.y1 - box.y0 for box in self.boxes)
        self._cells: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for index, box in enumerate(self.boxes):
            for cell in self._cells_of(box):
                self._cells[cell].append(index)

    def near(self, box: Box, reach: float = 0.0) -> list[int]:
        """Indexes of the boxes no farther than ``reach`` from ``box``, and of some others, ascending."""
        margin = int(reach) + 1
        wide = Box(box.x0 - margin, box.y0 - margin, box.x1 + margin, box.y1 + margin)
        return sorted({index for cell in self._cells_of(wide) for index in self._cells.get(cell, ())})

    def boxes_near(self, box: Box, reach: float = 0.0) -> Iterator[Box]:
        return (self.boxes[index] for index in self.near(box, reach))

    def _cells_of(self, box: Box) -> Iterator[tuple[int, int]]:
        for x in range(box.x0 // self._width, box.x1 // self._width + 1):
            for y in range(box.y0 // self._height, box.y1 // self._height + 1):
                yield x, y


def _mean(lengths: Iterable[int]) -> int:
    known = list(lengths)
    return max(_SMALLEST_CELL, sum(known) // max(1, len(known)))
