"""Files made of pages: every accepted kind, and the ones that must be refused."""

import io
import time
from collections.abc import Sequence
from typing import Any

import pikepdf
from PIL import Image

_ORIENTATION = 0x0112
_STRIP_OFFSETS, _STRIP_BYTE_COUNTS = 0x0111, 0x0117
# What turns an upright picture into the stored one, so that a viewer that honours the tag turns it back.
_STORED_AS = {
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}
_SOME_TIME = time.gmtime(1_700_000_000)


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    """The image as a file; ``file_format`` as Pillow names it (PNG, JPEG, WEBP, GIF, BMP, TIFF, PPM)."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def png(image: Image.Image) -> bytes:
    return encoded(image, "PNG")


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    return encoded(image, "JPEG", quality=quality)


def exif_turned_jpeg(image: Image.Image, orientation: int) -> bytes:
    """Stored on its side (3, 6 or 8), tagged so that a viewer shows ``image``."""
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    return encoded(image.transpose(_STORED_AS[orientation]), "JPEG", quality=90, exif=exif)


def frames(images: Sequence[Image.Image], file_format: str, **options: Any) -> bytes:
    """A file of several frames: TIFF (pages), GIF, WEBP or PNG (animation)."""
    first, *others = images
    return encoded(first, file_format, save_all=True, append_images=others, **options)


def on_glass(image: Image.Image) -> Image.Image:
    """The dark ink of a grey image on a fully transparent ground."""
    ink = Image.new("LA", image.size, (0, 0))
    ink.putalpha(image.point(lambda level: 255 - level))
    return ink.convert("RGBA")


def scanned_pdf(images: Sequence[Image.Image], dpi: int = 150) -> bytes:
    """Pages of images alone, without a text layer; ``dpi`` sets the paper size."""
    return frames(images, "PDF", resolution=float(dpi), creationDate=_SOME_TIME, modDate=_SOME_TIME)


def torn_tiff(images: Sequence[Image.Image], torn: int) -> bytes:
    """A TIFF that opens, of whose frames one cannot be decoded."""
    data = bytearray(frames(images, "TIFF", compression="tiff_adobe_deflate"))
    with Image.open(io.BytesIO(data)) as tiff:
        tiff.seek(torn)
        strips = zip(tiff.tag_v2[_STRIP_OFFSETS], tiff.tag_v2[_STRIP_BYTE_COUNTS], strict=True)  # type: ignore[attr-defined]
        for start, length in strips:
            data[start : start + length] = b"\xff" * length
    return bytes(data)


def born_digital_pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """A4 pages of real text in Helvetica (Latin-1), one string a line."""
    pdf = pikepdf.new()
    name = pikepdf.Name
    font = pdf.make_indirect(pikepdf.Dictionary(Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica))
    for lines in pages:
        page = pdf.add_blank_page(page_size=(595, 842))
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.obj.Contents = pdf.make_stream(_text_operators(lines))
    return _saved(pdf)


def turned_pdf(pdf: bytes, degrees: int) -> bytes:
    """The same pages with ``/Rotate`` set: a viewer turns them clockwise."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            page.rotate(degrees, relative=False)
        return _saved(document)


def encrypted_pdf(pdf: bytes, password: str = "secret") -> bytes:
    """Cannot be opened without the password."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return _saved(document, encryption=pikepdf.Encryption(user=password, owner=password, R=6))


def truncated(data: bytes, keep: float = 0.5) -> bytes:
    return data[: int(len(data) * keep)]


def corrupt_jpeg() -> bytes:
    """Begins as a JPEG does and is nothing but noise after that."""
    return jpeg(Image.new("L", (64, 64), 255))[:20] + bytes(range(1, 200)) * 20


def _text_operators(lines: Sequence[str]) -> bytes:
    shown = b"".join(b"(" + _escaped(line) + b") Tj T*\n" for line in lines)
    return b"BT /F1 14 Tf 20 TL 72 770 Td\n" + shown + b"ET"


def _escaped(line: str) -> bytes:
    return line.encode("latin-1").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _saved(pdf: pikepdf.Pdf, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pdf.save(buffer, **options)
    return buffer.getvalue()
