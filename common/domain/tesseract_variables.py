"""How Tesseract is set for scripts that its defaults, made for Latin, do not suit."""

from collections.abc import Iterable, Mapping
from typing import Final

from common.domain.languages import MODELS, language_of

# Scripts whose dots and vowel signs stand off the letters, so that whole lines pass for noise: on clean
# print Punjabi 0.44 → 0.00, Uyghur 0.16 → 0.03, Pashto 0.21 → 0.10, Dzongkha 0.38 → 0.06.
_DOTTED: Final = frozenset({"Arab", "Guru", "Tibt", "Thaa", "Syrc", "Hebr", "Mymr", "Khmr"})

# Scripts whose letters are stacked or made of parts, which Tesseract's search for columns takes apart.
_STACKED: Final = frozenset({"Kore", "Khmr", "Mymr"})


def variables_for(models: Iterable[str]) -> Mapping[str, str]:
    """Tesseract's variables for reading with the models."""
    return {"textord_noise_rejrows": "0"} if _scripts(models) & _DOTTED else {}


def is_taken_apart(models: Iterable[str]) -> bool:
    """Whether a page without columns is better read as one (PSM 4): Korean 0.67 → 0.00, Khmer 0.71 → 0.02."""
    return bool(_scripts(models) & _STACKED)


def is_torn(models: Iterable[str]) -> bool:
    """Whether the words of Tesseract's TSV are parts of words, in a script that has blanks."""
    return "Kore" in _scripts(models)


def _scripts(models: Iterable[str]) -> set[str]:
    """Of the models that are known: an operator may have added others."""
    return {language_of(model).script for model in models if model in MODELS}
