"""A drawn page in each language, with the text that is on it.

The letters come from Debian's ``fonts-noto-core``, those of East Asia from ``fonts-wqy-microhei``, and
the Hebrew ones from DejaVu, whose full stops Tesseract knows.
"""

from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from common.domain.languages import Direction, Language

_FONTS: Final = Path("/usr/share/fonts/truetype")
_SAMPLES: Final = Path(__file__).with_name("language_samples.txt")
_EAST_ASIA: Final = "wqy/wqy-microhei.ttc"

_FACES: Final = {
    "Arab": "noto/NotoSansArabic-Regular.ttf",
    "Armn": "noto/NotoSerifArmenian-Regular.ttf",
    "Beng": "noto/NotoSansBengali-Regular.ttf",
    "Cans": "noto/NotoSansCanadianAboriginal-Regular.ttf",
    "Cher": "noto/NotoSansCherokee-Regular.ttf",
    "Cyrl": "noto/NotoSerif-Regular.ttf",
    "Deva": "noto/NotoSansDevanagari-Regular.ttf",
    "Ethi": "noto/NotoSansEthiopic-Regular.ttf",
    "Geor": "noto/NotoSansGeorgian-Regular.ttf",
    "Grek": "noto/NotoSerif-Regular.ttf",
    "Gujr": "noto/NotoSansGujarati-Regular.ttf",
    "Guru": "noto/NotoSansGurmukhi-Regular.ttf",
    "Hans": _EAST_ASIA,
    "Hant": _EAST_ASIA,
    "Hebr": "dejavu/DejaVuSans.ttf",
    "Jpan": _EAST_ASIA,
    "Khmr": "noto/NotoSansKhmer-Regular.ttf",
    "Knda": "noto/NotoSansKannada-Regular.ttf",
    "Kore": _EAST_ASIA,
    "Laoo": "noto/NotoSansLao-Regular.ttf",
    "Latf": "noto/NotoSerif-Regular.ttf",
    "Latn": "noto/NotoSerif-Regular.ttf",
    "Mlym": "noto/NotoSansMalayalam-Regular.ttf",
    "Mymr": "noto/NotoSansMyanmar-Regular.ttf",
    "Orya": "noto/NotoSansOriya-Regular.ttf",
    "Sinh": "noto/NotoSansSinhala-Regular.ttf",
    "Syrc": "noto/NotoSansSyriac-Regular.ttf",
    "Taml": "noto/NotoSansTamil-Regular.ttf",
    "Telu": "noto/NotoSansTelugu-Regular.ttf",
    "Thaa": "noto/NotoSansThaana-Regular.ttf",
    "Thai": "noto/NotoSansThai-Regular.ttf",
    "Tibt": "noto/NotoSerifTibetan-Regular.ttf",
}


@cache
def samples() -> dict[str, tuple[str, ...]]:
    """Two to four lines by BCP-47 code."""
    text = "\n".join(line for line in _SAMPLES.read_text().splitlines() if not line.startswith("#"))
    found = {}
    for entry in text.strip().split("\n\n"):
        code, *lines = entry.split("\n")
        found[code.strip("[]")] = tuple(lines)
    return found


def sample_of(language: Language) -> tuple[str, ...]:
    """Lines in the language, or in one of the script's languages."""
    code = language.code.removesuffix("-x-vertical")
    return samples().get(code) or samples()[_OF_SCRIPTS.get(code, code)]


def face_of(script: str) -> Path:
    """The font that the letters of a script are drawn in."""
    return _FONTS / _FACES[script]


def draw_page(
    lines: tuple[str, ...], script: str, direction: Direction, font_px: int = 40, margin: int = 60
) -> Image.Image:
    """The lines in black on white (mode L): one below the other, or columns from right to left."""
    font = ImageFont.truetype(face_of(script), font_px)
    pitch = round(font_px * 1.8)
    if direction == "ttb":
        return _columns(lines, font, pitch, margin)
    length = max(font.getlength(line, direction=direction) for line in lines)
    image = Image.new("L", (round(length) + 2 * margin, pitch * len(lines) + 2 * margin), 255)
    draw = ImageDraw.Draw(image)
    start = (image.width - margin, "ra") if direction == "rtl" else (margin, "la")
    for row, line in enumerate(lines):
        draw.text((start[0], margin + row * pitch), line, 0, font, start[1], direction=direction)
    return image


def _columns(lines: tuple[str, ...], font: ImageFont.FreeTypeFont, pitch: int, margin: int) -> Image.Image:
    height = round(font.size * 1.1) * max(map(len, lines))
    image = Image.new("L", (pitch * len(lines) + 2 * margin, height + 2 * margin), 255)
    draw = ImageDraw.Draw(image)
    for column, line in enumerate(lines):
        x = image.width - margin - (column + 1) * pitch
        for row, letter in enumerate(line):
            draw.text((x, margin + row * round(font.size * 1.1)), letter, 0, font)
    return image


# A language for each script's model.
_OF_SCRIPTS: Final = {
    "und-Arab": "ar",
    "und-Armn": "hy",
    "und-Beng": "bn",
    "und-Cans": "iu",
    "und-Cher": "chr",
    "und-Cyrl": "ru",
    "und-Deva": "hi",
    "und-Ethi": "am",
    "und-Latf": "de",
    "und-Geor": "ka",
    "und-Grek": "el",
    "und-Gujr": "gu",
    "und-Guru": "pa",
    "und-Hans": "zh-Hans",
    "und-Hant": "zh-Hant",
    "und-Kore": "ko",
    "und-Hebr": "he",
    "und-Jpan": "ja",
    "und-Knda": "kn",
    "und-Khmr": "km",
    "und-Laoo": "lo",
    "und-Latn": "de",
    "und-Mlym": "ml",
    "und-Mymr": "my",
    "und-Orya": "or",
    "und-Sinh": "si",
    "und-Syrc": "syr",
    "und-Taml": "ta",
    "und-Telu": "te",
    "und-Thaa": "dv",
    "und-Thai": "th",
    "und-Tibt": "bo",
    "und-Latn-VN": "vi",
}
