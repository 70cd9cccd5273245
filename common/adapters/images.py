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

from PIL import ExifTags, Image, ImageCms, ImageOps, ImageStat

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
CREDIBLE_DPI: Final = (100, 2400)  # 72 and 96 are what software writes that does not know
_OBLONG_PIXELS: Final = (1.3, 4.0)  # a fax has 204 by 98 or by 196; less is no matter, more no truth
_ON_THEIR_SIDE: Final = (5, 6, 7, 8)  # EXIF orientations
_WRITING_COVERS: Final = 0.5  # of its ground, at most
_LIGHT_WRITING: Final = 200  # the mean level of what could not be read on white
_INTEGER_RANGES: Final = (0xFF, 0x3FF, 0xFFF, 0x3FFF, 0xFFFF)  # of 8, 10, 12, 14 and 16 bits
_FLOAT_RANGES: Final = (1.0, 255.0, 65535.0)

# What Pillow's decoders raise on damaged files.
DECODER_ERRORS: Final = (
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
    """A decoded frame, upright. ``size`` is the file's own, which ``image`` may be a reduction of.

    ``pixel_aspect`` is how many times as high as wide a pixel is; where that is not 1, ``dpi`` is that of
    the narrower side.
    """

    image: Image.Image
    size: Size
    dpi: int | None
    pixel_aspect: float = 1.0


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
        aspect, dpi = _pixel_aspect(image), _dpi(image)
        reduced = shrunk_size(image.size, max_pixels)
        image.draft(colour, reduced)  # a JPEG is decoded in the colour, and near the size, that is wanted
        upright = _upright(image)
        flat = flatten(upright, colour)
        plain = upright.copy() if flat is upright else flat  # free of the file, its format and its claims
    plain.info.clear()
    wanted = shrunk_size(plain.size, max_pixels)
    if plain.size != wanted:
        plain = plain.resize(wanted, Image.Resampling.BOX, reducing_gap=2.0)
    return Picture(plain, size, dpi and round(dpi * plain.width / size[0]), aspect)


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
    """``image`` in ``colour``: transparency resolved, as are palettes; deep greys by their range."""
    if image.mode.startswith(("I", "F")):
        return _eight_bit(image).convert(colour)
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    if image.has_transparency_data:
        return _on_ground(image, colour)
    if image.mode == "LAB":
        image = _from_lab(image)
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
    except DECODER_ERRORS as error:
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
    turned = image.format != "TIFF" and _is_on_its_side(image)
    return (height, width) if turned else (width, height)


def _is_on_its_side(image: Image.Image) -> bool:
    return image.getexif().get(ExifTags.Base.Orientation) in _ON_THEIR_SIDE


def _upright(image: Image.Image) -> Image.Image:
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    return image


def _dpi(image: Image.Image) -> int | None:
    """The file's resolution, None where it tells none or an absurd one."""
    across, down = _resolutions(image)
    dpi = max(across, down) if _are_oblong(across, down) else down
    lowest, highest = CREDIBLE_DPI
    return round(dpi) if lowest <= dpi <= highest else None


def _pixel_aspect(image: Image.Image) -> float:
    """How many times as high as wide the pixels of the image, once upright, are: 1 but for faxes."""
    across, down = _resolutions(image)
    if not _are_oblong(across, down):
        return 1.0
    return down / across if _is_on_its_side(image) else across / down


def _resolutions(image: Image.Image) -> tuple[float, float]:
    """As the file tells them, across and down its rows; 0 where it does not."""
    try:
        across, down = (float(dpi) for dpi in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0
    return (across, down) if isfinite(across) and isfinite(down) else (0.0, 0.0)


def _are_oblong(across: float, down: float) -> bool:
    low, high = min(across, down), max(across, down)
    least, most = _OBLONG_PIXELS
    return low > 0 and least <= high / low <= most


def _on_ground(image: Image.Image, colour: Colour) -> Image.Image:
    """Over white, as a sheet of paper; over black what is little and light: white writing on glass."""
    image = image if image.mode == "RGBA" else image.convert("RGBA")
    alpha = image.getchannel("A")
    opaque = image.convert(colour)
    if alpha.getextrema() == (255, 255):
        return opaque
    ground = Image.new(colour, image.size, "black" if _is_light_writing(opaque, alpha) else "white")
    ground.paste(opaque, mask=alpha)
    return ground


def _is_light_writing(opaque: Image.Image, alpha: Image.Image) -> bool:
    covered = ImageStat.Stat(alpha).mean[0] / 255
    if not 0 < covered < _WRITING_COVERS:
        return False
    shown = alpha.point(lambda level: 255 if level > 127 else 0)
    return shown.getbbox() is not None and ImageStat.Stat(opaque.convert("L"), shown).mean[0] > _LIGHT_WRITING


def _from_lab(image: Image.Image) -> Image.Image:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return cast(Image.Image, ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB"))


def _eight_bit(image: Image.Image) -> Image.Image:
    """Greys of 8, 16 or 32 bits, or of 0 to 1, by the first of these ranges that holds them all."""
    wide = image.convert("F")
    _, high = cast(tuple[float, float], wide.getextrema())
    if not isfinite(high):
        raise ValueError("its greys are not numbers")
    ranges = _FLOAT_RANGES if image.mode == "F" else _INTEGER_RANGES
    white = next((white for white in ranges if high <= white), high)
    return wide.point(lambda level: level * (255 / white) + 0).convert("L")
