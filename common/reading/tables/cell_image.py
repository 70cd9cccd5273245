"""The picture of one cell, read as a line."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from common.document.geometry import Box, clip
from common.document.page import Word
from common.document.segmentation import Segmentation
from common.document.text import words
from common.errors import PageError
from common.reading.calibration import calibrate
from common.reading.recognition.image_reader import PageEngine

_BORDER_PX: Final = 12  # of paper around what was cut out
_LIMIT_S: Final = 3.0


def read_cell(
    image: Image.Image, box: Box, models: Sequence[str], dpi: int, engine: PageEngine, deadline: float
) -> Sequence[Word]:
    """The words of ``image``, which was cut out of a page at ``box``, in pixels of the page.

    Confidences are calibrated. None where there is no time left, or the engine fails.
    """
    left_s = min(_LIMIT_S, deadline - time.monotonic())
    if left_s <= 0:
        return ()
    framed = ImageOps.expand(image, _BORDER_PX, int(np.median(np.asarray(image))))
    try:
        found = calibrate(engine.read(framed, models, dpi, left_s, Segmentation.LINE))
    except PageError:
        return ()
    return tuple(replace(word, bbox=_on_page(word.bbox, box)) for word in words(found))


def _on_page(found: Box, box: Box) -> Box:
    inside = clip(
        Box(found.x0 - _BORDER_PX, found.y0 - _BORDER_PX, found.x1 - _BORDER_PX, found.y1 - _BORDER_PX),
        box.x1 - box.x0,
        box.y1 - box.y0,
    )
    return Box(box.x0 + inside.x0, box.y0 + inside.y0, box.x0 + inside.x1, box.y0 + inside.y1)
