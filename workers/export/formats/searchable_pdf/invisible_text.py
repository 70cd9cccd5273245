"""Words as a form of nothing but invisible text. Nothing is recognised here."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from pikepdf import Array, Dictionary, Name, Object, Pdf

from workers.export.formats.searchable_pdf.glyphless_font import Face, GlyphlessFont, width_of
from workers.export.formats.searchable_pdf.layer import Layer
from workers.export.formats.searchable_pdf.text_lines import TextLine, lines_of

_INVISIBLE: Final = "3 Tr"
_LEVEL, _DOWNWARDS, _UPWARDS = "1 0 0 1", "0 -1 1 0", "0 1 -1 0"  # the turning part of a text matrix


def draw(pdf: Pdf, layer: Layer, font: GlyphlessFont) -> Object:
    """A form of as many points as the layer has pixels."""
    lines = tuple(lines_of(layer))
    faces = {piece.face for line in lines for piece in line.pieces}
    content = "\n".join(operator for line in lines for operator in _line(line, layer.size[1], font))
    return pdf.make_stream(
        content.encode("ascii"),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, *layer.size]),
        Resources=Dictionary(Font=Dictionary({_name(face): font.face(face) for face in faces})),
    )


def _line(line: TextLine, page_height: float, font: GlyphlessFont) -> Iterator[str]:
    """In one text object: in poppler the stretch of words is forgotten between two."""
    yield f"BT {_INVISIBLE}"
    face = None
    for piece in line.pieces:
        if piece.face != face:
            face = piece.face
            yield f"{_name(face)} {line.size:.2f} Tf"
        turn = _UPWARDS if line.runs_up else _DOWNWARDS if line.runs_down else _LEVEL
        yield f"{turn} {piece.x:.2f} {page_height - piece.y:.2f} Tm"
        yield _shown(piece.text, piece.length, line.size, font)
        if piece.blank > 0:
            yield _shown(" ", piece.blank, line.size, font)
    yield "ET"


def _name(face: Face) -> str:
    return f"/Face{face[0]}-{face[1]}"


def _shown(text: str, length: float, size: float, font: GlyphlessFont) -> str:
    """Stretched to ``length``."""
    width = sum(map(_width, text)) * size / 1000
    return f"{100 * length / width if width else 100:.2f} Tz <{font.coded(text)}> Tj"


_width = lru_cache(maxsize=None)(width_of)
