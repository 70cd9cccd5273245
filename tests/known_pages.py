"""Drawn pages at 150 dpi on which the place of every word's ink is known, paragraph by paragraph.

Drawn with Pillow in DejaVu and Noto (packages ``fonts-dejavu-core`` and ``fonts-noto-core``).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.pages import VOCABULARY

Box = tuple[int, int, int, int]

KINDS: Final = ("serif", "columns", "noise", "skewed", "turned", "small")

_FONTS: Final = Path("/usr/share/fonts/truetype")
_SIZE: Final = (1240, 900)
_MARGIN: Final = 90
_REPORT: Final = """
The committee met on Tuesday, 14 March 2023, to review the 1,284 applications it had received since
January. Mr. Henderson presented figures for the previous quarter: revenue rose by 12.5% to
$4,730,000 while expenses, which had been estimated at $3,900,000, reached $4,015,250. "We cannot
continue," said Dr. Alvarez, "without a well-known, long-term partner." The board's decision (see
appendix B) was therefore postponed until May; in the meantime Ms. O'Connor will contact the
suppliers in Rotterdam and Krakow. Invoice no. 88-2041/A remains unpaid. Of the 37 members present,
29 voted in favour, 5 against and 3 abstained.
"""


@dataclass(frozen=True, slots=True)
class KnownWord:
    """``line`` counts the page's lines; ``bbox`` is that of the ink."""

    text: str
    bbox: Box
    line: int


@dataclass(frozen=True, slots=True)
class KnownPage:
    image: Image.Image
    paragraphs: tuple[tuple[KnownWord, ...], ...]


def known_page(kind: str) -> KnownPage:
    """``kind`` is one of KINDS."""
    match kind:
        case "columns":
            return _drawn("noto/NotoSans-Regular.ttf", 22, seed=2, columns=2)
        case "noise":
            return _grainy(_drawn("dejavu/DejaVuSerif.ttf", 24, seed=3))
        case "skewed":
            return _skewed(_drawn("noto/NotoSerif-Italic.ttf", 25, seed=4), 1.7)
        case "turned":
            return _turned(_drawn("noto/NotoSerif-Bold.ttf", 25, seed=5))
        case "small":
            return _drawn("dejavu/DejaVuSans.ttf", 16, seed=6, columns=2)
    return _drawn("dejavu/DejaVuSerif.ttf", 25, seed=1)


def _drawn(face: str, font_px: int, seed: int, columns: int = 1) -> KnownPage:
    chance = random.Random(seed)
    font = ImageFont.truetype(str(_FONTS / face), font_px)
    image = Image.new("L", _SIZE, 255)
    pitch, gutter = round(font_px * 1.5), 50
    width = (_SIZE[0] - 2 * _MARGIN - (columns - 1) * gutter) // columns
    paragraphs: list[tuple[KnownWord, ...]] = []
    line = 0
    for column in range(columns):
        y = _MARGIN
        while y < _SIZE[1] - 6 * pitch:
            rows = _wrapped(_text(chance), font, width)[: (_SIZE[1] - _MARGIN - y) // pitch]
            words: list[KnownWord] = []
            for row in rows:
                words += _draw_row(image, row, (_MARGIN + column * (width + gutter), y), font, line)
                line, y = line + 1, y + pitch
            paragraphs.append(tuple(words))
            y += pitch // 2
    return KnownPage(image, tuple(paragraphs))


def _text(chance: random.Random) -> list[str]:
    """Some of the report, with words of no meaning among its own."""
    report = _REPORT.split()
    start = chance.randrange(len(report))
    return [
        report[(start + at) % len(report)] if chance.random() < 0.7 else chance.choice(VOCABULARY)
        for at in range(chance.randint(25, 50))
    ]


def _wrapped(words: Sequence[str], font: ImageFont.FreeTypeFont, width: int) -> list[list[str]]:
    rows: list[list[str]] = [[]]
    for word in words:
        if rows[-1] and font.getlength(" ".join((*rows[-1], word))) > width:
            rows.append([])
        rows[-1].append(word)
    return rows


def _draw_row(
    image: Image.Image, row: Sequence[str], origin: tuple[int, int], font: ImageFont.FreeTypeFont, line: int
) -> list[KnownWord]:
    x, y = float(origin[0]), origin[1]
    words = []
    for word in row:
        alone = Image.new("L", image.size, 0)
        ImageDraw.Draw(alone).text((x, y), word, 255, font)
        image.paste(0, (0, 0), alone)
        words.append(KnownWord(word, _ink(alone), line))
        x += font.getlength(word + " ")
    return words


def _ink(mask: Image.Image) -> Box:
    box = mask.point(lambda level: 255 if level > 100 else 0).getbbox()
    assert box is not None
    return box


def _grainy(page: KnownPage) -> KnownPage:
    soft = np.asarray(page.image.filter(ImageFilter.GaussianBlur(0.6)), float) * 0.8 + 30
    grain = np.random.default_rng(1).normal(0, 18, soft.shape)
    return replace(page, image=Image.fromarray((soft + grain).clip(0, 255).astype(np.uint8)))


def _skewed(page: KnownPage, degrees: float) -> KnownPage:
    def moved(word: KnownWord) -> KnownWord:
        x0, y0, x1, y1 = word.bbox
        alone = Image.new("L", page.image.size, 0)
        alone.paste(page.image.crop((x0, y0, x1, y1)).point(lambda level: 255 - level), (x0, y0))
        return replace(word, bbox=_ink(alone.rotate(-degrees, Image.Resampling.BICUBIC)))

    image = page.image.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=255)
    return KnownPage(image, tuple(tuple(map(moved, paragraph)) for paragraph in page.paragraphs))


def _turned(page: KnownPage) -> KnownPage:
    """On its side: turned by a quarter, clockwise."""
    height = page.image.height

    def moved(word: KnownWord) -> KnownWord:
        x0, y0, x1, y1 = word.bbox
        return replace(word, bbox=(height - y1, x0, height - y0, x1))

    image = page.image.transpose(Image.Transpose.ROTATE_270)
    return KnownPage(image, tuple(tuple(map(moved, paragraph)) for paragraph in page.paragraphs))
