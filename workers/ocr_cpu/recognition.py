"""Reading the image of a page: first as it is, then in another way where that is doubtful."""

import time
from collections.abc import Sequence
from typing import Final, Protocol

from PIL import Image

from common.document.page import Block
from common.document.script import Script
from common.errors import EngineTimeout
from workers.ocr_cpu import approach as approaches
from workers.ocr_cpu.approach import Approach, Reading

_DETECTION_PIXELS: Final = 4_000_000
_ASSUMED_DPI: Final = 300  # reads photographed pages better than Tesseract's own estimate


class PageEngine(Protocol):
    """Reads grey images (mode L). Boxes are pixels of the image, confidences 0 to 1."""

    def read(
        self, image: Image.Image, languages: Sequence[str], dpi: int | None, time_limit_s: float
    ) -> Sequence[Block]:
        """The image's paragraphs in reading order; ``languages`` are Tesseract models.

        Raises EngineTimeout, EngineCrashed and EngineFailed.
        """

    def detect_script(self, image: Image.Image) -> Script | None:
        """The script and orientation, or None where there is too little text to tell."""


def recognise(
    image: Image.Image, dpi: int | None, languages: Sequence[str], engine: PageEngine, deadline: float
) -> Reading:
    """One reading; a second one, in another way, where the first is doubtful.

    ``image`` is grey (mode L), ``dpi`` None where nobody knows; ``languages`` are models, none to find
    out. ``deadline`` is of the monotonic clock. Raises EngineTimeout, EngineCrashed and EngineFailed.
    """
    first = _approached(image, dpi, approaches.first_approach(languages), engine, deadline)
    if not approaches.is_doubtful(first):
        return first
    script = engine.detect_script(_for_detection(image))
    approach = approaches.second_approach(first.approach, languages, script)
    if approach is None:
        return first
    return approaches.better(first, _approached(image, dpi, approach, engine, deadline))


def _approached(
    image: Image.Image, dpi: int | None, approach: Approach, engine: PageEngine, deadline: float
) -> Reading:
    if approach.rotation:
        image = image.rotate(-approach.rotation, expand=True)
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise EngineTimeout()
    blocks = engine.read(image, approach.models, dpi or _ASSUMED_DPI, left_s)
    return Reading(tuple(blocks), approach)


def _for_detection(image: Image.Image) -> Image.Image:
    """Halved while it is larger than script detection needs."""
    factor = 1
    while image.width * image.height > _DETECTION_PIXELS * factor**2:
        factor *= 2
    return image.reduce(factor) if factor > 1 else image
