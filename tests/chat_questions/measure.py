"""How many questions are answered from the right page, and with the right sentence first."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.chat_questions.documents import pages_of
from workers.chat.extractive.answer import Answer, answer
from workers.chat.extractive.index import DocumentIndex
from workers.chat.passages import passages_of


@dataclass(frozen=True, slots=True)
class Asked:
    """``page`` is None where the document does not say; ``sentence`` a part of the one that does."""

    document: str
    question: str
    page: int | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    asked: Asked
    answer: Answer

    @property
    def has_page(self) -> bool:
        """The page first cited."""
        if self.asked.page is None:
            return not self.answer.citations
        return bool(self.answer.citations) and self.answer.citations[0].page == self.asked.page

    @property
    def has_sentence(self) -> bool:
        if self.asked.page is None:
            return not self.answer.citations
        return self.has_page and self.asked.sentence in self.answer.citations[0].snippet


def questions(name: str) -> Iterator[Asked]:
    """Those of the file ``name``.toml."""
    given = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
    for document, of_document in given.items():
        for row in of_document["questions"]:
            yield Asked(document, *row)


def outcomes(name: str) -> list[Outcome]:
    return [Outcome(asked, answer(asked.question, _index(asked.document))) for asked in questions(name)]


def share(found: list[bool]) -> float:
    return sum(found) / len(found)


@cache
def _index(document: str) -> DocumentIndex:
    return DocumentIndex(passages_of(pages_of(document)))
