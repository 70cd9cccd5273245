"""Pages as pictures to look at, drawn in children."""

import io
from pathlib import Path
from typing import Final

from PIL import Image

from common.adapters.child_pool import ChildPool
from common.adapters.rendering import render_page
from common.contracts.tasks import MediaType
from common.ports import ImageFormat

TIME_LIMIT_S: Final = 20.0
# Enough for 2,000 pixels of width on a page four times as high; more would only cost memory.
_MAX_PIXELS: Final = 16_000_000
_MAX_SIDE_PIXELS: Final = {ImageFormat.PNG: 32_000, ImageFormat.WEBP: 16_383}
_WEBP_QUALITY: Final = 80


class ChildPainter:
    def __init__(self, children: ChildPool, *, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._children = children
        self._time_limit_s = time_limit_s

    async def paint(
        self, path: Path, media_type: MediaType, source_page: int, width: int, image_format: ImageFormat
    ) -> bytes:
        """The page as a viewer shows it, in colour, ``width`` pixels wide or as wide as it is.

        A page of a PDF is as wide as it is at 300 dpi. Raises a PageError, and EngineUnavailable.
        """
        return await self._children.run(
            paint_page, path, media_type, source_page, width, image_format, time_limit_s=self._time_limit_s
        )


def paint_page(
    path: Path, media_type: MediaType, source_page: int, width: int, image_format: ImageFormat
) -> bytes:
    """The picture as a file. For a child process. Raises PageUnreadable and PageTooLarge."""
    rendered = render_page(path, media_type, source_page, max_pixels=_MAX_PIXELS, colour="RGB")
    picture = _narrowed(rendered.image, width, _MAX_SIDE_PIXELS[image_format])
    file = io.BytesIO()
    if image_format is ImageFormat.WEBP:
        picture.save(file, "WEBP", quality=_WEBP_QUALITY)
    else:
        picture.save(file, "PNG")
    return file.getvalue()


def _narrowed(image: Image.Image, width: int, max_side: int) -> Image.Image:
    factor = min(1.0, width / image.width, max_side / max(image.size))
    if factor == 1.0:
        return image
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
