"""Frames of TIFF files as PDF can hold them: their data as they are, where those are one strip.

Source: TIFF, revision 6.0, and Adobe Photoshop's TIFF Technical Notes for Deflate and JPEG.
"""

import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image, TiffImagePlugin

from common.adapters.images import CREDIBLE_DPI, DECODER_ERRORS
from workers.export.formats.searchable_pdf.picture import Dpi, Picture

_WIDTH, _LENGTH, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER = 256, 257, 258, 259, 262, 266
_OFFSETS, _ORIENTATION, _SAMPLES, _BYTE_COUNTS, _PLANES, _PREDICTOR = 273, 274, 277, 279, 284, 317
_EXTRA_SAMPLES, _JPEG_TABLES, _SUBSAMPLING, _PROFILE = 338, 347, 530, 34675

_FAX, _JPEG, _DEFLATE = 4, 7, (8, 32946)
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _YCBCR = 0, 1, 2, 6
_COMPONENTS: Final = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _YCBCR: 3}
_GREY_MODES: Final = ("1", "L", "LA", "I", "F", "I;16", "I;16B", "I;16L", "I;16N")
_MOST_OBLONG: Final = 4.0  # of pixels: a fax has some twice as high as wide
_HEAD_BYTES: Final = 4096
_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))

# What Pillow raises on damaged files.
_ERRORS: Final = (Image.DecompressionBombError, *DECODER_ERRORS)


@dataclass(frozen=True, slots=True)
class _Strip:
    """The frame's data and what its tags say of them."""

    data: bytes
    size: tuple[int, int]
    tags: dict[int, Any]
    orientation: int
    dpi: Dpi | None

    def tag(self, number: int, otherwise: int = 1) -> int:
        value = self.tags.get(number, otherwise)
        return int(value[0] if isinstance(value, tuple) else value)

    def as_picture(self) -> Picture | None:
        if self.tag(_PHOTOMETRIC, -1) not in _COMPONENTS or _EXTRA_SAMPLES in self.tags:
            return None
        if _PROFILE in self.tags or self.tag(_SAMPLES) != _COMPONENTS[self.tag(_PHOTOMETRIC)]:
            return None
        compression = self.tag(_COMPRESSION)
        if compression == _FAX:
            return self._fax()
        if compression == _JPEG:
            return self._jpeg()
        if compression in _DEFLATE and zlib.decompressobj().decompress(self.data[:_HEAD_BYTES], 1):
            return self._deflated()
        return None

    def _fax(self) -> Picture | None:
        if self.tag(_BITS) != 1 or self.tag(_SAMPLES) != 1:
            return None
        data = self.data.translate(_REVERSED) if self.tag(_FILL_ORDER) == 2 else self.data
        white_is_one = self.tag(_PHOTOMETRIC) == _WHITE_IS_ZERO
        return self._picture(data, "/CCITTFaxDecode", bits=1, white_is_one=white_is_one)

    def _jpeg(self) -> Picture | None:
        """One that is whole once it has the tables, which all frames may share."""
        if self.tag(_PHOTOMETRIC) not in (_BLACK_IS_ZERO, _YCBCR):
            return None
        tables = self.tags.get(_JPEG_TABLES) or b""
        data = self.data[:2] + tables[2:-2] + self.data[2:]
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            as_told = image.size == self.size and len(image.getbands()) == self.tag(_SAMPLES)
        return self._picture(data, "/DCTDecode") if as_told else None

    def _deflated(self) -> Picture | None:
        bits = self.tags.get(_BITS, (1,))
        predictor = self.tag(_PREDICTOR)
        if self.tag(_PHOTOMETRIC) == _YCBCR or len(set(bits)) > 1 or bits[0] not in (1, 2, 4, 8):
            return None
        if predictor not in (1, 2) or self.tag(_FILL_ORDER) != 1 or self.tag(_PLANES) != 1:
            return None
        inverted = self.tag(_PHOTOMETRIC) == _WHITE_IS_ZERO
        return self._picture(self.data, "/FlateDecode", bits=bits[0], predictor=predictor, inverted=inverted)

    def _picture(self, data: bytes, packing: str, **more: Any) -> Picture:
        return Picture(
            data,
            packing,
            self.size,
            self.tag(_SAMPLES),
            orientation=self.orientation,
            dpi=self.dpi,
            **more,
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """``subsampling`` of its JPEG, as Pillow counts: 0 where no colour is left out, else 2."""

    is_grey: bool = False
    is_jpeg: bool = False
    subsampling: int = 0
    strip: _Strip | None = None

    def untouched(self) -> Picture | None:
        """None for what is to be decoded."""
        try:
            return self.strip.as_picture() if self.strip else None
        except _ERRORS:
            return None


class TiffFrames:
    """Opened once for all frames: each has to be sought from the one before."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self._image: TiffImagePlugin.TiffImageFile | None = None

    def frame(self, number: int) -> Frame:
        """Of one that cannot be read nothing is known: decoding it will tell."""
        try:
            image = self._opened()
            image.seek(number)
            return _frame(image)
        except _ERRORS:
            return Frame()

    def close(self) -> None:
        if self._image is not None:
            self._image.close()

    def _opened(self) -> TiffImagePlugin.TiffImageFile:
        if self._image is None:
            image = Image.open(self._source, formats=("TIFF",))
            assert isinstance(image, TiffImagePlugin.TiffImageFile)
            self._image = image
        return self._image


def _frame(image: TiffImagePlugin.TiffImageFile) -> Frame:
    tags = dict(image.tag_v2)
    return Frame(
        is_grey=image.mode in _GREY_MODES,
        is_jpeg=tags.get(_COMPRESSION) == _JPEG and image.mode in ("L", "RGB"),
        subsampling=0 if tags.get(_SUBSAMPLING, (2, 2)) == (1, 1) else 2,
        strip=_strip(image, tags),
    )


def _strip(image: TiffImagePlugin.TiffImageFile, tags: dict[int, Any]) -> _Strip | None:
    offsets, counts = tags.get(_OFFSETS, ()), tags.get(_BYTE_COUNTS, ())
    if image.fp is None or len(offsets) != 1 or len(counts) != 1:
        return None
    image.fp.seek(offsets[0])
    data = image.fp.read(counts[0])
    if len(data) != counts[0] or not data:
        return None
    orientation = tags.get(_ORIENTATION, 1)
    return _Strip(
        data,
        (tags[_WIDTH], tags[_LENGTH]),
        tags,
        orientation if orientation in range(1, 9) else 1,
        _dpi(image),
    )


def _dpi(image: Image.Image) -> Dpi | None:
    try:
        across, down = (float(dpi) for dpi in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    lowest, highest = CREDIBLE_DPI
    low, high = min(across, down), max(across, down)
    return (across, down) if lowest <= high <= highest and low * _MOST_OBLONG >= high else None
