"""How well each passage of a document matches a question."""

from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from workers.chat.extractive.concept_table import concepts
from workers.chat.extractive.concepts import term_of
from workers.chat.extractive.index import DocumentIndex
from workers.chat.extractive.question import Question, Sought
from workers.chat.extractive.values import CERTAIN, Value, has_value
from workers.chat.passages import Kind, Passage
from workers.chat.ranking import Ranking, Scores

_CANDIDATES: Final = 60
_HEADING: Final = 0.4  # of what the same word in the passage itself would count
_BEFORE: Final = 0.35  # of the passage before, of the same block
_SEEN_BEFORE: Final = 0.6
_SEEN_IN_HEADING: Final = 0.5
_WORDS_OF_CONCEPT: Final = 0.6  # the words of a concept, where its phrase is not said
_WORDS_BESIDES: Final = 0.25
_SIMILAR: Final = 0.6  # a word that only resembles the one sought, or has it inside
_LEAST_RATIO: Final = 84.0
_LEAST_PREFIX: Final = 0.65  # of the shorter word
_FEW_LETTERS: Final = 30
_SHORT_WORD: Final = 4
_LONG_WORD: Final = 5
_MOST_SIMILAR: Final = 8
_WITH_VALUE: Final = 1.6
_WITHOUT_VALUE: Final = 0.5
_WITHOUT_HINT: Final = 0.6
_NOWHERE: Final = 0.65
_AS_HEADING: Final = 0.45
# What needs no word beside it that says what it is.
_SPEAKS_FOR_ITSELF: Final = frozenset({Value.EMAIL, Value.IBAN, Value.WEB})


@dataclass(frozen=True, slots=True)
class Match:
    """``coverage`` (0 … 1) is how much of the question the passage speaks of, by the rarity of its words."""

    passage: Passage
    score: float
    coverage: float
    has_value: bool


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Of one thing sought, for each passage: BM25, and 0 … 1 for how far it is there."""

    score: Scores
    presence: Scores


def matches(question: Question, index: DocumentIndex) -> list[Match]:
    """The best passages, the best first; equally good ones in the document's order."""
    score = np.zeros(len(index.passages), dtype=np.float32)
    covered = np.zeros(len(index.passages), dtype=np.float32)
    weights = 0.0
    goes_on, named = _goes_on(index), _named(question, index)
    for sought in question.sought:
        found = _evidence(sought, question.language, index)
        if sought.concept is not None and concepts()[sought.concept].value is question.value:
            found = _Evidence(np.maximum(found.score, named), np.maximum(found.presence, named))
        score += np.float32(sought.weight) * _with_before(found.score, _BEFORE, goes_on)
        if sought.weight == 1.0 or not question.asks_anew:
            rarity = _rarity(found, index)
            covered += np.float32(rarity) * _with_before(found.presence, _SEEN_BEFORE, goes_on)
            weights += rarity
    if weights == 0:
        return []
    best = np.argsort(-score, kind="stable")[:_CANDIDATES].tolist()
    weighed = [
        _match(question, index.passages[at], float(score[at]), float(covered[at]) / weights) for at in best
    ]
    return sorted(weighed, key=lambda match: -match.score)


def _named(question: Question, index: DocumentIndex) -> Scores:
    """1 for each passage with such a value as is asked for, where its form alone says what it is."""
    value = question.value
    if value not in _SPEAKS_FOR_ITSELF:
        return np.zeros(len(index.passages), dtype=np.float32)
    there = (has_value(value, passage.text, passage.language) for passage in index.passages)
    return np.fromiter(there, dtype=np.float32, count=len(index.passages))


def _match(question: Question, passage: Passage, score: float, coverage: float) -> Match:
    value = question.value
    there = value is not None and has_value(value, passage.text, passage.language)
    if there:
        score *= _WITH_VALUE
    elif value is not None:
        score *= _WITHOUT_VALUE if value in CERTAIN or value is Value.DATE else _WITHOUT_HINT
    if passage.kind is Kind.HEADING or passage.text.endswith((":", "?", ",")):
        score *= _AS_HEADING
    return Match(passage, score, coverage, there)


def _rarity(found: _Evidence, index: DocumentIndex) -> float:
    """What is nowhere counts less than what is: a question may use words of its own."""
    texts = int(np.count_nonzero(found.presence))
    return index.bodies.rarity(texts) if texts else _NOWHERE * index.bodies.rarity(1)


def _goes_on(index: DocumentIndex) -> NDArray[np.bool_]:
    """Whether each passage goes on from the one before it."""
    passages = index.passages
    return np.array([False, *(_follows(before, after) for before, after in pairwise(passages))])


def _follows(before: Passage, after: Passage) -> bool:
    """In the same block, or after a few words without a full stop ("Yours sincerely,"); rows stand alone."""
    if after.kind is not Kind.SENTENCE or before.kind is not Kind.SENTENCE or after.page != before.page:
        return False
    return after.block == before.block or (len(before.text) < _FEW_LETTERS and before.text[-1] not in ".!?")


def _with_before(values: Scores, weight: float, goes_on: NDArray[np.bool_]) -> Scores:
    """What a passage itself says, or the one before it that it goes on from."""
    return np.maximum(values, np.where(goes_on, np.roll(values, 1) * np.float32(weight), np.float32(0)))


def _evidence(sought: Sought, language: str, index: DocumentIndex) -> _Evidence:
    bodies = _in(sought, language, index, index.bodies)
    headings = _in(sought, language, index, index.headings, similar=False)
    return _Evidence(
        bodies.score + np.float32(_HEADING) * headings.score,
        np.maximum(bodies.presence, np.float32(_SEEN_IN_HEADING) * headings.presence),
    )


def _in(
    sought: Sought, language: str, index: DocumentIndex, ranking: Ranking, *, similar: bool = True
) -> _Evidence:
    score = np.zeros(ranking.count, dtype=np.float32)
    presence = np.zeros(ranking.count, dtype=np.float32)
    for word in sought.words:
        said = _word(word, language, index, ranking, similar=similar)
        score += said
        presence += (said > 0).astype(np.float32) / np.float32(len(sought.words))
    if sought.concept is None:
        return _Evidence(score, presence)
    named = ranking.scores(term_of(sought.concept))
    besides = np.float32(_WORDS_BESIDES / max(1, len(sought.words)))
    return _Evidence(
        named + besides * score,
        np.maximum((named > 0).astype(np.float32), np.float32(_WORDS_OF_CONCEPT) * presence),
    )


def _word(word: str, language: str, index: DocumentIndex, ranking: Ranking, *, similar: bool) -> Scores:
    """The best of the word's terms in the languages of the document, else of words like it."""
    spoken = dict.fromkeys((*index.languages, language))
    terms = list(dict.fromkeys(index.reader(code).terms.of_word(word) for code in spoken))
    known = [term for term in terms if term in ranking]
    weight = 1.0
    if not known and similar:
        known, weight = _similar(terms[0], ranking), _SIMILAR
    scores = [ranking.scores(term) for term in known]
    if not scores:
        return np.zeros(ranking.count, dtype=np.float32)
    best: Scores = np.maximum.reduce(scores) * np.float32(weight)
    return best


def _similar(term: str, ranking: Ranking) -> list[str]:
    """Misread words, other endings, and compounds: "Miete" in "Mietvertrag"."""
    if len(term) < _SHORT_WORD or not term.isalpha():
        return []
    if len(term) < _LONG_WORD:
        return [word for word in ranking.vocabulary if word.startswith(term)][:_MOST_SIMILAR]
    words = [word for word in ranking.vocabulary if word[0] == term[0] or term in word]
    compounds = [word for word in words if term in word or _are_kin(term, word)]
    near = process.extract(term, words, scorer=fuzz.ratio, score_cutoff=_LEAST_RATIO, limit=_MOST_SIMILAR)
    return list(dict.fromkeys((*(word for word, _, _ in near), *compounds[:_MOST_SIMILAR])))


def _are_kin(one: str, other: str) -> bool:
    """ "leitet" and "Leitung": the same beginning."""
    shorter = min(len(one), len(other))
    return shorter >= _LONG_WORD and _shared(one, other) >= max(4, _LEAST_PREFIX * shorter)


def _shared(one: str, other: str) -> int:
    """How many letters they begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
