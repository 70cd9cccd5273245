"""Pictures as pages of a PDF: the file's own data where PDF can hold it, else its pixels.

Of those nothing is lost either, but of frames whose own data are strips of JPEG: they are made one.
"""

import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Page, Pdf
from PIL import Image, ImageChops

from common.adapters.images import Colour, read_picture
from common.adapters.rendering import MAX_PIXELS
from common.contracts.tasks import MediaType
from common.document.page import Page as ReadPage
from common.errors import PageError
from workers.export.formats.searchable_pdf.own_text import Stays
from workers.export.formats.searchable_pdf.picture import Dpi, Picture, jpeg_picture, png_picture
from workers.export.formats.searchable_pdf.tiff_frames import Frame, TiffFrames

_POINTS_PER_INCH: Final = 72
_USUAL_DPI: Final = 150  # of pictures that tell none
_SMALLEST_PT, _LARGEST_PT = 3.0, 14_400.0  # sides of a page (ISO 32000-1, annex C)
_A4: Final = (595, 842)
_COMPRESSION: Final = 1  # takes a third of the time of the usual one, and few more bytes of a scan
_QUALITY: Final = 92  # of what was JPEG before

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
        self._frames = TiffFrames(source) if media_type is MediaType.TIFF else None

    def page(self, source_page: int) -> Page:
        """A new page that shows frame ``source_page`` (from 0); an empty one where it cannot be read."""
        try:
            picture = self._picture(source_page)
        except PageError:
            return self.pdf.add_blank_page(page_size=_A4)
        return _page(self.pdf, picture)

    def own_text(self, source_page: int, page: ReadPage) -> Stays:
        return Stays.ALL

    def selected(self) -> Pdf:
        if self._frames is not None:
            self._frames.close()
        return self.pdf

    def _picture(self, source_page: int) -> Picture:
        """Raises PageUnreadable, PageTooLarge."""
        if self._frames is not None:
            frame = self._frames.frame(source_page)
            untouched = frame.untouched()
            return untouched or self._decoded(source_page, frame)
        untouched = self._untouched() if source_page == 0 else None
        return untouched or self._decoded(source_page, Frame())

    def _untouched(self) -> Picture | None:
        if self._media_type is MediaType.JPEG:
            return jpeg_picture(self._source, in_rgb=self._in_rgb)
        if self._media_type is MediaType.PNG:
            with self._source.open("rb") as file:
                return png_picture(file)
        return None

    def _decoded(self, number: int, frame: Frame) -> Picture:
        """Upright, in grey or in RGB, as small as its colours allow. Raises PageUnreadable, PageTooLarge."""
        colour: Colour = "L" if frame.is_grey else "RGB"
        read = read_picture(self._source, self._media_type, number, colour=colour, max_pixels=MAX_PIXELS)
        dpi = (float(read.dpi), read.dpi / read.pixel_aspect) if read.dpi else None
        if frame.is_jpeg:
            return _as_jpeg(read.image, frame.subsampling, dpi)
        image = _smallest(read.image)
        return Picture(
            data=zlib.compress(image.tobytes(), _COMPRESSION),
            filter="/FlateDecode",
            size=image.size,
            components=len(image.getbands()),
            bits=1 if image.mode == "1" else 8,
            dpi=dpi,
        )


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
    if picture.filter == "/CCITTFaxDecode":
        found.DecodeParms = Dictionary(
            K=-1, Columns=picture.size[0], Rows=picture.size[1], BlackIs1=not picture.white_is_one
        )
    elif picture.predictor > 1:
        found.DecodeParms = Dictionary(
            Predictor=picture.predictor,
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
    red, *others = image.split()
    if any(ImageChops.difference(red, other).getbbox() for other in others):
        return image
    levels = red.getcolors(2)
    if levels and {level for _, level in levels} <= {0, 255}:
        return red.convert("1", dither=Image.Dither.NONE)
    return red


def _as_jpeg(image: Image.Image, subsampling: int, dpi: Dpi | None) -> Picture:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_QUALITY, subsampling=subsampling)
    return Picture(file.getvalue(), "/DCTDecode", image.size, len(image.getbands()), dpi=dpi)
