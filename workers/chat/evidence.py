"""What of a text can be found again in another one, be that in another language: figures, names, words."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from workers.chat.extractive.index import Reader
from workers.chat.terms import tokens, without_accents

_WHOLE_FIGURE: Final = 4.0
_PART_OF_FIGURE: Final = 1.5
NAME: Final = 2.0
_WORD: Final = 1.0
_FIGURE: Final = re.compile(
    r"\d{1,3}(?:[ .,'\u2019\u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,:/-]\d+)*"
)
_NO_CENTS: Final = re.compile(r"[.,]0{1,2}$")
_NAME: Final = re.compile(r"[^\W\d_][\w'\u2019-]*")
_SENTENCE_ENDS: Final = frozenset(".!?:\u2026\u3002")


def evidence_of(text: str, reader: Reader) -> Mapping[str, float]:
    """What each thing of a text weighs when it is found again, by the thing.

    ``reader`` is of a language that the text may be in.
    """
    weights = {term: _WORD for term in reader.read(text)}
    weights |= {f"name {name}": NAME for name in _names(text)}
    weights |= dict(_figures(text))
    return weights


def things_in(text: str, reader: Reader) -> frozenset[str]:
    """All that evidence of another text may be found as in this one."""
    names = {f"name {without_accents(token)}" for token in tokens(text)}
    return frozenset((*reader.read(text), *names, *(figure for figure, _ in _figures(text))))


def _names(text: str) -> Iterator[str]:
    """Words that are written large, though no sentence begins with them."""
    for found in _NAME.finditer(text):
        before = text[: found.start()].rstrip(" \"'\u201c\u201e\u00ab(*_")
        begins = not before or before[-1] in _SENTENCE_ENDS or before[-1] == "\n"
        word = found[0]
        if word[0].isupper() and (not begins or (len(word) > 1 and word.isupper())):
            yield from (without_accents(token) for token in tokens(word))


def _figures(text: str) -> Iterator[tuple[str, float]]:
    """As digits alone, since 1,234.50 is 1.234,50 elsewhere; dates and the like by their parts, too."""
    for found in _FIGURE.findall(_with_plain_digits(text)):
        whole = re.sub(r"\D", "", _NO_CENTS.sub("", found))
        parts = re.findall(r"\d+", found)
        for part in parts if len(parts) > 1 else []:
            yield f"figure {part.lstrip('0')}", _PART_OF_FIGURE
        yield f"figure {whole.lstrip('0')}", _WHOLE_FIGURE if len(whole) > 1 else _PART_OF_FIGURE


def _with_plain_digits(text: str) -> str:
    """Digits of all scripts as those of ASCII."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(mark)) if mark.isdecimal() else mark for mark in text)
