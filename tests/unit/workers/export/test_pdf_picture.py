"""Which image files are put into a PDF as they are, and which are to be decoded."""

import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest
from PIL import Image

from tests import files
from workers.export.formats.searchable_pdf.picture import jpeg_picture, png_picture

IMAGE = Image.linear_gradient("L")


def test_a_plain_png_is_taken_with_its_resolution() -> None:
    picture = png_picture(io.BytesIO(files.encoded(IMAGE, "PNG", dpi=(200, 200))))
    assert picture is not None
    assert (picture.size, picture.components, picture.bits) == ((256, 256), 1, 8)
    assert picture.dpi == pytest.approx((200, 200), abs=0.1)


@pytest.mark.parametrize(
    "data",
    [
        files.png(files.on_glass(IMAGE)),
        files.encoded(IMAGE.convert("P"), "PNG", transparency=0),
        files.frames([IMAGE, IMAGE.rotate(90)], "PNG"),
        files.truncated(files.png(IMAGE)),
        b"not a PNG file",
    ],
    ids=["alpha", "transparent colour", "animated", "truncated", "another"],
)
def test_other_pngs_are_to_be_decoded(data: bytes) -> None:
    assert png_picture(io.BytesIO(data)) is None


def test_an_interlaced_png_is_to_be_decoded() -> None:
    data = bytearray(files.png(IMAGE))
    data[28] = 1
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    assert png_picture(io.BytesIO(data)) is None


def test_a_palette_that_is_not_there_is_to_be_decoded() -> None:
    data = files.encoded(IMAGE.quantize(4), "PNG").replace(b"PLTE", b"xxXx")
    assert png_picture(io.BytesIO(data)) is None


def test_a_large_png_is_in_memory_once(tmp_path: Path) -> None:
    path = tmp_path / "noise.png"
    path.write_bytes(files.png(Image.effect_noise((3000, 3000), 80)))
    tracemalloc.start()
    with path.open("rb") as file:
        picture = png_picture(file)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert picture is not None
    assert most < 1.3 * path.stat().st_size


def test_a_resolution_that_no_scanner_has_is_none() -> None:
    picture = png_picture(io.BytesIO(files.encoded(IMAGE, "PNG", dpi=(72, 72))))
    assert picture is not None
    assert picture.dpi is None


def test_inks_are_to_be_decoded_where_the_file_must_be_rgb(tmp_path: Path) -> None:
    path = tmp_path / "inks.jpg"
    path.write_bytes(files.encoded(IMAGE.convert("RGB").convert("CMYK"), "JPEG"))
    untouched = jpeg_picture(path, in_rgb=False)
    assert untouched is not None
    assert untouched.inverted
    assert jpeg_picture(path, in_rgb=True) is None


def test_a_profile_for_other_colours_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "profile.jpg"
    path.write_bytes(files.encoded(IMAGE, "JPEG", icc_profile=b"\0" * 16 + b"RGB " + b"\0" * 16 + b"acsp"))
    picture = jpeg_picture(path, in_rgb=False)
    assert picture is not None
    assert picture.profile is None
