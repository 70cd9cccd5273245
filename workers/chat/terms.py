"""A text as the terms that it is found by: folded, stemmed, without what every sentence has."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

import Stemmer
from bm25s import stopwords

from common.document.text import is_unspaced, joined

# Letters with their marks (Python's \w knows no vowel signs), and numbers with what parts their digits.
_MARKS: Final = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e"
)
_TOKEN: Final = re.compile(rf"\d+(?:[.,:]\d+)*|(?:[^\W\d_]|[{_MARKS}])+")
_ACCENTS: Final = re.compile("[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670]")
_STEMMERS: Final = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish",
}  # fmt: skip
_STOPWORDS: Final = {
    "da": stopwords.STOPWORDS_DANISH, "de": stopwords.STOPWORDS_GERMAN, "en": stopwords.STOPWORDS_EN_PLUS,
    "es": stopwords.STOPWORDS_SPANISH, "fr": stopwords.STOPWORDS_FRENCH, "it": stopwords.STOPWORDS_ITALIAN,
    "nb": stopwords.STOPWORDS_NORWEGIAN, "nl": stopwords.STOPWORDS_DUTCH, "no": stopwords.STOPWORDS_NORWEGIAN,
    "pt": stopwords.STOPWORDS_PORTUGUESE, "ru": stopwords.STOPWORDS_RUSSIAN,
    "sv": stopwords.STOPWORDS_SWEDISH, "tr": stopwords.STOPWORDS_TURKISH,
}  # fmt: skip


class Terms:
    """Of texts in one language (BCP-47). Keep one for a document: it remembers the words it has seen."""

    def __init__(self, language: str) -> None:
        self.language = language.split("-")[0]
        name = _STEMMERS.get(self.language)
        self._stem = Stemmer.Stemmer(name).stemWord if name else None
        self._seen: dict[str, str] = {}
        self._unsaid = frozenset(self.of_word(word) for word in stopwords_of(self.language))

    def all(self, text: str) -> list[str]:
        """Every term, in order; for scripts without blanks, pairs of letters."""
        seen = self._seen
        return [seen.get(token) or self.of_word(token) for token in tokens(text)]

    def telling(self, terms: Iterable[str]) -> list[str]:
        """Without words like "the" and "of", letters that elisions leave, and accents that stand alone."""
        return [term for term in terms if not self.is_unsaid(term)]

    def is_unsaid(self, term: str) -> bool:
        return not term or term in self._unsaid or (len(term) == 1 and term.isascii() and term.isalpha())

    def of_word(self, token: str) -> str:
        """``token`` is case-folded."""
        term = self._seen.get(token)
        if term is None:
            stemmed = self._stem(token) if self._stem and len(token) > 2 else token
            term = self._seen[token] = without_accents(stemmed)
        return term


def stopwords_of(language: str) -> frozenset[str]:
    """Folded; empty for a language whose list we lack."""
    return frozenset(part for word in _STOPWORDS.get(language, ()) for part in tokens(word))


def tokens(text: str) -> Iterator[str]:
    """Words and numbers, case-folded."""
    folded = unicodedata.normalize("NFKC", text).casefold() if not text.isascii() else text.lower()
    if folded.isascii():
        yield from _TOKEN.findall(folded)
        return
    for token in _TOKEN.findall(joined(folded.split())):
        if is_unspaced(token[0]):
            yield from _pairs(token)
        else:
            yield token


def without_accents(text: str) -> str:
    """Of Latin, Greek, Cyrillic and Arabic letters; elsewhere marks are letters themselves."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))


def _pairs(token: str) -> Iterator[str]:
    if len(token) == 1:
        yield token
    for at in range(len(token) - 1):
        yield token[at : at + 2]
