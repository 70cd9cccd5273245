"""The font of invisible text: a width for every character of Unicode, and no shapes.

Its glyphs are Occulta's, which comes with OCRmyPDF's wheel, so nothing depends on the fonts of the machine
and no script needs another treatment. Codes are given out as characters come (ISO 32000-1, 9.7.4), and a
table tells which characters they are (9.10.3): emoji and rare Han are no further away than the others.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Final

import ocrmypdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

PARTS: Final = 40  # of the size of type
Face = tuple[int, int]  # parts of the size that letters reach below the baseline, and above; not 0
_NAME: Final = Name.Occulta
_FILE: Final = files(ocrmypdf) / "data" / "Occulta.ttf"
_GLYPHS: Final = {0: 3, 500: 4, 1000: 5}  # Occulta's, by width in thousandths of the size
_LAST_CODE: Final = 0xFFFF
_TABLE_ROWS: Final = 100  # of a table at most (Adobe Technical Note 5014)

_TO_UNICODE: Final = """\
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{tables}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


class GlyphlessFont:
    """In several faces: all alike, but for how far their letters reach below the baseline and above.

    Readers of PDF take for a line what stands on one baseline, and a word's box from its font: so words
    of a slanted line can share a baseline, and each be where it is.
    """

    def __init__(self, pdf: Pdf) -> None:
        self._pdf = pdf
        self._codes: dict[str, int] = {}
        self._faces: dict[Face, Object] = {}

    def face(self, face: Face) -> Object:
        if face not in self._faces:
            self._faces[face] = self._pdf.make_indirect(Dictionary())
        return self._faces[face]

    def coded(self, text: str) -> str:
        """As PDF writes it, in hexadecimal; of more than 65,535 different characters some are left out."""
        return "".join(f"{code:04X}" for code in map(self._code, text) if code)

    def _code(self, letter: str) -> int:
        code = self._codes.get(letter, 0)
        if not code and len(self._codes) < _LAST_CODE:
            code = self._codes[letter] = len(self._codes) + 1
        return code

    def finish(self) -> None:
        """To be called once, when all text is drawn."""
        if not self._faces:
            return
        data = _FILE.read_bytes()
        file = self._pdf.make_stream(data, Length1=len(data))
        glyphs = self._pdf.make_stream(bytes(2) + b"".join(_glyph(letter) for letter in self._codes))
        unicode = self._pdf.make_stream(_to_unicode(self._codes).encode("ascii"))
        widths = self._pdf.make_indirect(Array([1, Array([width_of(letter) for letter in self._codes])]))
        for face, font in self._faces.items():
            descendant = Dictionary(
                Type=Name.Font,
                Subtype=Name.CIDFontType2,
                BaseFont=_NAME,
                CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
                FontDescriptor=self._pdf.make_indirect(_descriptor(file, face)),
                DW=500,
                W=widths,
                CIDToGIDMap=glyphs,
            )
            font.Type = Name.Font
            font.Subtype = Name.Type0
            font.BaseFont = _NAME
            font.Encoding = Name("/Identity-H")
            font.DescendantFonts = Array([self._pdf.make_indirect(descendant)])
            font.ToUnicode = unicode


def width_of(letter: str) -> int:
    """In thousandths of the size."""
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 1000 if unicodedata.east_asian_width(letter) in "WF" else 500


def _glyph(letter: str) -> bytes:
    return _GLYPHS[width_of(letter)].to_bytes(2, "big")


def _descriptor(file: Object, face: Face) -> Dictionary:
    descent, ascent = -1000 * face[0] // PARTS, 1000 * face[1] // PARTS
    return Dictionary(
        Type=Name.FontDescriptor,
        FontName=_NAME,
        Flags=4,
        FontBBox=Array([0, descent, 1000, ascent]),
        ItalicAngle=0,
        Ascent=ascent,
        Descent=descent,
        CapHeight=ascent,
        StemV=80,
        FontFile2=file,
    )


def _to_unicode(codes: dict[str, int]) -> str:
    rows = [f"<{code:04X}> <{_utf16(letter)}>" for letter, code in codes.items()]
    tables = (
        f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar" for part in _parts(rows, _TABLE_ROWS)
    )
    return _TO_UNICODE.format(tables="\n".join(tables))


def _utf16(letter: str) -> str:
    return letter.encode("utf-16-be").hex().upper()


def _parts(rows: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
