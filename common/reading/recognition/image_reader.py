"""One image and the ways to read it: as a whole or a sample, turned, by this model or that."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Final, Protocol

from PIL import Image

from common.document.geometry import Box
from common.document.page import Block, Line
from common.document.script import Script
from common.document.segmentation import Segmentation
from common.domain.languages import language_of
from common.errors import EngineTimeout, PageError
from common.reading.preparation.glyphs import Glyphs, find_glyphs
from common.reading.recognition.approach import Approach, Reading, better, is_doubtful, surer
from common.reading.recognition.legible_image import LegibleImage
from common.reading.recognition.sample import line_rows, take_sample

_ASSUMED_DPI: Final = 300  # reads photographed pages better than Tesseract's own estimate
_LINES: Final = (Segmentation.LINE, Segmentation.RAW_LINE)
_FEWEST_GLYPHS: Final = 2  # fewer are specks
_PATIENCE: Final = 2.0
_LEAST_PATIENCE_S: Final = 5.0
_MOST_SAMPLING_S: Final = 10.0  # of CPU time; forty models take about half of that for lines of text
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

    def detect_script(self, image: Image.Image, time_limit_s: float) -> Script | None:
        """The script and orientation, or None where there is too little text to tell.

        Raises as ``read`` does.
        """


class ImageReader:
    """``dpi`` is None where nobody knows; ``deadline`` is of the monotonic clock."""

    def __init__(self, image: LegibleImage, dpi: int | None, engine: PageEngine, deadline: float) -> None:
        self._image = image
        self._dpi = dpi or _ASSUMED_DPI
        self._engine = engine
        self._deadline = deadline
        self._glyphs_found: dict[int, Glyphs] = {}
        self._readings: dict[Approach, Reading] = {}
        self._lost: set[Approach] = set()
        self._samples: dict[tuple[tuple[str, ...], int], Reading] = {}
        self._longest_s = 0.0
        self._sampling_s = 0.0

    def read(self, approach: Approach) -> Reading:
        """The whole image, once for each approach.

        The first raises EngineTimeout, EngineCrashed and EngineFailed; later ones are empty where they
        fail or take much longer.
        """
        if approach not in self._readings and approach not in self._lost:
            began = time.monotonic()
            try:
                self._readings[approach] = self._read_anew(approach, self._patience_s())
                self._longest_s = max(self._longest_s, time.monotonic() - began)
            except PageError:
                if not self._readings:
                    raise
                self._lost.add(approach)
        return self._readings.get(approach) or Reading((), approach)

    def read_or_earlier(self, approach: Approach) -> Reading:
        """As ``read``, but in place of a later reading that failed the best that there is.

        That is one of the same script, if there is any.
        """
        reading = self.read(approach)
        if approach not in self._lost:
            return reading
        earlier = self._readings.values()
        alike = [one for one in earlier if _script(one.approach) == _script(approach)]
        return reduce(better, alike) if alike else reduce(surer, earlier)

    def _patience_s(self) -> float:
        """For one reading: what there is for the first, and for another not much more than that one took."""
        return _PATIENCE * self._longest_s + _LEAST_PATIENCE_S if self._readings else float("inf")

    def read_sample(self, models: tuple[str, ...], rotation: int = 0) -> Reading:
        """A few lines of it; or as ``read`` does where there is no more.

        Empty where that fails, or after long sampling: a screen of dots costs seconds with each model.
        """
        if (models, rotation) not in self._samples:
            if self._sampling_s > _MOST_SAMPLING_S:
                return Reading((), Approach(models, rotation, Segmentation.BLOCK))
            began = time.process_time()
            self._samples[models, rotation] = self._read_sample_anew(models, rotation)
            self._sampling_s += time.process_time() - began
        return self._samples[models, rotation]

    def _read_sample_anew(self, models: tuple[str, ...], rotation: int) -> Reading:
        image = self._image.seen(rotation, models)
        sample = take_sample(self._glyphs(rotation), image.size)
        if sample.is_whole:
            return self._read_all(Approach(models, rotation, self.segmentation(rotation)))
        approach = Approach(models, rotation, Segmentation.BLOCK)
        try:
            return Reading(self._blocks(image.crop(sample.box), approach, self._patience_s()), approach)
        except PageError:
            return Reading((), approach)

    def _read_all(self, approach: Approach) -> Reading:
        """A line raw, too, where it is doubtful: no model reads one that was cut out tightly otherwise."""
        reading = self.read(approach)
        if approach.segmentation is Segmentation.LINE and is_doubtful(reading):
            return surer(reading, self.read(replace(approach, segmentation=Segmentation.RAW_LINE)))
        return reading

    def segmentation(self, rotation: int) -> Segmentation:
        """As what the image is to be taken first: a line where it shows but one."""
        width, height = self._image.seen(rotation).size
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
        """By the sample: what a whole page would cost is not worth its surplus. None where that fails."""
        image = self._image.seen(0)
        sample = image.crop(take_sample(self._glyphs(0), image.size).box)
        try:
            return self._engine.detect_script(sample, self._left_s(self._patience_s()))
        except PageError:
            return None

    def _read_anew(self, approach: Approach, limit_s: float) -> Reading:
        image = self._image.seen(approach.rotation, approach.models)
        if approach.segmentation not in _LINES:
            return Reading(self._blocks(image, approach, limit_s), approach)
        rows = line_rows(self._glyphs(approach.rotation), image.size) or (0, image.height)
        blocks = self._blocks(image.crop((0, rows[0], image.width, rows[1])), approach, limit_s)
        return Reading(tuple(_lowered(block, rows[0]) for block in blocks), approach)

    def _blocks(self, image: Image.Image, approach: Approach, limit_s: float) -> tuple[Block, ...]:
        left_s = self._left_s(limit_s)
        return tuple(self._engine.read(image, approach.models, self._dpi, left_s, approach.segmentation))

    def _left_s(self, limit_s: float) -> float:
        left_s = min(limit_s, self._deadline - time.monotonic())
        if left_s <= 0:
            raise EngineTimeout()
        return left_s

    def _glyphs(self, rotation: int) -> Glyphs:
        if rotation not in self._glyphs_found:
            self._glyphs_found[rotation] = find_glyphs(self._image.seen(rotation))
        return self._glyphs_found[rotation]


def _script(approach: Approach) -> tuple[str, int]:
    """What one model reads that another may read, too: the script, and how it was turned."""
    return language_of(approach.models[0]).script, approach.rotation


def _lowered(block: Block, down: int) -> Block:
    def lower(box: Box) -> Box:
        return Box(box.x0, box.y0 + down, box.x1, box.y1 + down)

    def lower_line(line: Line) -> Line:
        return Line(tuple(replace(word, bbox=lower(word.bbox)) for word in line.words), lower(line.bbox))

    return replace(block, lines=tuple(map(lower_line, block.lines)), bbox=lower(block.bbox))
