"""What a question looks for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from common.adapters.language_identification import identify
from workers.chat.extractive.concept_table import concepts
from workers.chat.extractive.concepts import Concepts
from workers.chat.extractive.expectations import (
    asking_words,
    expected,
    languages_by_question,
    without_fillers,
)
from workers.chat.extractive.values import Value
from workers.chat.terms import Terms, stopwords_of, tokens, without_accents

_EARLIER_WEIGHT: Final = 0.25
_MOST_SOUGHT: Final = 40
_MOST_EARLIER: Final = 5
_DEFAULT_LANGUAGE: Final = "en"
_MEASURES: Final = frozenset({Value.AMOUNT, Value.COUNT, Value.DURATION, Value.PERCENT})
_OPEN: Final = frozenset({Value.AMOUNT, Value.COUNT})  # "how much" may be asked of anything
_COUNTED: Final = ("en", "de", "fr", "es", "it", "pt", "nl", "da", "nb", "sv", "tr", "ru")


@dataclass(frozen=True, slots=True)
class Sought:
    """One thing of a question: a concept of the table, or None, and the words that name it.

    ``weight`` is 1 for what was asked now, less for what earlier questions were about.
    """

    words: tuple[str, ...]
    concept: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Question:
    """``language`` is an ISO 639-1 code; ``value`` None where any kind of answer will do."""

    text: str
    language: str
    sought: tuple[Sought, ...]
    value: Value | None

    @property
    def asks_anew(self) -> bool:
        """Not only about what was asked before ("And why?")."""
        return any(sought.weight == 1.0 for sought in self.sought)


def question_of(text: str, earlier: Sequence[str], document_languages: Sequence[str]) -> Question:
    """``earlier`` are the conversation's questions, the oldest first; the latest are heeded."""
    language = language_of(text, document_languages)
    now = _sought(text, language, 1.0)
    before = [
        part
        for asked in earlier[: -_MOST_EARLIER - 1 : -1]
        for part in _sought(asked, language, _EARLIER_WEIGHT)
    ]
    known = {part.concept or part.words for part in now}
    further = tuple(part for part in before if (part.concept or part.words) not in known)
    value = _value(text, language, now)
    if value is None and earlier and not now:
        value = _value(earlier[-1], language, before)
    return Question(text, language, (*now, *further)[:_MOST_SOUGHT], value)


def language_of(text: str, document_languages: Sequence[str]) -> str:
    """By the words that only questions have, by small words, and by its letters as a whole.

    A question of names and figures alone is taken to be in the document's language.
    """
    words = list(tokens(text))
    votes = Counter({code: sum(word in stopwords_of(code) for word in words) for code in _COUNTED})
    votes.update(languages_by_question(text))
    known = votes.total() > 0
    votes.update(code.split("-")[0] for code in identify(text, document_languages)[:1])
    if known or not votes.total():
        votes.update(document_languages[:1])
    return max(votes, key=lambda code: votes[code]) if votes.total() else _DEFAULT_LANGUAGE


def _sought(text: str, language: str, weight: float) -> tuple[Sought, ...]:
    terms = Terms(language)
    words = list(tokens(without_fillers(text)))
    stems = [terms.of_word(word) for word in words]
    found = list(Concepts(terms.language).find(stems))
    inside = {at for concept in found for at in range(concept.start, concept.end)}
    named = [
        Sought(_telling(words[concept.start : concept.end], terms), concept.name, weight) for concept in found
    ]
    alone = [
        Sought((word,), None, weight)
        for at, word in enumerate(words)
        if at not in inside and _telling((word,), terms)
    ]
    return tuple(dict.fromkeys((*named, *alone)))


def _telling(words: Sequence[str], terms: Terms) -> tuple[str, ...]:
    return tuple(
        word
        for word in words
        if without_accents(word) not in asking_words() and not terms.is_unsaid(terms.of_word(word))
    )


def _value(text: str, language: str, sought: Sequence[Sought]) -> Value | None:
    asked = expected(text, language)
    values = [concepts()[part.concept].value for part in sought if part.concept]
    named = next((value for value in values if value is not None), None)
    return named if asked is None or (asked in _OPEN and named in _MEASURES) else asked
