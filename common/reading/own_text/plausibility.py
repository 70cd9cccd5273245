"""Whether a text looks like any language at all, by its letters alone: no dictionary, no model.

Wrong encodings, shifted or shuffled alphabets and bad recognition show; which language it is does not.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

# The 160 most frequent pairs of letters of 33 languages in Latin script, averaged, marks left out. They
# make up 61 % (Welsh) to 89 % of the pairs of texts of these languages, and of shuffled alphabets 23 %,
# in 99 of 100 less than 43 %.
_FREQUENT: Final = """
aa ab ac ad ag ai ak al am an ap ar as at au av az ba be bi bo ca ce ch ci co da de di do du ea ec ed ee
eg ei ek el em en er es et fi fo ga ge gi go gr gu ha he hi ho ia ic id ie ig ik il im in io ir is it iv
iz ja je ka ke ki ko ks kt ku la le li ll lo lt lu ma me mi mo mp na nd ne ng ni nn no ns nt nu oc od og
oi ok ol om on op or os ot ou ov pa pe pi po pr ra rd re ri rm ro rs rt ru sa se si sk so sp ss st su ta
te th ti to tr tt tu ul um un ur us ut va ve vi vo za ze zi
"""
_PAIRS: Final = frozenset(_FREQUENT.split())
_PLAUSIBLE_PAIRS: Final = 0.45
_ENOUGH_PAIRS: Final = 60
_ENOUGH_LETTERS: Final = 40

# Of the letters of real texts 42 to 45 in 100 are vowels in Cyrillic, about 50 in Greek.
_CYRILLIC_VOWELS: Final = frozenset("аеёиоуыэюяіїєў")
_GREEK_VOWELS: Final = frozenset("αεηιουω")
_VOWEL_SHARES: Final = (0.30, 0.66)
_MOST_MARKED: Final = 0.5  # letters with marks; Vietnamese has 0.3, Cyrillic shown as Latin nearly all

# What is in everyday use fills these sets: random ideographs and syllables are mostly outside.
_EVERYDAY: Final = {"Han": ("gb2312", "big5", "shift_jis"), "Hangul": ("euc_kr",)}
_EVERYDAY_SHARE: Final = 0.75

_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_GREEK: Final = re.compile("[\u0370-\u03ff\u1f00-\u1fff]")
_HAN: Final = re.compile("[\u3400-\u9fff]")
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_MARK: Final = re.compile("[\u0300-\u036f]")
_PLAIN_WORD: Final = re.compile("[a-z]+")

_NEVER: Final = frozenset({"Cc", "Cn", "Co", "Cs"})  # control, unassigned, private, half a character
_EDGES: Final = " .,;:!?\u2026()[]{}\"'\u2018-\u201f\u00ab\u00bb*-\u2013\u2014/\u2022"
_ODD: Final = re.compile(
    r"(?P<figure>[^\W\d_]\d[^\W\d_])"
    r"|(?P<capital>^[a-z]+[A-Z]|[a-z][A-Z]$)"
    r"|(?P<thrice>([^\W\d_])\4\4)"
    r"|(?P<sign>[~^\u00ac\u00a5\u00a2|\\{}<>_\u00ab\u00bb])"
    r"|(?P<point>[^\W\d_]{2}[.,:;!?()][^\W\d_]{2})"
    r"|(?P<vowelless>^(?i:[bcdfghjklmnpqrstvwxz]{4,})$)"
)


def is_broken(word: str) -> bool:
    """Whether it holds what no text holds: replacement, private or unassigned characters, controls."""
    if word.isascii() and word.isprintable():
        return False
    return "\ufffd" in word or any(unicodedata.category(letter) in _NEVER for letter in word)


def looks_like_language(text: str) -> bool | None:
    """None where there is too little to tell, or a script of which nothing is known here."""
    verdicts = {
        _latin(text),
        _vowelled(_CYRILLIC.findall(text.lower()), _CYRILLIC_VOWELS),
        _vowelled(_GREEK.findall(_without_marks(text)), _GREEK_VOWELS),
        _everyday("".join(_HAN.findall(text)), _EVERYDAY["Han"]),
        _everyday("".join(_HANGUL.findall(text)), _EVERYDAY["Hangul"]),
    }
    if False in verdicts:
        return False
    return True if True in verdicts else None


def odd_share(words: Iterable[str]) -> float:
    """The part of the words that look misread: figures or signs among letters, capitals amid small ones."""
    odd = [_is_odd(word) for word in words]
    return sum(odd) / len(odd) if odd else 0.0


def _is_odd(word: str) -> bool:
    core = word.strip(_EDGES)
    return bool(_ODD.search(core)) if core else len(word) > 3


def _latin(text: str) -> bool | None:
    letters = _LATIN.findall(text)
    if len(letters) < _ENOUGH_LETTERS:
        return None
    if sum(not letter.isascii() for letter in letters) > _MOST_MARKED * len(letters):
        return False
    words = _PLAIN_WORD.findall(_without_marks(text))
    pairs = [word[index : index + 2] for word in words for index in range(len(word) - 1)]
    if len(pairs) < _ENOUGH_PAIRS:
        return None
    return sum(pair in _PAIRS for pair in pairs) >= _PLAUSIBLE_PAIRS * len(pairs)


def _vowelled(letters: Sequence[str], vowels: frozenset[str]) -> bool | None:
    if len(letters) < _ENOUGH_LETTERS:
        return None
    lowest, highest = _VOWEL_SHARES
    return lowest <= sum(letter in vowels for letter in letters) / len(letters) <= highest


def _everyday(letters: str, character_sets: Sequence[str]) -> bool | None:
    if len(letters) < _ENOUGH_LETTERS:
        return None
    known = max(sum(len(letter.encode(name, "ignore")) == 2 for letter in letters) for name in character_sets)
    return known >= _EVERYDAY_SHARE * len(letters)


def _without_marks(text: str) -> str:
    return _MARK.sub("", unicodedata.normalize("NFD", text.lower()))
