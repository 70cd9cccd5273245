"""What pdftotext (poppler-utils) prints, as it was written."""

import re
import unicodedata

_EMBEDDED = re.compile("\u202a([^\u202a-\u202c]*)\u202c")
_BIDI_CONTROL = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain_words(text: str) -> list[str]:
    """Without controls of direction; punctuation that poppler embeds from left to right turned back."""
    text = _EMBEDDED.sub(_turned_back, text)
    return unicodedata.normalize("NFC", _BIDI_CONTROL.sub("", text)).split()


def _turned_back(embedded: re.Match[str]) -> str:
    signs = embedded[1]
    has_direction = any(unicodedata.bidirectional(sign) in ("L", "EN", "AN") for sign in signs)
    return signs if has_direction else signs[::-1]
