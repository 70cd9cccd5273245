"""Any page of any accepted file as a picture, as a viewer shows it. For child processes only.

pdfium is not thread-safe, and what it and Pillow's decoders are given is anybody's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium
from PIL import Image

from common.adapters.images import Colour, read_picture, shrunk_size
from common.contracts.tasks import MediaType
from common.errors import PageUnreadable

DPI: Final = 300
MAX_PIXELS: Final = 50_000_000
_POINTS_PER_INCH: Final = 72
# pypdfium2 rounds page sizes up; 3300.0000000000005 rows must not become 3301 and blur the scan.
_ROUNDING: Final = 1 - 1e-6


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page of ``width`` by ``height`` pixels as a viewer shows it.

    ``image`` is that page, or a reduction of it where it has more pixels than were asked for; ``dpi``
    is the image's own resolution, None where the file does not tell. ``pixel_aspect``: see Picture.
    """

    image: Image.Image
    width: int
    height: int
    dpi: int | None
    pixel_aspect: float = 1.0


def render_page(
    path: Path,
    media_type: MediaType,
    source_page: int,
    *,
    dpi: int = DPI,
    max_pixels: int = MAX_PIXELS,
    colour: Colour = "L",
) -> RenderedPage:
    """Page ``source_page`` (from 0) of the file; ``dpi`` is for PDF pages, images come as they are.

    Annotations and filled-in forms are drawn, EXIF orientation and /Rotate applied, transparency laid
    over white, white writing on it over black. Raises PageUnreadable and PageTooLarge.
    """
    if media_type is MediaType.PDF:
        return _render_pdf_page(path, source_page, dpi, max_pixels, colour)
    forget_document()
    picture = read_picture(path, media_type, source_page, colour=colour, max_pixels=max_pixels)
    return RenderedPage(picture.image, *picture.size, picture.dpi, picture.pixel_aspect)


def forget_document() -> None:
    """Close the last PDF, which may be deleted by now: for a child that rests."""
    _kept.close()


@contextmanager
def opened_page(path: Path, source_page: int) -> Iterator[pdfium.PdfPage]:
    """A PDF page, closed afterwards; its document stays open. Raises PageUnreadable for pdfium's errors."""
    try:
        page = _kept.document(path)[source_page]
    except (pdfium.PdfiumError, IndexError, OSError, ValueError) as error:
        raise _unreadable(error) from error
    try:
        yield page
    except pdfium.PdfiumError as error:
        raise _unreadable(error) from error
    finally:
        page.close()


def _unreadable(error: Exception) -> PageUnreadable:
    return PageUnreadable(f"The PDF page could not be read: {error}")


class _KeptDocument:
    """The last PDF stays open, so that its next page does not pay for opening it, until another is read."""

    def __init__(self) -> None:
        self._document: pdfium.PdfDocument | None = None
        self._identity: tuple[Path, int, int] | None = None

    def document(self, path: Path) -> pdfium.PdfDocument:
        status = path.stat()
        identity = (path, status.st_ino, status.st_mtime_ns)
        if self._document is None or self._identity != identity:
            self.close()
            self._document = pdfium.PdfDocument(path)
            self._document.init_forms()
            self._identity = identity
        return self._document

    def close(self) -> None:
        if self._document is not None:
            self._document.close()
            self._document = None


_kept: Final = _KeptDocument()


def _render_pdf_page(path: Path, source_page: int, dpi: int, max_pixels: int, colour: Colour) -> RenderedPage:
    with opened_page(path, source_page) as page:
        scale = page_scale(page, dpi, max_pixels)
        # Four bytes a pixel in Pillow's own order: converting these is the fastest way to grey.
        bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=True)
        image = bitmap.to_pil().convert(colour)
    return RenderedPage(image, image.width, image.height, round(scale * _POINTS_PER_INCH))


def page_scale(page: pdfium.PdfPage, dpi: int = DPI, max_pixels: int = MAX_PIXELS) -> float:
    """Pixels per point: those of ``dpi``, or fewer for a page that would be too large."""
    size: tuple[float, float] = page.get_size()
    width, height = size
    if not (width > 0 and height > 0):
        raise PageUnreadable("The PDF page has no size.")
    scale = dpi / _POINTS_PER_INCH
    wanted = (ceil(width * scale), ceil(height * scale))
    allowed = shrunk_size(wanted, max_pixels)
    return scale * min(allowed[0] / wanted[0], allowed[1] / wanted[1]) * _ROUNDING
