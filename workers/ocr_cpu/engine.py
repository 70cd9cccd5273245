"""Reading a page with Tesseract, from the file to its words. All of this runs in a child process."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Protocol

from PIL import Image

from common.adapters.rendering import RenderedPage, render_page
from common.adapters.tesseract_command import PytesseractEngine
from common.contracts.tasks import MediaType
from common.document.page import Block, Page
from common.document.script import Script
from common.errors import EngineTimeout
from workers.ocr_cpu import transform
from workers.ocr_cpu.scripts import DEFAULT_MODELS
from workers.ocr_cpu.transform import Approach, Reading

_DETECTION_PIXELS: Final = 4_000_000
_ASSUMED_DPI: Final = 300  # reads photographed pages better than Tesseract's own estimate
_WARM_UP_LIMIT_S: Final = 30


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


@dataclass(frozen=True, slots=True)
class PageOrder:
    """Which page to read and how; ``languages`` are Tesseract models, none to find out."""

    path: Path
    media_type: MediaType
    source_page: int
    languages: tuple[str, ...]
    tessdata: Path
    time_limit_s: float


def warm_up(tessdata: Path, niceness: int) -> None:
    """Load what the first page would otherwise wait for, and leave others the processor they ask for.

    ``niceness`` as in nice(1): so that answering callers does not wait for pages being read.
    """
    os.nice(niceness)
    _in_process(tessdata).read(Image.new("L", (64, 64), "white"), DEFAULT_MODELS, None, _WARM_UP_LIMIT_S)


def read_page(order: PageOrder) -> Page:
    """Render the page and read it in this process, so that its image never crosses a border.

    Raises a PageError.
    """
    return _read(order, _in_process(order.tessdata))


def read_page_apart(order: PageOrder) -> Page:
    """The same by the tesseract command: for a page that crashed the process that read it."""
    return _read(order, PytesseractEngine(order.tessdata))


@cache
def _in_process(tessdata: Path) -> PageEngine:
    """The fast engine, or the command where tesserocr is not installed."""
    try:
        from common.adapters.tesseract_inprocess import TesserocrEngine
    except ImportError:
        return PytesseractEngine(tessdata)
    return TesserocrEngine(tessdata)


def _read(order: PageOrder, engine: PageEngine) -> Page:
    deadline = time.monotonic() + order.time_limit_s
    rendered = render_page(order.path, order.media_type, order.source_page)
    reading = _read_image(rendered, order.languages, engine, deadline)
    return transform.page(reading, rendered.image.size, (rendered.width, rendered.height))


def _read_image(
    rendered: RenderedPage, languages: tuple[str, ...], engine: PageEngine, deadline: float
) -> Reading:
    """One reading; a second one, in another way, where the first is doubtful."""
    first = _approached(rendered, transform.first_approach(languages), engine, deadline)
    if not transform.is_doubtful(first):
        return first
    script = engine.detect_script(_for_detection(rendered.image))
    approach = transform.second_approach(first.approach, languages, script)
    if approach is None:
        return first
    return transform.better(first, _approached(rendered, approach, engine, deadline))


def _approached(rendered: RenderedPage, approach: Approach, engine: PageEngine, deadline: float) -> Reading:
    image = rendered.image
    if approach.rotation:
        image = image.rotate(-approach.rotation, expand=True)
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise EngineTimeout()
    blocks = engine.read(image, approach.models, rendered.dpi or _ASSUMED_DPI, left_s)
    return Reading(tuple(blocks), approach)


def _for_detection(image: Image.Image) -> Image.Image:
    """Halved while it is larger than script detection needs."""
    factor = 1
    while image.width * image.height > _DETECTION_PIXELS * factor**2:
        factor *= 2
    return image.reduce(factor) if factor > 1 else image
