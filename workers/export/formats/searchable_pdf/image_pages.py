"""Pictures as pages of a PDF, without loss: the file's own data where PDF can hold it, else its pixels."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Page, Pdf
from PIL import Image, ImageChops

from common.adapters.images import read_picture
from common.adapters.rendering import MAX_PIXELS
from common.contracts.tasks import MediaType
from common.document.page import Page as ReadPage
from common.errors import PageError
from workers.export.formats.searchable_pdf.own_text import Stays
from workers.export.formats.searchable_pdf.picture import Picture, jpeg_picture, png_picture

_POINTS_PER_INCH: Final = 72
_USUAL_DPI: Final = 150  # of pictures that tell none
_SMALLEST_PT, _LARGEST_PT = 3.0, 14_400.0  # sides of a page (ISO 32000-1, annex C)
_A4: Final = (595, 842)
_COMPRESSION: Final = 6

# The picture's unit square on a page of one by one, for each EXIF orientation, as PDF writes matrices.
_ORIENTATIONS: Final = {
    1: (1, 0, 0, 1, 0, 0),
    2: (-1, 0, 0, 1, 1, 0),
    3: (-1, 0, 0, -1, 1, 1),
    4: (1, 0, 0, -1, 0, 1),
    5: (0, -1, -1, 0, 1, 1),
    6: (0, -1, 1, 0, 0, 1),
    7: (0, 1, 1, 0, 0, 0),
    8: (0, 1, -1, 0, 1, 0),
}


@dataclass(frozen=True, slots=True)
class _Paper:
    """In points."""

    width: float
    height: float


class ImagePages:
    def __init__(self, source: Path, media_type: MediaType, *, in_rgb: bool) -> None:
        """``in_rgb``: colours for print are made those of a screen."""
        self.pdf = Pdf.new()
        self._source = source
        self._media_type = media_type
        self._in_rgb = in_rgb

    def page(self, source_page: int) -> Page:
        """A new page that shows frame ``source_page`` (from 0); an empty one where it cannot be read."""
        try:
            picture = self._untouched() if source_page == 0 else None
            picture = picture or self._decoded(source_page)
        except PageError:
            return self.pdf.add_blank_page(page_size=_A4)
        return _page(self.pdf, picture)

    def own_text(self, source_page: int, page: ReadPage) -> Stays:
        return Stays.ALL

    def selected(self) -> Pdf:
        return self.pdf

    def _untouched(self) -> Picture | None:
        if self._media_type is MediaType.JPEG:
            return jpeg_picture(self._source, in_rgb=self._in_rgb)
        if self._media_type is MediaType.PNG:
            return png_picture(self._source.read_bytes())
        return None

    def _decoded(self, frame: int) -> Picture:
        """Upright, in grey or in RGB, as small as its colours allow. Raises PageUnreadable, PageTooLarge."""
        read = read_picture(self._source, self._media_type, frame, colour="RGB", max_pixels=MAX_PIXELS)
        file = io.BytesIO()
        _smallest(read.image).save(file, "PNG", compress_level=_COMPRESSION)
        picture = png_picture(file.getvalue())
        assert picture is not None
        dpi = (read.dpi, read.dpi / read.pixel_aspect) if read.dpi else None
        return picture.with_dpi(dpi)


def _page(pdf: Pdf, picture: Picture) -> Page:
    paper = _paper(picture)
    page = pdf.add_blank_page(page_size=(paper.width, paper.height))
    image = pdf.make_stream(picture.data, _dictionary(pdf, picture))
    page.obj.Resources = Dictionary(XObject=Dictionary(Picture=image))
    a, b, c, d, e, f = _ORIENTATIONS[picture.orientation]
    w, h = paper.width, paper.height
    matrix = (a * w, b * h, c * w, d * h, e * w, f * h)
    content = " ".join(f"{value:.4f}" for value in matrix)
    page.obj.Contents = pdf.make_stream(f"q {content} cm /Picture Do Q\n".encode("ascii"))
    return page


def _dictionary(pdf: Pdf, picture: Picture) -> Dictionary:
    found = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=picture.size[0],
        Height=picture.size[1],
        BitsPerComponent=picture.bits,
        ColorSpace=_colours(pdf, picture),
        Filter=Name(picture.filter),
    )
    if picture.predicted:
        found.DecodeParms = Dictionary(
            Predictor=15,
            Colors=1 if picture.palette else picture.components,
            BitsPerComponent=picture.bits,
            Columns=picture.size[0],
        )
    if picture.inverted:
        found.Decode = Array([1, 0] * picture.components)
    return found


def _colours(pdf: Pdf, picture: Picture) -> pikepdf.Object:
    device = {1: Name.DeviceGray, 3: Name.DeviceRGB, 4: Name.DeviceCMYK}[picture.components]
    if picture.profile is not None:
        profile = pdf.make_stream(picture.profile, N=picture.components, Alternate=device)
        base: pikepdf.Object = Array([Name.ICCBased, profile])
    else:
        base = device
    if picture.palette is None:
        return base
    return Array([Name.Indexed, base, len(picture.palette) // 3 - 1, pikepdf.String(picture.palette)])


def _paper(picture: Picture) -> _Paper:
    """The size that the picture's resolution makes of it, within what PDF allows."""
    across, down = picture.dpi or (_USUAL_DPI, _USUAL_DPI)
    width, height = picture.size[0] / across, picture.size[1] / down
    if picture.orientation > 4:
        width, height = height, width
    width, height = width * _POINTS_PER_INCH, height * _POINTS_PER_INCH
    factor = min(1.0, _LARGEST_PT / max(width, height))
    factor = max(factor, _SMALLEST_PT / min(width, height)) if factor == 1.0 else factor
    return _Paper(max(width * factor, _SMALLEST_PT), max(height * factor, _SMALLEST_PT))


def _smallest(image: Image.Image) -> Image.Image:
    """In grey where it has no colours, and in black and white where that is all."""
    red, green, blue = image.split()
    if any(ImageChops.difference(red, other).getbbox() for other in (green, blue)):
        return image
    levels = red.getcolors(2)
    if levels and {level for _, level in levels} <= {0, 255}:
        return red.convert("1", dither=Image.Dither.NONE)
    return red
