"""A page as the model is shown it."""

import io
import math
from typing import Final

from PIL import Image

from common.model_question import Picture

_QUALITIES: Final = (90, 75, 50)
_MAX_BYTES: Final = 3_700_000  # see common.model_question.Picture


def picture(image: Image.Image, max_edge_px: int, max_pixels: int) -> Picture:
    """``image`` within these bounds, as a JPEG in colour that models take; never enlarged."""
    width, height = image.size
    scale = min(1.0, max_edge_px / max(width, height), math.sqrt(max_pixels / (width * height)))
    size = max(1, int(width * scale)), max(1, int(height * scale))
    shown = image if image.mode == "RGB" else image.convert("RGB")
    if size != shown.size:
        shown = shown.resize(size, Image.Resampling.LANCZOS)
    data = b""
    for quality in _QUALITIES:
        data = _jpeg(shown, quality)
        if len(data) <= _MAX_BYTES:
            break
    return Picture("image/jpeg", data)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=quality)
    return encoded.getvalue()
