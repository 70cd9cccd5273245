"""Which scripts a text is written in, by its letters."""

import re
from collections import Counter
from typing import Final

# By ISO 15924; Hira stands for both kinds of Kana. Blocks of the Unicode standard, letters and vowel signs.
_BLOCKS: Final = {
    "Latn": "A-Za-zÀ-ÖØ-öø-ɏɐ-ʯḀ-ỿꜢ-ꟿﬀ-ﬆ",
    "Grek": "Ͱ-Ͽἀ-῿",
    "Cyrl": "\u0400-\u052f\u1c80-\u1c8f\ua640-\ua69f",
    "Armn": "\u0531-\u0588",
    "Hebr": "\u0591-\u05f4\ufb1d-\ufb4f",
    "Arab": "\u0610-\u061a\u0620-\u065f\u066e-\u06d5\u06e5-\u06ef\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdff"
    "\ufe70-\ufefc",
    "Syrc": "\u0710-\u074f",
    "Thaa": "\u0780-\u07b1",
    "Deva": "\u0900-\u0963\u0971-\u097f",
    "Beng": "\u0980-\u09e3\u09f0-\u09fe",
    "Guru": "\u0a01-\u0a5e\u0a70-\u0a75",
    "Gujr": "\u0a81-\u0ae3\u0af9-\u0aff",
    "Orya": "\u0b01-\u0b63\u0b71",
    "Taml": "\u0b82-\u0bd7",
    "Telu": "\u0c00-\u0c63",
    "Knda": "\u0c80-\u0ce3\u0cf1-\u0cf2",
    "Mlym": "\u0d00-\u0d63\u0d7a-\u0d7f",
    "Sinh": "\u0d81-\u0df3",
    "Thai": "\u0e01-\u0e3a\u0e40-\u0e4e",
    "Laoo": "\u0e81-\u0ecd\u0edc-\u0edf",
    "Tibt": "\u0f00\u0f40-\u0fbc",
    "Mymr": "\u1000-\u103f\u1050-\u109d",
    "Geor": "\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2d",
    "Ethi": "\u1200-\u135f\u1380-\u138f\u2d80-\u2dde",
    "Cher": "\u13a0-\u13fd\uab70-\uabbf",
    "Cans": "\u1401-\u167f\u18b0-\u18f5",
    "Khmr": "\u1780-\u17d3",
    "Hang": "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3",
    "Hira": "\u3041-\u309f\u30a1-\u30ff\uff66-\uff9f",
    "Hani": "\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
}
_RUN: Final = re.compile("|".join(f"(?P<{script}>[{block}]+)" for script, block in _BLOCKS.items()))
_SCRIPT: Final = {script: re.compile(f"[{block}]") for script, block in _BLOCKS.items()}


def letters_by_script(text: str) -> Counter[str]:
    """How many letters the text has of each script; digits and punctuation belong to none."""
    counts: Counter[str] = Counter()
    for run in _RUN.finditer(text):
        counts[run.lastgroup or ""] += run.end() - run.start()
    return counts


def words_in(script: str, text: str) -> str:
    """The text's words that have a letter of the script, joined by blanks."""
    has_letter = _SCRIPT[script].search
    return " ".join(word for word in text.split() if has_letter(word))
