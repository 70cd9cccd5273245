"""What kind of value a question asks for, by its interrogatives (``interrogatives.toml``)."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from workers.chat.extractive.values import Value
from workers.chat.terms import without_accents

_UNSPACED: Final = "unspaced"  # of languages whose interrogatives stand among other letters
_ASKING: Final = "asking"
_FILLERS: Final = "fillers"


def languages_by_question(question: str) -> list[str]:
    """The languages whose interrogatives the question has."""
    folded = without_accents(question.casefold())
    return [language for language in _languages() if _asked(language, folded)]


def expected(question: str, language: str) -> Value | None:
    """None where any kind of answer will do, or the language's questions are unknown here."""
    folded = without_accents(question.casefold())
    return _asked(language, folded) or _asked(_UNSPACED, question)


@cache
def asking_words() -> frozenset[str]:
    """Words of questions that answers seldom have."""
    return frozenset(_table()[_ASKING])


def without_fillers(question: str) -> str:
    """Without the interrogatives of languages whose words are not parted: they are in no word list."""
    words = (*_table()[_FILLERS], *(part for parts in _table()[_UNSPACED].values() for part in parts))
    return re.sub("|".join(sorted(words, key=len, reverse=True)), " ", question)


def _asked(language: str, folded: str) -> Value | None:
    return next((value for value, pattern in _patterns(language).items() if pattern.search(folded)), None)


@cache
def _patterns(language: str) -> Mapping[Value, re.Pattern[str]]:
    border = ("", "") if language == _UNSPACED else (r"\b", r"(?!\w)")
    rows = _table().get(language, {}) if language in _languages() or language == _UNSPACED else {}
    return {
        Value(value): re.compile(f"{border[0]}(?:{'|'.join(words)}){border[1]}")
        for value, words in rows.items()
    }


def _languages() -> list[str]:
    return [name for name in _table() if name not in (_UNSPACED, _ASKING, _FILLERS)]


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("interrogatives.toml").read_text(encoding="utf-8"))
