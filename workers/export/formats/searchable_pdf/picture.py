"""JPEG and PNG files as PDF can hold them: their data as it is, and what it means."""

import io
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from PIL import ExifTags, Image

from common.adapters.images import CREDIBLE_DPI
from common.document.geometry import Size

_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PNG_COMPONENTS: Final = {0: 1, 2: 3, 3: 3}  # grey, RGB, palette: those without transparency
_PALETTE: Final = 3
_PROFILE_SPACES: Final = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
_JPEG_MODES: Final = {"L": 1, "RGB": 3, "CMYK": 4}

Dpi = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Picture:
    """``data`` are encoded by ``filter``; ``size`` is that of the data, ``orientation`` EXIF's.

    ``components`` are those of a colour, also of one of the ``palette`` (RGB, three bytes each).
    ``predictor`` is what PDF calls that of the rows: 2 for TIFF's, 15 for PNG's. ``inverted``: a colour's
    0 is what its highest value should be, as Adobe writes CMYK. ``white_is_one``, of faxes alone: white runs
    are bits that are set.
    ``profile`` is an ICC one for as many components.
    """

    data: bytes
    filter: str
    size: Size
    components: int
    bits: int = 8
    palette: bytes | None = None
    predictor: int = 1
    inverted: bool = False
    white_is_one: bool = True
    profile: bytes | None = None
    orientation: int = 1
    dpi: Dpi | None = None


def jpeg_picture(path: Path, *, in_rgb: bool) -> Picture | None:
    """None for what is to be decoded: damaged files, and CMYK where it must be ``in_rgb``."""
    try:
        with Image.open(path, formats=("JPEG", "MPO")) as image:
            components = _JPEG_MODES.get(image.mode)
            if components is None or (in_rgb and image.mode == "CMYK"):
                return None
            return Picture(
                data=path.read_bytes(),
                filter="/DCTDecode",
                size=image.size,
                components=components,
                inverted=image.mode == "CMYK" and "adobe" in image.info,
                profile=_profile(image, components),
                orientation=_orientation(image),
                dpi=_dpi(image),
            )
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError, struct.error):
        return None


def png_picture(file: BinaryIO) -> Picture | None:
    """None for what is to be decoded: damaged, transparent, interlaced and animated files."""
    try:
        chunks = list(_chunks(file))
        width, height, bits, colour_type, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0].read(file))
        kinds = {chunk.kind for chunk in chunks}
        needed = {b"IEND", b"PLTE"} if colour_type == _PALETTE else {b"IEND"}
        components = _PNG_COMPONENTS.get(colour_type)
        if components is None or interlaced or kinds & {b"tRNS", b"acTL"} or needed - kinds:
            return None
        data, palette = _joined(chunks, b"IDAT", file), _joined(chunks, b"PLTE", file)
        file.seek(0)
        with Image.open(file, formats=("PNG",)) as image:
            orientation, dpi, profile = _orientation(image), _dpi(image), _profile(image, components)
    except (Image.DecompressionBombError, IndexError, OSError, SyntaxError, ValueError, struct.error):
        return None
    return Picture(
        data=data,
        filter="/FlateDecode",
        size=(width, height),
        components=components,
        bits=bits,
        palette=palette if colour_type == _PALETTE else None,
        predictor=15,
        profile=profile,
        orientation=orientation,
        dpi=dpi,
    )


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    start: int
    length: int

    def read(self, file: BinaryIO) -> bytes:
        file.seek(self.start)
        return file.read(self.length)


def _chunks(file: BinaryIO) -> Iterator[_Chunk]:
    """Where they lie. Source: https://www.w3.org/TR/png-3/#5Chunk-layout"""
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    if file.read(len(_PNG_SIGNATURE)) != _PNG_SIGNATURE:
        raise ValueError("not a PNG file")
    at = len(_PNG_SIGNATURE)
    while at + 8 <= end:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if at + 12 + length > end:
            raise ValueError("a PNG file that ends too early")
        yield _Chunk(kind, at + 8, length)
        at += 12 + length


def _joined(chunks: Iterable[_Chunk], kind: bytes, file: BinaryIO) -> bytes:
    """In memory once: they may be hundreds of megabytes."""
    found = [chunk for chunk in chunks if chunk.kind == kind]
    if len(found) == 1:
        return found[0].read(file)
    data = io.BytesIO()
    for chunk in found:
        data.write(chunk.read(file))
    return data.getvalue()


def _orientation(image: Image.Image) -> int:
    found = image.getexif().get(ExifTags.Base.Orientation, 1)
    return found if found in range(1, 9) else 1


def _profile(image: Image.Image, components: int) -> bytes | None:
    """The picture's ICC profile, where it is one for these components."""
    profile = image.info.get("icc_profile") or b""
    if profile[36:40] == b"acsp" and _PROFILE_SPACES.get(profile[16:20]) == components:
        return bytes(profile)
    return None


def _dpi(image: Image.Image) -> Dpi | None:
    try:
        across, down = (float(dpi) for dpi in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    lowest, highest = CREDIBLE_DPI
    return (across, down) if lowest <= across <= highest and lowest <= down <= highest else None
