"""PP-OCR through RapidOCR: finds lines of text on an image and reads them; the only importer of rapidocr.

Importing it takes a second and its models some 150 MB, so that happens with the first ``PpOcr``. The
models come with the package; nothing is ever downloaded.
"""

import math
import os
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from common.document.geometry import union
from common.document.page import Engine, Line, Word
from common.document.quadrilateral import Quad, between, bounds
from common.errors import EngineFailed, EngineUnavailable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

# The detector's memory grows with the area it looks at: some 250 MB for this one.
_DETECTION_PIXELS: Final = 1_000_000
_READING_HEIGHT: Final = 48  # of the recogniser's input; its width steps are eighths of it
_MOST_LINE_ASPECT: Final = 80  # of a line's width to its height: a longer one is cut off
_LEAST_SIDE: Final = 4
_MODELS: Final = {"Det": "PP-OCRv6_det_small.onnx", "Rec": "PP-OCRv6_rec_small.onnx"}
_PARAMETERS: Final = {
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,  # one page, one thread
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Global.log_level": "critical",
    "Global.use_cls": False,  # pages come upright
    "Global.use_preprocess_img": False,
    "Global.use_vertical_padding": False,
    "Global.text_score": 0.0,
    "Det.limit_type": "max",
    "Det.limit_side_len": 32_000,  # images come in the size to be looked at
    "Rec.rec_img_shape": [3, _READING_HEIGHT, _READING_HEIGHT],
}


class PpOcr:
    """The bundled models: Latin letters with their diacritics, Chinese, Japanese. For one thread."""

    def __init__(self) -> None:
        """Raises EngineUnavailable where the package is not installed, or its models are not."""
        os.environ["ORT_DISABLE_TELEMETRY"] = (
            "1"  # ONNX Runtime tells its makers what it is used for, unless told
        )
        try:
            import cv2
            import rapidocr
        except ImportError as error:
            raise EngineUnavailable("The second reader (rapidocr, onnxruntime) is not installed.") from error
        cv2.setNumThreads(1)
        models = {
            f"{step}.model_path": Path(rapidocr.__file__).parent / "models" / name
            for step, name in _MODELS.items()
        }
        if not all(path.is_file() for path in models.values()):  # RapidOCR would ask the internet for them
            raise EngineUnavailable("The second reader's models are not part of the installed rapidocr.")
        parameters = {**_PARAMETERS, **{name: str(path) for name, path in models.items()}}
        self._engine = rapidocr.RapidOCR(params=parameters)

    def find_lines(self, image: Image.Image, shrink: float = 1.0) -> tuple[Quad, ...]:
        """Where lines of text are on a grey image, from top to bottom, in its pixels.

        ``shrink`` (at most 1) is the scale to look at it in; a smaller one is taken where memory demands it.
        Raises EngineFailed.
        """
        scale = min(1.0, shrink, math.sqrt(_DETECTION_PIXELS / (image.width * image.height)))
        size = (max(32, round(image.width * scale)), max(32, round(image.height * scale)))
        small = image if size == image.size else image.resize(size, Image.Resampling.BOX)
        found = self._called(_colour(small), use_det=True, use_rec=False)
        factors = (image.width / size[0], image.height / size[1])
        return tuple(_quad(box, factors) for box in (() if found.boxes is None else found.boxes))

    def read_line(self, image: Image.Image, quad: Quad) -> Line | None:
        """What is written in the quadrilateral of a grey image, or None. Raises EngineFailed."""
        crop = _straightened(image, quad)
        if crop is None:
            return None
        found = self._called(crop, use_det=False, use_rec=True, return_word_box=True)
        if not found.txts or not found.txts[0].strip():
            return None
        return _line(found.txts[0], found.word_results[0], quad)

    def _called(self, pixels: "Pixels", **steps: bool) -> Any:
        try:
            return self._engine(pixels, use_cls=False, **steps)
        except MemoryError:
            raise
        except Exception as error:  # RapidOCR raises bare exceptions with a traceback as their text
            raise EngineFailed("The second reader refused the page.") from error


def _colour(image: Image.Image) -> "Pixels":
    """Three channels, as the models were trained."""
    import numpy as np

    return np.asarray(image.convert("RGB"))


def _quad(box: Any, factors: tuple[float, float]) -> Quad:
    return Quad(*((float(x) * factors[0], float(y) * factors[1]) for x, y in box))


def _straightened(image: Image.Image, quad: Quad) -> "Pixels | None":
    """The quadrilateral as an upright image; None where it has no area."""
    width = round(
        max(math.dist(quad.top_left, quad.top_right), math.dist(quad.bottom_left, quad.bottom_right))
    )
    height = round(
        max(math.dist(quad.top_left, quad.bottom_left), math.dist(quad.top_right, quad.bottom_right))
    )
    if min(width, height) < _LEAST_SIDE:
        return None
    read_width = min(max(1, round(width * _READING_HEIGHT / height)), _MOST_LINE_ASPECT * _READING_HEIGHT)
    data = (*quad.top_left, *quad.bottom_left, *quad.bottom_right, *quad.top_right)
    straight = image.transform(
        (width, height), Image.Transform.QUAD, data, Image.Resampling.BICUBIC, fillcolor=255
    )
    return _colour(
        straight.resize((read_width, _READING_HEIGHT), Image.Resampling.BILINEAR, reducing_gap=2.0)
    )


def _line(text: str, found: Any, quad: Quad) -> Line | None:
    """The words of a line; ``found`` tells the columns of its characters and how sure each is."""
    words = tuple(_words(text, found, quad))
    return Line(words, union(word.bbox for word in words)) if words else None


def _words(text: str, found: Any, quad: Quad) -> Iterator[Word]:
    columns = [column for word in found.word_cols for column in word]
    places = iter(columns)
    letters = [
        (character, next(places), confidence)
        for character, confidence in zip(text, found.confs, strict=True)
        if not character.isspace()
    ]
    pitch = _pitch(columns, found.line_txt_len)
    at = 0
    for word in text.split():
        part = letters[at : at + len(word)]
        at += len(word)
        begin = (part[0][1] + 0.5 - pitch / 2) / found.line_txt_len
        end = (part[-1][1] + 0.5 + pitch / 2) / found.line_txt_len
        box = bounds(between(quad, max(0.0, begin), min(1.0, end)))
        confidence = sum(sure for _, _, sure in part) / len(part)
        yield Word(word, box, round(confidence, 4), Engine.PP_OCR)


def _pitch(columns: Sequence[int], line_columns: float) -> float:
    """The usual distance from a character to the next, in columns of the recogniser."""
    steps = sorted(later - earlier for earlier, later in pairwise(columns))
    return float(steps[len(steps) // 2]) if steps else line_columns
