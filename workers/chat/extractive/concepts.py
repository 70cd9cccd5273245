"""Concepts of the table, found in texts by their phrases."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from workers.chat.extractive.concept_table import concepts
from workers.chat.terms import Terms

_MARK: Final = "§"  # in no term of a text
_FOREIGN_LETTERS: Final = 6  # shorter ones are too often other words


class Found(NamedTuple):
    """The concept ``name`` in the terms from ``start`` up to ``end``."""

    start: int
    end: int
    name: str


class Concepts:
    """As they show in texts whose terms ``terms`` makes: phrases of all languages, stemmed alike.

    In a text, the phrases of its own language come first where two concepts share one.
    """

    def __init__(self, terms: Terms) -> None:
        self._by_first: defaultdict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
        for own in (True, False):
            for name, phrase in _phrases(terms.language, own=own):
                stemmed = tuple(terms.all(phrase))
                self._by_first[stemmed[0]].setdefault(stemmed, name)
        self._longest = {
            first: sorted({len(phrase) for phrase in phrases}, reverse=True)
            for first, phrases in self._by_first.items()
        }

    def find(self, text: Sequence[str]) -> Iterator[Found]:
        """The longest at each place, one after the other; ``text`` as terms."""
        at = 0
        while at < len(text):
            found = self._at(text, at) if text[at] in self._longest else None
            if found is not None:
                yield found
            at = found.end if found is not None else at + 1

    def _at(self, text: Sequence[str], at: int) -> Found | None:
        phrases = self._by_first[text[at]]
        for length in self._longest[text[at]]:
            name = phrases.get(tuple(text[at : at + length]))
            if name is not None:
                return Found(at, at + length, name)
        return None


def term_of(name: str) -> str:
    """The concept as one term among the others of a text."""
    return _MARK + name


def _phrases(language: str, *, own: bool) -> Iterator[tuple[str, str]]:
    for name, concept in concepts().items():
        for spoken, phrases in concept.phrases.items():
            if (spoken == language) == own:
                found = (phrase for phrase in phrases if own or len(phrase) >= _FOREIGN_LETTERS)
                yield from ((name, phrase) for phrase in found)
