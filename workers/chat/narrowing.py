"""Where on a page it stands what an answer says: models cite whole pages, people look for a sentence."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from common.document.citation import Citation
from common.document.geometry import union
from common.document.page import Page
from workers.chat.evidence import NAME, evidence_of, things_in
from workers.chat.extractive.index import Reader
from workers.chat.passages import Kind, Passage, passages_of
from workers.chat.plain_text import PlainText, plain

_BESIDE: Final = 0.5  # what stands in the label or the reading of a row, not in the passage itself
_UNDER: Final = 0.2  # in the heading
_ASKED: Final = 0.25  # in the question alone
_AS_HEADING: Final = 0.6
_LONG: Final = 600  # characters: a passage of as many counts half
_ENOUGH: Final = 0.3  # of the first one's score: what a second passage has to add
_LONGEST_PART: Final = 1000  # of a page, that a server cites by itself
_LONGEST_JOINED: Final = 500
_SHORTEST_PROSE: Final = 40


@dataclass(frozen=True, slots=True)
class Claim:
    """What an answer to ``question`` says. ``cited``: the pages that it rests on, by their numbers, with what
    is cited of them, "" for all of their text. ``language`` (ISO 639-1) is the answer's.
    """

    text: str
    question: str
    language: str
    cited: tuple[tuple[int, str], ...]


def snippets(claim: Claim, pages: Sequence[Page | None]) -> Iterator[Citation]:
    """At least one for each cited page with text; ``pages`` by their numbers, from 1."""
    for number, cited in claim.cited:
        page = pages[number - 1] if 0 < number <= len(pages) else None
        if page is not None:
            yield from _of_page(claim, cited, page, number)


def _of_page(claim: Claim, cited: str, page: Page, number: int) -> Iterator[Citation]:
    text, wanted = PlainText(page), plain(cited)
    if wanted and len(wanted) < min(len(text.text), _LONGEST_PART):
        place = text.locate(wanted)
        if place is not None:
            yield Citation(number, wanted, place)
            return
    passages = tuple(passages_of([page], first=number))
    if passages:
        yield from _borne_out(_Search(claim, passages), text)


def _borne_out(search: "_Search", text: PlainText) -> Iterator[Citation]:
    """The passage that bears the claim out best, and a second one that has figures or names besides."""
    best = search.best()
    found = sorted({best, search.best_besides(best)})
    passages = [search.passages[at] for at in found]
    joined = " ".join(passage.text for passage in passages)
    is_one = len({passage.block for passage in passages}) == 1 and len(joined) <= _LONGEST_JOINED
    if len(passages) > 1 and is_one and joined in text.text:
        yield Citation(passages[0].page, joined, union(passage.bbox for passage in passages))
        return
    for passage in passages:
        yield Citation(passage.page, passage.text, passage.bbox)


class _Search:
    """For what bears ``claim`` out among ``passages``, of one page; these are told by their positions."""

    def __init__(self, claim: Claim, passages: Sequence[Passage]) -> None:
        self.passages: Final = passages
        self._readers: dict[str, Reader] = {}
        self._inside = [self._things(passage, passage.text) for passage in passages]
        self._beside = [self._things(passage, f"{passage.label} {passage.reading}") for passage in passages]
        self._under = [self._things(passage, passage.heading) for passage in passages]
        self._spread = Counter(thing for things in self._inside for thing in things)
        self._sought = self._weights(claim)

    def best(self) -> int:
        """Where nothing of claim and question is found, the first whole sentence."""
        return max(
            range(len(self.passages)), key=lambda at: (self._score(at, self._sought), self._is_prose(at), -at)
        )

    def best_besides(self, best: int) -> int:
        """``best`` itself where no other adds enough."""
        known = self._inside[best] | self._beside[best]
        missing = {
            thing: weight for thing, weight in self._sought.items() if weight >= NAME and thing not in known
        }
        scores = [self._score(at, missing) for at in range(len(self.passages))]
        at = max(range(len(scores)), key=lambda at: (scores[at], -abs(at - best)))
        return at if scores[at] > _ENOUGH * self._score(best, self._sought) else best

    def _weights(self, claim: Claim) -> dict[str, float]:
        """Claim and question, read as their language and as those of the page: names and loans are alike."""
        weights: dict[str, float] = {}
        for language in (*self._readers, claim.language):
            reader = self._reader(language)
            for share, text in ((_ASKED, claim.question), (1.0, claim.text)):
                for thing, weight in evidence_of(text, reader).items():
                    weights[thing] = max(share * weight, weights.get(thing, 0.0))
        return weights

    def _score(self, at: int, sought: Mapping[str, float]) -> float:
        passage = self.passages[at]
        score = sum(
            weight * self._rarity(thing) * self._nearness(thing, at) for thing, weight in sought.items()
        )
        if passage.kind is Kind.HEADING:
            score *= _AS_HEADING
        return score / (1 + len(passage.text) / _LONG)

    def _nearness(self, thing: str, at: int) -> float:
        if thing in self._inside[at]:
            return 1.0
        return _BESIDE if thing in self._beside[at] else _UNDER if thing in self._under[at] else 0.0

    def _rarity(self, thing: str) -> float:
        """The inverse document frequency, as BM25 of Lucene has it."""
        with_it = self._spread[thing]
        return math.log(1 + (len(self.passages) - with_it + 0.5) / (with_it + 0.5))

    def _is_prose(self, at: int) -> bool:
        passage = self.passages[at]
        return passage.kind is Kind.SENTENCE and len(passage.text) >= _SHORTEST_PROSE

    def _things(self, passage: Passage, text: str) -> frozenset[str]:
        return things_in(text, self._reader(passage.language)) if text.strip() else frozenset()

    def _reader(self, language: str) -> Reader:
        code = language.split("-")[0]
        if code not in self._readers:
            self._readers[code] = Reader(code)
        return self._readers[code]
