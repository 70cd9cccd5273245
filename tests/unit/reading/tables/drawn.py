"""Drawn pages with tables, and with what only looks like one; the drawing tells the words, no OCR."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageDraw, ImageFont

from common.document.geometry import Box
from common.document.page import Word
from tests.pages import font_path

SIZE = (2480, 3508)
FONT_PX = 42
_FONT = ImageFont.truetype(str(font_path()), FONT_PX)


@dataclass
class Sheet:
    """A white A4 page at 300 dpi; everything written on it is known."""

    image: Image.Image = field(default_factory=lambda: Image.new("L", SIZE, 255))
    words: list[Word] = field(default_factory=list)

    def write(self, x: float, y: float, text: str, *, align: str = "left", blank: float = 0) -> None:
        """``text`` at its left or right end ``x`` and top ``y``; blanks of ``blank`` pixels, if given."""
        draw = ImageDraw.Draw(self.image)
        space = blank or _FONT.getlength(" ")
        parts = text.split()
        if align == "right":
            x -= sum(_FONT.getlength(part) for part in parts) + space * (len(parts) - 1)
        for part in parts:
            draw.text((x, y), part, fill=0, font=_FONT)
            x0, y0, x1, y1 = draw.textbbox((x, y), part, font=_FONT)
            self.words.append(Word(part, Box(round(x0), round(y0), round(x1), round(y1)), 1.0))
            x += _FONT.getlength(part) + space

    def rule(self, x0: int, y0: int, x1: int, y1: int, *, grey: int = 0) -> None:
        ImageDraw.Draw(self.image).line((x0, y0, x1, y1), fill=grey, width=4)


def table(
    rows: Sequence[Sequence[str]],
    *,
    edges: Sequence[int],
    top: int = 800,
    pitch: int = 80,
    across: Sequence[int] = (),
    upright: bool = False,
    values_from: int = 1,
    sheet: Sheet | None = None,
) -> Sheet:
    """Texts between the column edges, columns from ``values_from`` on set to the right.

    ``across``: the rows above which a rule runs (the number of rows: below the last). ``upright``: rules
    at all edges.
    """
    sheet = sheet or Sheet()
    for index, row in enumerate(rows):
        y = top + index * pitch
        for column, text in enumerate(row):
            if column < values_from:
                sheet.write(edges[column] + 20, y + 10, text)
            else:
                sheet.write(edges[column + 1] - 20, y + 10, text, align="right")
    for row_index in across:
        sheet.rule(edges[0], top + row_index * pitch, edges[-1], top + row_index * pitch)
    if upright:
        for edge in edges:
            sheet.rule(edge, top, edge, top + len(rows) * pitch)
    return sheet


def prose(sheet: Sheet, x: int, y: int, lines: int, width: int = 9) -> None:
    """Lines of ``width`` words."""
    text = "the quick brown fox jumps over a lazy dog while seven pale judges box with our jovial liquor men"
    words = text.split()
    for line in range(lines):
        start = (line * 5) % len(words)
        sheet.write(x, y + line * 70, " ".join((words * 3)[start : start + width]))
