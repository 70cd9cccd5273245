"""Which models read a script, and a language."""

from collections.abc import Iterator
from typing import Final

from common.document.script import Script
from common.domain.languages import language_of, models

DEFAULT_MODELS: Final = ("eng",)
ANY_LATIN: Final = ("Latin",)
FRAKTUR: Final = ("frk",)

# By the names of Tesseract's detection; more than one where only reading tells which.
_READERS: Final = {
    "Latin": ("eng",),
    "Fraktur": FRAKTUR,
    "Cyrillic": ("Cyrillic",),
    "Greek": ("ell",),
    "Han": ("chi_sim", "chi_tra"),
    "HanS": ("chi_sim", "chi_tra"),
    "HanT": ("chi_tra", "chi_sim"),
    "Japanese": ("jpn",),
    "Katakana": ("jpn",),
    "Hiragana": ("jpn",),
    "Hangul": ("kor",),
    "Korean": ("kor",),
    "Arabic": ("Arabic",),
    "Hebrew": ("heb",),
    "Devanagari": ("Devanagari",),
    "Bengali": ("ben",),
    "Tamil": ("tam",),
    "Telugu": ("tel",),
    "Kannada": ("kan",),
    "Malayalam": ("mal",),
    "Thai": ("tha",),
    "Gurmukhi": ("pan",),
    "Gujarati": ("guj",),
    "Georgian": ("kat",),
    "Armenian": ("hye",),
    "Ethiopic": ("amh",),
    "Sinhala": ("sin",),
    "Khmer": ("khm",),
    "Lao": ("lao",),
    "Myanmar": ("mya",),
    "Oriya": ("ori",),
    "Tibetan": ("bod",),
    "Syriac": ("syr",),
    "Thaana": ("div",),
    "Cherokee": ("chr",),
    "Canadian_Aboriginal": ("Canadian_Aboriginal",),
}

# These read every language of their script at least as well as the language's own model does.
_READ_ALL_OF_THEIR_SCRIPT: Final = frozenset({"Devanagari", "chi_sim", "chi_tra", "frk", "Latin"})


def readers_of(script: Script | None) -> tuple[str, ...]:
    """The models for a script that was detected; English where none was, or one that nothing reads."""
    return _READERS.get(script.name, DEFAULT_MODELS) if script else DEFAULT_MODELS


def readers_of_others(script: Script | None) -> Iterator[str]:
    """The models of all other scripts, for the detection knows only some."""
    own = readers_of(script)
    every = dict.fromkeys(model for models in _READERS.values() for model in models)
    return (model for model in every if model not in own and model not in DEFAULT_MODELS)


def model_for(language: str | None, reader: str) -> str:
    """The model for a language that was read with ``reader``, which is it where there is none better."""
    if language is None or reader in _READ_ALL_OF_THEIR_SCRIPT:
        return reader
    (model,) = models(language)
    return model if language_of(model).script == language_of(reader).script else reader
