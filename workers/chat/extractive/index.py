"""A document made ready for questions: its passages with what they are found by."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final

from workers.chat.extractive.concepts import Concepts, term_of
from workers.chat.passages import Kind, Passage
from workers.chat.ranking import Ranking
from workers.chat.terms import Terms


class Reader:
    """Texts in one language as terms and concepts."""

    def __init__(self, language: str) -> None:
        self.terms = Terms(language)
        self.concepts = Concepts(self.terms.language)

    def read(self, text: str) -> list[str]:
        """The telling terms of the text, and its concepts as terms."""
        every = self.terms.all(text)
        found = [term_of(concept.name) for concept in self.concepts.find(every)]
        return self.terms.telling(every) + found


class DocumentIndex:
    """Of one document; building it takes the time, asking does not. Headings count apart: they are said
    once for all that is under them."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self.passages: Final[Sequence[Passage]] = tuple(passages)
        self._readers: dict[str, Reader] = {}
        self.bodies: Final = Ranking(self._body(passage) for passage in self.passages)
        self.headings: Final = Ranking(self._headings())

    @property
    def languages(self) -> Sequence[str]:
        """Without regions, in the order of their first passages."""
        return tuple(self._readers)

    @cached_property
    def main_language(self) -> str | None:
        """The one of most letters; None without any text."""
        letters: dict[str, int] = {}
        for passage in self.passages:
            code = passage.language.split("-")[0]
            letters[code] = letters.get(code, 0) + len(passage.text)
        return max(letters, key=lambda code: letters[code], default=None)

    def reader(self, language: str) -> Reader:
        code = language.split("-")[0]
        if code not in self._readers:
            self._readers[code] = Reader(code)
        return self._readers[code]

    def _body(self, passage: Passage) -> list[str]:
        reader = self.reader(passage.language)
        said = f"{passage.label} {passage.text}" if passage.label else passage.text
        return reader.read(said)

    def _headings(self) -> Iterator[list[str]]:
        read: dict[tuple[str, str], list[str]] = {}
        for passage in self.passages:
            heading = (passage.language, "" if passage.kind is Kind.HEADING else passage.heading)
            if heading not in read:
                read[heading] = self.reader(passage.language).read(heading[1])
            yield read[heading]
