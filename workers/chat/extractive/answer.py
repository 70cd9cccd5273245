"""A question answered with the document's own sentences."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from common.document.citation import Citation
from workers.chat.extractive import replies
from workers.chat.extractive.index import DocumentIndex
from workers.chat.extractive.matching import Match, matches
from workers.chat.extractive.question import Question, question_of
from workers.chat.extractive.values import CERTAIN
from workers.chat.passages import Kind, Passage

_COLONS: Final = ": \uff1a"
_SHORTEST_WHOLE: Final = 60  # characters
_MOST_SENTENCES: Final = 3
_LEAST_COVERAGE: Final = 0.4
_LEAST_OPEN: Final = 0.5
_LEAST_WITHOUT_VALUE: Final = 0.6
_NEARLY_AS_GOOD: Final = 0.8  # of the best one's score: quoted too


@dataclass(frozen=True, slots=True)
class Answer:
    """Without citations where the document does not say, which ``content`` then says."""

    content: str
    citations: tuple[Citation, ...] = ()


def answer(question: str, document: DocumentIndex, earlier: Sequence[str] = ()) -> Answer:
    """``earlier`` are the questions of the conversation, the oldest first. The same in, the same out."""
    languages = [document.main_language] if document.main_language else []
    asked = question_of(question, earlier, languages)
    if not document.passages:
        return Answer(replies.empty(asked.language))
    if not asked.sought and asked.value is None:
        chosen = _overview(document.passages)
    else:
        chosen = [match.passage for match in _chosen(asked, matches(asked, document))]
    if not chosen:
        return Answer(replies.not_said(asked.language))
    return Answer(
        "\n".join(f"{_quoted(passage)} (p. {passage.page})." for passage in chosen),
        tuple(Citation(passage.page, passage.text, passage.bbox) for passage in chosen),
    )


def _overview(passages: Sequence[Passage]) -> list[Passage]:
    """What the document begins with: its first heading, and its first whole sentence."""
    heading = next((passage for passage in passages if passage.kind is Kind.HEADING), None)
    sentence = next((passage for passage in passages if _is_whole(passage)), passages[0])
    return [passage for passage in (heading, sentence) if passage is not None]


def _is_whole(passage: Passage) -> bool:
    return passage.kind is Kind.SENTENCE and len(passage.text) > _SHORTEST_WHOLE and not passage.label


def _chosen(question: Question, found: Sequence[Match]) -> list[Match]:
    good = [match for match in found if _answers(question, match)]
    if not good:
        return []
    least = good[0].score * _NEARLY_AS_GOOD
    return list(_distinct(match for match in good if match.score >= least))[:_MOST_SENTENCES]


def _answers(question: Question, match: Match) -> bool:
    if question.value is None or match.has_value:
        return match.coverage >= (_LEAST_COVERAGE if match.has_value else _LEAST_OPEN) and match.score > 0
    return question.value not in CERTAIN and match.coverage >= _LEAST_WITHOUT_VALUE


def _distinct(found: Iterable[Match]) -> Iterator[Match]:
    seen: set[tuple[str, str]] = set()
    for match in found:
        said = (match.passage.text.casefold(), match.passage.label)
        if said not in seen:
            seen.add(said)
            yield match


def _quoted(passage: Passage) -> str:
    quoted = f"“{passage.text}”"
    if passage.reading:
        return f"{quoted} ({passage.reading})"
    if passage.label and passage.kind is Kind.SENTENCE:
        return f"{passage.label.rstrip(_COLONS)}: {quoted}"
    return quoted
