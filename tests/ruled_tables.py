"""Drawn tables with rules in many styles: what is in each cell is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFont

from tests.language_pages import face_of
from tests.pages import font_path

Style = Literal["thin", "thick", "double", "grey", "across", "boxed", "tight"]
Rows = Sequence[Sequence[str]]

STYLES: Final[tuple[Style, ...]] = ("thin", "thick", "double", "grey", "across", "boxed", "tight")

STOCK: Final = (
    ("Item", "Quantity", "Unit price", "Sum"),
    ("Oak planks", "120", "35", "4,200.00"),
    ("Brass screws", "1", "0.05", "0.05"),
    ("Linseed oil", "5", "18.50", "92.50"),
    ("Wall paint", "10", "7", "70.00"),
    ("Labour", "8", "55", "440.00"),
    ("Discount", "0", "-15", "-15.00"),
)
HEBREW: Final = (
    ("פריט", "כמות", "מחיר"),
    ("לוחות עץ", "120", "35"),
    ("ברגים", "7", "1,250"),
    ("שמן פשתן", "10", "18.50"),
    ("צבע לקיר", "5", "90"),
    ("עבודה", "8", "440"),
)
ARABIC: Final = (
    ("الصنف", "الكمية", "السعر"),
    ("ألواح خشب", "120", "35"),
    ("مسامير", "7", "1250"),
    ("زيت الكتان", "10", "18.50"),
    ("طلاء الجدران", "5", "90"),
)
RUSSIAN: Final = (
    ("Товар", "Количество", "Цена"),
    ("Дубовые доски", "120", "35"),
    ("Латунные винты", "7", "1250"),
    ("Льняное масло", "10", "18,50"),
    ("Краска", "5", "90"),
)
HINDI: Final = (
    ("वस्तु", "मात्रा", "मूल्य"),
    ("लकड़ी", "120", "35"),
    ("पेंच", "7", "1250"),
    ("तेल", "10", "18.50"),
    ("रंग", "5", "90"),
)


@dataclass(frozen=True, slots=True)
class Ruled:
    """How a table is drawn; points are turned into pixels by ``dpi``, ``skew`` is in degrees."""

    style: Style = "thin"
    dpi: int = 150
    skew: float = 0.0
    points: float = 10.0
    script: str = "Latn"


def draw_table(rows: Rows, ruled: Ruled = Ruled()) -> Image.Image:
    """A page of white (mode L) with the table; columns of Arabic and Hebrew go from right to left."""
    text_px = ruled.points * ruled.dpi / 72
    font = _font(ruled.script, round(text_px))
    padding = text_px * (0.25 if ruled.style == "tight" else 0.6)
    widths = [max(font.getlength(row[at]) for row in rows) + 2 * padding for at in range(len(rows[0]))]
    pitch = text_px * (1.35 if ruled.style == "tight" else 2.0)
    margin = text_px * 4
    size = (round(sum(widths) + 2 * margin), round(len(rows) * pitch + 2 * margin))
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    is_leftward = ruled.script in ("Hebr", "Arab")
    places = _edges(margin, widths[::-1] if is_leftward else widths)
    heights = _edges(margin, [pitch] * len(rows))
    _draw_rules(draw, places, heights, ruled)
    for row, texts in enumerate(rows):
        for at, text in enumerate(reversed(texts) if is_leftward else texts):
            _draw_text(
                draw, text, (places[at], heights[row], places[at + 1], heights[row + 1]), padding, font
            )
    if not ruled.skew:
        return image
    return image.rotate(ruled.skew, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def _font(script: str, px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_path() if script == "Latn" else face_of(script)), px)


def _edges(start: float, lengths: Sequence[float]) -> list[float]:
    edges = [start]
    for length in lengths:
        edges.append(edges[-1] + length)
    return edges


def _draw_rules(draw: ImageDraw.ImageDraw, places: list[float], heights: list[float], ruled: Ruled) -> None:
    unit = ruled.dpi / 100
    width = max(1, round(unit * (3 if ruled.style == "thick" else 1)))
    ink = 150 if ruled.style == "grey" else 0
    uprights = {"across": [], "boxed": [places[0], places[-1]]}.get(ruled.style, places)
    shifts = (0, 4 * unit) if ruled.style == "double" else (0,)
    for shift in shifts:
        for y in heights:
            draw.line((places[0], y + shift, places[-1], y + shift), ink, width)
        for x in uprights:
            draw.line((x + shift, heights[0], x + shift, heights[-1]), ink, width)


def _draw_text(
    draw: ImageDraw.ImageDraw,
    text: str,
    cell: tuple[float, float, float, float],
    padding: float,
    font: ImageFont.FreeTypeFont,
) -> None:
    """Numbers stand at the right of their cell."""
    x0, y0, x1, y1 = cell
    middle = (y0 + y1) / 2
    if text[-1].isascii() and text[-1].isdigit():
        draw.text((x1 - padding, middle), text, 0, font, anchor="rm")
    else:
        draw.text((x0 + padding, middle), text, 0, font, anchor="lm")
