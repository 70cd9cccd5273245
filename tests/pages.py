"""Drawn pages: the same text gives the same pixels, and every word's place is known.

Drawn with Pillow in DejaVu (package ``fonts-dejavu-core``); nothing here knows the service.
"""

import random
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

Box = tuple[int, int, int, int]
Face = Literal["DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSansMono"]

_DEBIAN_FONTS = Path("/usr/share/fonts/truetype/dejavu")

# Plain words without look-alikes (no lone l, I, 0, 1), so that a good reading is an exact one.
_WORDS = (
    "amber anchor autumn basket bridge butter candle carpet castle cherry copper corner cotton desert "
    "dinner dragon eagle engine evening family farmer father feather forest garden gentle ginger guitar "
    "hammer harbour honey hunter island jacket journey kettle kitchen ladder lantern leather lemon letter "
    "machine market meadow mirror monday morning mother mountain narrow number ocean orange painter paper "
    "pepper planet pocket prince quarter rabbit river saddle sailor season shadow silver simple sister "
    "spring square station summer thunder timber tomato travel tunnel valley velvet village violet wagon "
    "water weather window winter wonder yellow"
)
VOCABULARY = tuple(_WORDS.split())

_BELOW_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_UNITS = tuple(_BELOW_TWENTY.split())
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word and the box of its ink, in pixels of the page."""

    text: str
    bbox: Box


@dataclass(frozen=True, slots=True)
class Sheet:
    """A drawn page with the truth about it."""

    image: Image.Image
    words: tuple[PlacedWord, ...]
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(line for line in self.lines if line)


def draw_sheet(
    lines: Sequence[str],
    *,
    size: tuple[int, int] | None = None,
    font_px: int = 40,
    margin: int = 60,
    face: Face = "DejaVuSans",
    line_height: float = 1.5,
) -> Sheet:
    """Black text on white (mode L), one string a line, an empty one a gap.

    Without ``size`` the page fits the text.
    """
    font = _font(face, font_px)
    pitch = round(font_px * line_height)
    image = Image.new("L", size or _fitting_size(lines, font, pitch, margin), 255)
    draw = ImageDraw.Draw(image)
    words = [
        word
        for row, line in enumerate(lines)
        for word in _draw_line(draw, line, (margin, margin + row * pitch), font)
    ]
    return Sheet(image, tuple(words), tuple(lines))


def text_page(
    lines: Sequence[str],
    *,
    size: tuple[int, int] | None = None,
    font_px: int = 40,
    margin: int = 60,
    face: Face = "DejaVuSans",
) -> Image.Image:
    """The image alone of :func:`draw_sheet`."""
    return draw_sheet(lines, size=size, font_px=font_px, margin=margin, face=face).image


def blank_page(size: tuple[int, int] = (800, 600)) -> Image.Image:
    return Image.new("L", size, 255)


def numbered_pages(count: int, first: int = 1) -> list[Sheet]:
    """Tiny pages, cheap to read, that each say which one they are: ``page seventeen``."""
    return [
        draw_sheet([f"page {number_in_words(number)}"], font_px=36, margin=40)
        for number in range(first, first + count)
    ]


def paragraphs(seed: int, count: int = 3, words_each: int = 40, columns: int = 60) -> list[str]:
    """Lines of at most ``columns`` characters of made-up English, an empty line between paragraphs."""
    chance = random.Random(seed)
    lines: list[str] = []
    for _ in range(count):
        words = chance.choices(VOCABULARY, k=words_each)
        words[0] = words[0].capitalize()
        words[-1] += "."
        lines += [*_wrapped(words, columns), ""]
    return lines[:-1]


def scan(seed: int, size: tuple[int, int] = (2480, 3508)) -> Sheet:
    """A full A4 page at 300 dpi, with the slight grain of a scanner."""
    lines = paragraphs(seed, count=5, words_each=60, columns=66)
    sheet = draw_sheet(lines, size=size, font_px=50, margin=200)
    coarse = (size[0] // 4, size[1] // 4)
    noise = random.Random(seed).randbytes(coarse[0] * coarse[1])
    grain = Image.frombytes("L", coarse, noise).resize(size)
    return Sheet(Image.blend(sheet.image, grain, 0.06), sheet.words, sheet.lines)


def number_in_words(number: int) -> str:
    """0 … 999 in English, without hyphens: ``one hundred seventeen``."""
    if number < 20:
        return _UNITS[number]
    if number < 100:
        return _TENS[number // 10] + (f" {_UNITS[number % 10]}" if number % 10 else "")
    rest = f" {number_in_words(number % 100)}" if number % 100 else ""
    return f"{_UNITS[number // 100]} hundred{rest}"


def font_path(face: Face = "DejaVuSans") -> Path:
    """Where the font is: Debian's place, else where fontconfig says."""
    debian = _DEBIAN_FONTS / f"{face}.ttf"
    if debian.exists() or not shutil.which("fc-match"):
        return debian
    family, _, style = face.removeprefix("DejaVu").partition("-")
    pattern = f"DejaVu {family.replace('SansMono', 'Sans Mono')}:style={style or 'Book'}"
    found = subprocess.run(
        ["fc-match", "--format=%{file}", pattern], capture_output=True, text=True, check=True, timeout=30
    )
    return Path(found.stdout)


@cache
def _font(face: Face, font_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_path(face)), font_px)


def _fitting_size(
    lines: Sequence[str], font: ImageFont.FreeTypeFont, pitch: int, margin: int
) -> tuple[int, int]:
    widest = max((font.getlength(line) for line in lines), default=0.0)
    return round(widest) + 2 * margin, max(1, len(lines)) * pitch + 2 * margin


def _draw_line(
    draw: ImageDraw.ImageDraw, line: str, origin: tuple[int, int], font: ImageFont.FreeTypeFont
) -> Iterable[PlacedWord]:
    x, y = float(origin[0]), origin[1]
    for word in line.split():
        left, top, right, bottom = draw.textbbox((x, y), word, font=font)
        draw.text((x, y), word, fill=0, font=font)
        yield PlacedWord(word, (round(left), round(top), round(right), round(bottom)))
        x += font.getlength(word + " ")


def _wrapped(words: Sequence[str], columns: int) -> list[str]:
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) > columns:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
