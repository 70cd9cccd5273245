"""Concepts of the table, found in texts by their phrases."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from workers.chat.extractive.concept_table import concepts
from workers.chat.terms import Terms

_MARK: Final = "§"  # in no term of a text
_LANGUAGES_KEPT: Final = 8
_FOREIGN_LETTERS: Final = 6  # shorter ones are too often other words


class Found(NamedTuple):
    """The concept ``name`` in the terms from ``start`` up to ``end``."""

    start: int
    end: int
    name: str


class Concepts:
    """As they show in texts of one language (ISO 639-1), given as the terms that ``Terms`` makes of them."""

    def __init__(self, language: str) -> None:
        self._by_first = _phrases_by_first(language)

    def find(self, text: Sequence[str]) -> Iterator[Found]:
        """The longest at each place, one after the other."""
        at = 0
        while at < len(text):
            found = self._at(text, at) if text[at] in self._by_first else None
            if found is not None:
                yield found
            at = found.end if found is not None else at + 1

    def _at(self, text: Sequence[str], at: int) -> Found | None:
        for phrase, name in self._by_first[text[at]]:
            end = at + len(phrase)
            if tuple(text[at:end]) == phrase:
                return Found(at, end, name)
        return None


def term_of(name: str) -> str:
    """The concept as one term among the others of a text."""
    return _MARK + name


@lru_cache(maxsize=_LANGUAGES_KEPT)
def _phrases_by_first(language: str) -> Mapping[str, Sequence[tuple[tuple[str, ...], str]]]:
    """Phrases of all languages, stemmed as texts of this one are, with their concepts: by the first term,
    the longest first. Where two concepts share a phrase, the language's own comes first."""
    terms = Terms(language)
    named: dict[tuple[str, ...], str] = {}
    for own in (True, False):
        for name, phrase in _phrases(language, own=own):
            named.setdefault(tuple(terms.all(phrase)), name)
    found: defaultdict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for stemmed in sorted(named, key=len, reverse=True):
        found[stemmed[0]].append((stemmed, named[stemmed]))
    return dict(found)


def _phrases(language: str, *, own: bool) -> Iterator[tuple[str, str]]:
    for name, concept in concepts().items():
        for spoken, phrases in concept.phrases.items():
            if (spoken == language) == own:
                found = (phrase for phrase in phrases if own or len(phrase) >= _FOREIGN_LETTERS)
                yield from ((name, phrase) for phrase in found)
