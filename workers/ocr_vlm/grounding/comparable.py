"""Letters as they are compared: what models and engines write differently of the same print is the same."""

# ruff: noqa: RUF001 - the dashes and quotes of prints

import re
import unicodedata
from functools import lru_cache
from typing import Final

_ALIKE: Final = {
    **dict.fromkeys("‘’‚‛′`´ʼ＇", "'"),
    **dict.fromkeys("“”„‟″«»‹›＂", '"'),
    **dict.fromkeys("‐‑‒–—―−⸗¬－", "-"),
    **dict.fromkeys("•◦▪▫●○■□◆◇·∙‣➢►▶*", "•"),
    **dict.fromkeys("\u00ad\u0640\u200b\u200c\u200d\u200e\u200f\ufeff", ""),
}
# Vowel points of Hebrew and Arabic, which prints have or leave out.
_POINTS: Final = re.compile("[\u0591-\u05bd\u05bf\u05c1-\u05c7\u064b-\u0652\u0670]")
# What engines take for each other; the first stands for all.
_LOOKALIKE: Final = str.maketrans("0|!1i5$8", "ollllssb")


@lru_cache(maxsize=8192)
def folded(character: str) -> str:
    """A character as it is compared; "" where it makes no difference."""
    if character in _ALIKE:
        return _ALIKE[character]
    if _POINTS.match(character):
        return ""
    return "".join(unicodedata.normalize("NFKC", character).casefold().split())


def key(text: str) -> str:
    """Never empty of a text that is not."""
    return "".join(map(folded, text)) or text


def has_letters(compared: str) -> bool:
    return any(map(str.isalnum, compared))


def has_digits(compared: str) -> bool:
    return any(map(str.isdigit, compared))


def without_marks(compared: str) -> str:
    """Of a number, the marks inside it stay: they part thousands from decimals."""
    if has_digits(compared):
        return compared.strip("\"'.,;:!?()[]{}-•_/\\|")
    return "".join(character for character in compared if _is_letter(character))


def _is_letter(character: str) -> bool:
    """Combining vowel signs are part of their letter."""
    return character.isalnum() or unicodedata.category(character).startswith("M")


def shape(compared: str) -> str:
    """A word without marks and accents, letters that look alike made one."""
    plain = unicodedata.normalize("NFD", without_marks(compared))
    bare = "".join(character for character in plain if not unicodedata.combining(character))
    return bare.translate(_LOOKALIKE).replace("rn", "m").replace("vv", "w")


def widths(text: str) -> float:
    """About how wide it is printed, where a usual letter has 1; never 0."""
    return sum(map(_width, text)) or 0.5


@lru_cache(maxsize=4096)
def _width(character: str) -> float:
    if character in "iljtfrI.,;:'!|()[]-•1 ":
        return 0.62
    if character in "mwMW@%—":
        return 1.5
    if unicodedata.combining(character) or unicodedata.category(character) == "Mn":
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 2.0
    return 1.2 if character.isupper() else 1.0
