"""Which models read a script, where nobody said in which language a page is."""

from typing import Final

DEFAULT_MODELS: Final = ("eng",)

# A second model helps where scripts mix (Cyrillic, Hangul, Kana); it hurts Arabic and Devanagari.
_MODELS: Final = {
    "Latin": ("eng",),
    "Fraktur": ("frk",),
    "Cyrillic": ("rus", "eng"),
    "Greek": ("ell", "eng"),
    "Han": ("chi_sim", "eng"),
    "HanS": ("chi_sim", "eng"),
    "HanT": ("chi_tra", "eng"),
    "Japanese": ("jpn", "eng"),
    "Katakana": ("jpn", "eng"),
    "Hiragana": ("jpn", "eng"),
    "Hangul": ("kor", "eng"),
    "Korean": ("kor", "eng"),
    "Arabic": ("ara",),
    "Hebrew": ("heb",),
    "Devanagari": ("hin",),
    "Bengali": ("ben",),
    "Gurmukhi": ("pan",),
    "Gujarati": ("guj",),
    "Oriya": ("ori",),
    "Tamil": ("tam",),
    "Telugu": ("tel",),
    "Kannada": ("kan",),
    "Malayalam": ("mal",),
    "Sinhala": ("sin",),
    "Thai": ("tha",),
    "Lao": ("lao",),
    "Khmer": ("khm",),
    "Myanmar": ("mya",),
    "Tibetan": ("bod",),
    "Georgian": ("kat",),
    "Armenian": ("hye",),
    "Ethiopic": ("amh",),
    "Cherokee": ("chr",),
    "Syriac": ("syr",),
    "Thaana": ("div",),
}


def models_for(script: str) -> tuple[str, ...]:
    """The models for a script as Tesseract's detection names it; English for one that is not known."""
    return _MODELS.get(script, DEFAULT_MODELS)
