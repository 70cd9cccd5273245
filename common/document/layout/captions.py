"""Captions of figures and tables, told by how they begin."""

# ruff: noqa: RUF001 - the letters of other scripts look like ours

import re
from typing import Final

_LONGEST: Final = 400
_SHORT: Final = 80
_CAPTION: Final = re.compile(
    r"(?i:fig(?:ure|ura|\.)?|table|tab\.|tabelle|tabla|tabela|tableau|tabella|abb(?:ildung|\.)|bild|"
    r"illustration|illus\.|plate|chart|scheme|photo|exhibit|gráfico|cuadro|figur|afbeelding|tabel|rys\.|tabulka|"
    r"obr\.|рис(?:унок|\.)|табл(?:ица|\.)|мал\.|εικόνα|σχήμα|πίνακας|図表|図|表|图|圖|그림|표|شكل|الشكل|جدول|"
    r"الجدول|איור|טבלה|चित्र|तालिका|ตาราง(?:ที่)?|รูป(?:ที่)?)"
    r"(?:\s*\d+(?:[.\-–]\d+)*[a-z]?|\s*[一二三四五六七八九十]+|\s+[IVX]+|\s+[A-Z](?:[.\-–]\d+)*)"
    r"(?P<end>\s*[.:：)|—–-]|\s|$)"
)


def begins_caption(text: str) -> bool:
    return _CAPTION.match(text) is not None


def is_caption(text: str, small: bool) -> bool:
    """Such as "Figure 3. What it shows", but not "Figure 3 shows that …" unless in ``small`` type."""
    match = _CAPTION.match(text)
    if match is None or len(text) > _LONGEST:
        return False
    if match["end"].strip() or small:
        return True
    return len(text) <= _SHORT and not text.endswith(".") and not text[match.end() :][:1].islower()
