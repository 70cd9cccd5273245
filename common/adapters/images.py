"""Image files as upright pictures on white: every colour mode, frame and orientation that Pillow reads."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite, sqrt
from pathlib import Path
from typing import Final, Literal, cast

from PIL import ExifTags, Image, ImageOps

from common.contracts.tasks import MediaType
from common.errors import PageTooLarge, PageUnreadable

Colour = Literal["L", "RGB"]
Size = tuple[int, int]

DECODE_LIMIT_PIXELS: Final = 200_000_000
MAX_SIDE_PIXELS: Final = 32_000  # Tesseract's coordinates have 16 bits

_FORMATS: Final = {
    MediaType.PNG: ("PNG",),
    MediaType.JPEG: ("JPEG", "MPO"),
    MediaType.WEBP: ("WEBP",),
    MediaType.GIF: ("GIF",),
    MediaType.BMP: ("BMP",),
    MediaType.TIFF: ("TIFF",),
    MediaType.PNM: ("PPM",),
}
_CREDIBLE_DPI: Final = (100, 2400)  # 72 and 96 are what software writes that does not know
_ON_THEIR_SIDE: Final = (5, 6, 7, 8)  # EXIF orientations
_INTEGER_RANGES: Final = (0xFF, 0xFFFF)
_FLOAT_RANGES: Final = (1.0, 255.0, 65535.0)

# What Pillow's decoders raise on damaged files.
_DECODER_ERRORS: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded frame, upright. ``size`` is the file's own, which ``image`` may be a reduction of."""

    image: Image.Image
    size: Size
    dpi: int | None


def read_picture(
    path: Path,
    media_type: MediaType,
    frame: int,
    *,
    colour: Colour = "L",
    max_pixels: int = DECODE_LIMIT_PIXELS,
    decode_limit_pixels: int = DECODE_LIMIT_PIXELS,
) -> Picture:
    """One frame, reduced to ``max_pixels`` where it has more.

    Raises PageUnreadable, and PageTooLarge, before anything is decoded, above ``decode_limit_pixels``.
    """
    with _opened(path, media_type, decode_limit_pixels) as image:
        if frame:
            image.seek(frame)
        _check_size(image, decode_limit_pixels)
        size = _viewed_size(image)
        dpi = _dpi(image)
        reduced = shrunk_size(image.size, max_pixels)
        image.draft(colour, reduced)  # a JPEG is decoded in the colour, and near the size, that is wanted
        upright = _upright(image)
        flat = flatten(upright, colour)
        plain = upright.copy() if flat is upright else flat  # free of the file, its format and its claims
    plain.info.clear()
    wanted = shrunk_size(plain.size, max_pixels)
    if plain.size != wanted:
        plain = plain.resize(wanted, Image.Resampling.BOX, reducing_gap=2.0)
    return Picture(plain, size, dpi and round(dpi * plain.width / size[0]))


def count_frames(path: Path, media_type: MediaType, *, at_most: int, decode_limit_pixels: int) -> int:
    """How many frames are pages: each one of a TIFF, the first one of anything else.

    Raises PageUnreadable and PageTooLarge.
    """
    with _opened(path, media_type, decode_limit_pixels) as image:
        if media_type is not MediaType.TIFF:
            return 1
        for count in range(1, at_most):
            _check_size(image, decode_limit_pixels)
            try:
                image.seek(count)
            except EOFError:
                return count
        return at_most


def shrunk_size(size: Size, max_pixels: int) -> Size:
    """``size`` scaled down, if need be, to hold ``max_pixels`` and sides that Tesseract can address."""
    width, height = size
    factor = min(1.0, sqrt(max_pixels / (width * height)), MAX_SIDE_PIXELS / max(width, height))
    return max(1, int(width * factor)), max(1, int(height * factor))


def flatten(image: Image.Image, colour: Colour) -> Image.Image:
    """``image`` in ``colour``: transparency over white, deep greys by their range, palettes resolved."""
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    if image.has_transparency_data:
        return _over_white(image, colour)
    if image.mode.startswith(("I", "F")):
        image = _eight_bit(image)
    if image.mode == "CMYK" and colour == "L":
        image = image.convert("RGB")
    return image if image.mode == colour else image.convert(colour)


@contextmanager
def _opened(path: Path, media_type: MediaType, decode_limit_pixels: int) -> Iterator[Image.Image]:
    """The file, its header read; decoding it fails in our own words."""
    limit_before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = decode_limit_pixels // 2  # Pillow warns at this and refuses at its double
    try:
        # A file, not a path: by a path Pillow maps a plain TIFF into memory and garbles a turned one.
        with (
            warnings.catch_warnings(action="ignore"),
            path.open("rb") as file,
            Image.open(file, formats=_FORMATS[media_type]) as image,
        ):
            yield image
    except Image.DecompressionBombError as error:
        raise PageTooLarge(f"The image has more than {decode_limit_pixels} pixels.") from error
    except _DECODER_ERRORS as error:
        raise PageUnreadable(f"The image could not be decoded: {error}") from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit_before


def _check_size(image: Image.Image, decode_limit_pixels: int) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise PageUnreadable("The image has no pixels.")
    if width * height > decode_limit_pixels:
        raise PageTooLarge(f"The image has {width} by {height} pixels: more than {decode_limit_pixels}.")


def _viewed_size(image: Image.Image) -> Size:
    """The size once EXIF orientation is applied; Pillow tells a TIFF's so already."""
    width, height = image.size
    turned = image.format != "TIFF" and image.getexif().get(ExifTags.Base.Orientation) in _ON_THEIR_SIDE
    return (height, width) if turned else (width, height)


def _upright(image: Image.Image) -> Image.Image:
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    return image


def _dpi(image: Image.Image) -> int | None:
    """The resolution down the page, or None where the file tells none or an absurd one."""
    try:
        dpi = float(image.info["dpi"][1])
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError):
        return None
    lowest, highest = _CREDIBLE_DPI
    return round(dpi) if isfinite(dpi) and lowest <= dpi <= highest else None


def _over_white(image: Image.Image, colour: Colour) -> Image.Image:
    image = image if image.mode == "RGBA" else image.convert("RGBA")
    alpha = image.getchannel("A")
    opaque = image.convert(colour)
    if alpha.getextrema() == (255, 255):
        return opaque
    white = Image.new(colour, image.size, "white")
    white.paste(opaque, mask=alpha)
    return white


def _eight_bit(image: Image.Image) -> Image.Image:
    """Greys of 8, 16 or 32 bits, or of 0 to 1, by the first of these ranges that holds them all."""
    wide = image.convert("F")
    _, high = cast(tuple[float, float], wide.getextrema())
    if not isfinite(high):
        raise ValueError("its greys are not numbers")
    ranges = _FLOAT_RANGES if image.mode == "F" else _INTEGER_RANGES
    white = next((white for white in ranges if high <= white), high)
    return wide.point(lambda level: level * (255 / white) + 0).convert("L")
