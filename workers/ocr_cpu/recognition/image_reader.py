"""One image and the ways to read it: as a whole or a sample, turned, by this model or that."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache, reduce
from typing import Final, Protocol

from PIL import Image

from common.document.geometry import Box
from common.document.page import Block, Line
from common.document.script import Script
from common.document.segmentation import Segmentation
from common.errors import EngineTimeout
from workers.ocr_cpu.preparation.glyphs import find_glyphs
from workers.ocr_cpu.recognition.approach import Approach, Reading, better, is_doubtful, surer
from workers.ocr_cpu.recognition.sample import line_rows, take_sample

_ASSUMED_DPI: Final = 300  # reads photographed pages better than Tesseract's own estimate
_LINES: Final = (Segmentation.LINE, Segmentation.RAW_LINE)
_FEWEST_GLYPHS: Final = 2  # fewer are specks
_PATIENCE: Final = 2.0
_LEAST_PATIENCE_S: Final = 5.0
_GLYPHS_OF_PARAGRAPHS: Final = 1500
_LINE_SHAPE: Final = 3  # times as wide as tall


class PageEngine(Protocol):
    """Reads grey images (mode L). Boxes are pixels of the image, confidences 0 to 1."""

    def read(
        self,
        image: Image.Image,
        languages: Sequence[str],
        dpi: int | None,
        time_limit_s: float,
        segmentation: Segmentation = Segmentation.PAGE,
    ) -> Sequence[Block]:
        """The image's paragraphs in reading order; ``languages`` are Tesseract models.

        Raises EngineTimeout, EngineCrashed and EngineFailed.
        """

    def detect_script(self, image: Image.Image) -> Script | None:
        """The script and orientation, or None where there is too little text to tell."""


class ImageReader:
    """``image`` is grey (mode L), ``dpi`` None where nobody knows; ``deadline`` is of the monotonic clock."""

    def __init__(self, image: Image.Image, dpi: int | None, engine: PageEngine, deadline: float) -> None:
        self._image = image
        self._dpi = dpi or _ASSUMED_DPI
        self._engine = engine
        self._deadline = deadline
        self._turned = lru_cache(maxsize=1)(self._turn)
        self._glyphs = lru_cache(maxsize=1)(lambda rotation: find_glyphs(self._turned(rotation)))
        self._readings: dict[Approach, Reading] = {}
        self._longest_s = 0.0
        self._read_sample = cache(self._read_sample_anew)

    def read(self, approach: Approach) -> Reading:
        """The whole image, once for each approach; the best reading so far where that takes much longer.

        Raises EngineTimeout where there is none yet, EngineCrashed and EngineFailed.
        """
        if approach not in self._readings:
            began = time.monotonic()
            try:
                self._readings[approach] = self._read_anew(approach, self._patience_s())
            except EngineTimeout:
                if not self._readings:
                    raise
                self._readings[approach] = reduce(better, self._readings.values())
            self._longest_s = max(self._longest_s, time.monotonic() - began)
        return self._readings[approach]

    def _patience_s(self) -> float:
        """For one reading: what there is for the first, and for another not much more than that one took."""
        return _PATIENCE * self._longest_s + _LEAST_PATIENCE_S if self._readings else float("inf")

    def read_sample(self, models: tuple[str, ...], rotation: int = 0) -> Reading:
        """A few lines of it, or all where there is no more. Raises as ``read`` does."""
        return self._read_sample(models, rotation)

    def _read_sample_anew(self, models: tuple[str, ...], rotation: int) -> Reading:
        image = self._turned(rotation)
        sample = take_sample(self._glyphs(rotation), image.size)
        if sample.is_whole:
            return self._read_all(Approach(models, rotation, self.segmentation(rotation)))
        approach = Approach(models, rotation, Segmentation.BLOCK)
        return Reading(self._blocks(image.crop(sample.box), approach, self._patience_s()), approach)

    def _read_all(self, approach: Approach) -> Reading:
        """A line raw, too, where it is doubtful: no model reads one that was cut out tightly otherwise."""
        reading = self.read(approach)
        if approach.segmentation is Segmentation.LINE and is_doubtful(reading):
            return surer(reading, self.read(replace(approach, segmentation=Segmentation.RAW_LINE)))
        return reading

    def segmentation(self, rotation: int) -> Segmentation:
        """As what the image is to be taken first: a line where it shows but one."""
        width, height = self._turned(rotation).size
        if width < _LINE_SHAPE * height or line_rows(self._glyphs(rotation), (width, height)) is None:
            return Segmentation.PAGE
        return Segmentation.LINE

    def is_blank(self) -> bool:
        """Whether nothing on it has the shape of a letter."""
        return len(self._glyphs(0)) < _FEWEST_GLYPHS

    def is_small(self) -> bool:
        """Whether it shows a paragraph or two at most."""
        return len(self._glyphs(0)) <= _GLYPHS_OF_PARAGRAPHS

    def detect_script(self) -> Script | None:
        """By the sample: what a whole page would cost is not worth its surplus."""
        image = self._turned(0)
        return self._engine.detect_script(image.crop(take_sample(self._glyphs(0), image.size).box))

    def _read_anew(self, approach: Approach, limit_s: float) -> Reading:
        image = self._turned(approach.rotation)
        if approach.segmentation not in _LINES:
            return Reading(self._blocks(image, approach, limit_s), approach)
        rows = line_rows(self._glyphs(approach.rotation), image.size) or (0, image.height)
        blocks = self._blocks(image.crop((0, rows[0], image.width, rows[1])), approach, limit_s)
        return Reading(tuple(_lowered(block, rows[0]) for block in blocks), approach)

    def _blocks(self, image: Image.Image, approach: Approach, limit_s: float) -> tuple[Block, ...]:
        left_s = min(limit_s, self._deadline - time.monotonic())
        if left_s <= 0:
            raise EngineTimeout()
        return tuple(self._engine.read(image, approach.models, self._dpi, left_s, approach.segmentation))

    def _turn(self, rotation: int) -> Image.Image:
        return self._image.rotate(-rotation, expand=True) if rotation else self._image


def _lowered(block: Block, down: int) -> Block:
    def lower(box: Box) -> Box:
        return Box(box.x0, box.y0 + down, box.x1, box.y1 + down)

    def lower_line(line: Line) -> Line:
        return Line(tuple(replace(word, bbox=lower(word.bbox)) for word in line.words), lower(line.bbox))

    return replace(block, lines=tuple(map(lower_line, block.lines)), bbox=lower(block.bbox))
