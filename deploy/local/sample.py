"""``python -m deploy.local.sample FILE``: draw the page that ``make demo`` reads, as a scan would look.

Drawn rather than shipped, so that nobody else's document is part of the project.
"""

import sys
import textwrap
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_DPI = 200
_A4_PX = (1654, 2339)
_MARGIN_PX = 180
_FONTS = Path("/usr/share/fonts/truetype/dejavu")

_TITLE = "Minutes of the Harbour Committee"
_PARAGRAPHS = (
    "The committee met on 14 March at nine o'clock. The lighthouse keeper reported that the new lamp has "
    "burned without interruption for forty-one nights and that its beam was seen eleven miles out.",
    "It was agreed to repair the eastern jetty before the autumn storms, to paint both cranes, and to buy "
    "rope and lanterns for the ferry. The costs are listed below.",
)
_TABLE = (
    ("Item", "Quantity", "Price"),
    ("Oak planks", "120", "1,860.00"),
    ("Red paint, litres", "35", "402.50"),
    ("Rope, metres", "250", "187.75"),
    ("Lanterns", "6", "93.00"),
)
_COLUMNS_PX = (0, 620, 920)


def main() -> int:
    draw_sample().save(sys.argv[1], resolution=_DPI)
    return 0


def draw_sample() -> Image.Image:
    """An A4 page in black on white at 200 dpi."""
    page = Image.new("L", _A4_PX, 255)
    pen = ImageDraw.Draw(page)
    top = 200
    pen.text((_MARGIN_PX, top), _TITLE, font=_font("DejaVuSerif-Bold", 56), fill=0)
    top += 150
    for paragraph in _PARAGRAPHS:
        for line in textwrap.wrap(paragraph, 72):
            pen.text((_MARGIN_PX, top), line, font=_font("DejaVuSerif", 34), fill=0)
            top += 52
        top += 40
    _draw_table(pen, top + 20)
    return page


def _draw_table(pen: ImageDraw.ImageDraw, top: int) -> None:
    for row_index, row in enumerate(_TABLE):
        font = _font("DejaVuSans-Bold" if row_index == 0 else "DejaVuSans", 32)
        for left, cell in zip(_COLUMNS_PX, row, strict=True):
            pen.text((_MARGIN_PX + left, top), cell, font=font, fill=0)
        top += 56
        pen.line((_MARGIN_PX, top - 8, _A4_PX[0] - _MARGIN_PX, top - 8), fill=0, width=2)


def _font(name: str, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONTS / f"{name}.ttf"), size_px)


if __name__ == "__main__":
    sys.exit(main())
