"""PDF pages with a text layer: whole, hidden, garbled or partial. A4, 595 by 842 points."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image

from tests.pages import font_path, paragraphs

SIZE = (595, 842)
_CMAP = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Made def
1 begincodespacerange <00> <ff> endcodespacerange
{count} beginbfchar
{mappings}
endbfchar endcmap end end"""


def text_page(
    content: str | bytes,
    *,
    images: Sequence[Image.Image] = (),
    unicode_map: Mapping[int, str] | None = None,
    keys: Mapping[str, Any] | None = None,
) -> bytes:
    """One page of ``content`` operators; /F1 is Helvetica, /Im0 … the images, /Clear is fully transparent.

    ``unicode_map`` is that of the font /F2 (Helvetica too), ``keys`` are further ones of the page.
    """
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=SIZE).obj
    fonts = {"/F1": _helvetica(pdf), "/F2": _helvetica(pdf, unicode_map or {})}
    page.Resources = Dictionary(
        Font=Dictionary(fonts),
        XObject=Dictionary({f"/Im{index}": _picture(pdf, image) for index, image in enumerate(images)}),
        ExtGState=Dictionary(Clear=Dictionary(Type=Name.ExtGState, ca=0, CA=0)),
    )
    page.Contents = pdf.make_stream(content if isinstance(content, bytes) else content.encode("latin-1"))
    for key, value in (keys or {}).items():
        page[key] = value
    return saved(pdf)


def shown(
    lines: Sequence[str], *, x: float = 72, y: float = 770, size: float = 12, font: str = "F1", mode: int = 0
) -> str:
    """The operators that show the lines from ``x``, ``y`` (points, from the bottom left) downwards."""
    texts = " T* ".join(f"({_escaped(line)}) Tj" for line in lines)
    return f"q BT /{font} {size} Tf {mode} Tr {1.4 * size} TL {x} {y} Td {texts} ET Q\n"


def placed(index: int, x: float, y: float, width: float, height: float) -> str:
    """The operators that paint image ``index`` with its lower left corner at ``x``, ``y``."""
    return f"q {width} 0 0 {height} {x} {y} cm /Im{index} Do Q\n"


def prose(seed: int = 0, count: int = 3) -> list[str]:
    """Lines of made-up English."""
    return [line for line in paragraphs(seed, count=count) if line]


def unicode_page(lines: Sequence[str]) -> bytes:
    """Lines in any script that DejaVu Sans has, right-to-left ones painted as they are seen."""
    document = pdfium.PdfDocument.new()
    page = document.new_page(*SIZE)
    data = font_path().read_bytes()
    buffer = (pdfium_c.c_uint8 * len(data)).from_buffer_copy(data)
    font = pdfium_c.FPDFText_LoadFont(document, buffer, len(data), pdfium_c.FPDF_FONT_TRUETYPE, True)
    for row, line in enumerate(lines):
        item = pdfium_c.FPDFPageObj_CreateTextObj(document, font, 16.0)
        units = (line + "\0").encode("utf-16-le")
        text = (pdfium_c.c_ushort * (len(units) // 2)).from_buffer_copy(units)
        pdfium_c.FPDFText_SetText(item, text)
        pdfium_c.FPDFPageObj_Transform(item, 1, 0, 0, 1, 72, 700 - 30 * row)
        pdfium_c.FPDFPage_InsertObject(page, item)
    page.gen_content()
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def long_pdf(page_count: int) -> bytes:
    """Pages of about 400 different words each, as a word processor would write them."""
    pdf = pikepdf.new()
    font = _helvetica(pdf)
    for index in range(page_count):
        page = pdf.add_blank_page(page_size=SIZE).obj
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        lines = [f"Page {index + 1}", "", *paragraphs(index, count=8, words_each=50, columns=80)]
        page.Contents = pdf.make_stream(shown(lines, size=9).encode("latin-1"))
    return saved(pdf)


def saved(pdf: Pdf) -> bytes:
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()


def _helvetica(pdf: Pdf, unicode_map: Mapping[int, str] | None = None) -> pikepdf.Object:
    font = Dictionary(
        Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
    )
    if unicode_map:
        mappings = "\n".join(
            f"<{code:02x}> <{text.encode('utf-16-be').hex()}>" for code, text in unicode_map.items()
        )
        font.ToUnicode = pdf.make_stream(
            _CMAP.format(count=len(unicode_map), mappings=mappings).encode("ascii")
        )
    return pdf.make_indirect(font)


def unmapped_font(pdf: Pdf) -> pikepdf.Object:
    """Boxes for glyphs, called /g65 and so on: nothing says which letters they are."""
    glyph = pdf.make_stream(b"600 0 0 0 500 700 d1 100 0 400 700 re f")
    codes = range(65, 91)
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type3,
            FontBBox=Array([0, 0, 600, 700]),
            FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
            CharProcs=Dictionary({f"/g{code}": glyph for code in codes}),
            Encoding=Dictionary(
                Type=Name.Encoding, Differences=Array([65, *(Name(f"/g{code}") for code in codes)])
            ),
            FirstChar=65,
            LastChar=90,
            Widths=Array([600] * 26),
            Resources=Dictionary(),
        )
    )


def _picture(pdf: Pdf, image: Image.Image) -> pikepdf.Object:
    grey = image.convert("L")
    return pdf.make_stream(
        grey.tobytes(),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=grey.width,
        Height=grey.height,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
