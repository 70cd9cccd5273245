"""A page as the model is shown it."""

import io
import math
from typing import Final

from PIL import Image

from common.model_question import Picture

_QUALITY: Final = 90


def picture(image: Image.Image, max_edge_px: int, max_pixels: int) -> Picture:
    """``image`` within these bounds, as a JPEG in colour; never enlarged."""
    width, height = image.size
    scale = min(1.0, max_edge_px / max(width, height), math.sqrt(max_pixels / (width * height)))
    size = max(1, int(width * scale)), max(1, int(height * scale))
    shown = image.convert("RGB")
    if size != shown.size:
        shown = shown.resize(size, Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    shown.save(encoded, "JPEG", quality=_QUALITY)
    return Picture("image/jpeg", encoded.getvalue())
