"""What the second reader reads at least as well as Tesseract, by Tesseract's models.

Its bundled models know Latin letters with nearly all diacritics (not the stacked ones of Vietnamese),
Chinese and Japanese; no Cyrillic, Greek with accents, Hangul, Arabic or Indic letters.
"""

from collections.abc import Sequence
from typing import Final

from common.document.page import Line

_LATIN_MODELS: Final = (
    "afr bos bre cat ceb ces cos cym dan deu eng est eus fao fil fin fra fry gla gle glg hat hrv hun ind "
    "isl ita ita_old jav lat ltz mlt mri msa nld nor oci pol por que ron slk slv spa spa_old sqi "
    "srp_latn sun swa swe ton tur"
)
_LATIN: Final = frozenset([*_LATIN_MODELS.split(), "Latin"])
_IDEOGRAPHIC: Final = frozenset({"chi_sim", "chi_tra", "jpn", "HanS", "HanT", "Japanese"})
_IDEOGRAPHS: Final = ("\u2e80", "\u9fff")  # from the radicals to the end of the unified ones


def reads(models: Sequence[str]) -> bool:
    """Whether the second reader knows the letters of all these models."""
    names = _names(models)
    return bool(names) and names <= _LATIN | _IDEOGRAPHIC


def may_say(models: Sequence[str], line: Line) -> bool:
    """Whether the line can be of a page of these models: ideographs on others are misread noise."""
    if _names(models) & _IDEOGRAPHIC:
        return True
    first, last = _IDEOGRAPHS
    return not any(first <= letter <= last for word in line.words for letter in word.text)


def _names(models: Sequence[str]) -> frozenset[str]:
    return frozenset(model.removeprefix("script/") for model in models)
