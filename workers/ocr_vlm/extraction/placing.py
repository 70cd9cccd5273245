"""The places of an answer's values on the page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

import orjson

from common.document.extraction import Extraction, ValuePlace
from common.document.page import Block, Table
from common.domain.answer_errors import pointer
from workers.ocr_vlm.extraction.candidates import Candidate, Candidates
from workers.ocr_vlm.extraction.labels import Labels
from workers.ocr_vlm.extraction.page_words import PageWords

_FEW: Final = 2  # characters that alone say nothing about where they belong
_NEAR: Final = 2.5  # heights of lines
_USED: Final = 0.5
_LABEL: Final = 0.8
_MOST_VALUES: Final = 5000

Steps = tuple[str | int, ...]


def placed(extraction: Extraction, blocks: Sequence[Block], tables: Sequence[Table]) -> Extraction:
    """The extraction with the place of each of its values that stands on the page."""
    return replace(extraction, places=places(orjson.loads(extraction.answer), blocks, tables))


def places(answer: Any, blocks: Sequence[Block], tables: Sequence[Table]) -> tuple[ValuePlace, ...]:
    """Of the values that stand on the page, in the order of the answer; boxes as the words have them."""
    page = PageWords(blocks, tables)
    found = _Placing(page).place(list(_leaves(answer, ()))[:_MOST_VALUES])
    return tuple(
        ValuePlace(
            pointer(leaf.steps),
            candidate.bbox,
            "\n".join(page.shown(run) for run in candidate.runs),
            page.confidence_of(candidate.runs),
        )
        for leaf, candidate in found
    )


@dataclass(frozen=True, slots=True)
class _Leaf:
    """``item``: the steps to the item of a list that it is in, or is; () where it is in none."""

    steps: Steps
    value: Any
    candidates: tuple[Candidate, ...] = ()

    @property
    def item(self) -> Steps:
        numbers = [at for at, step in enumerate(self.steps) if isinstance(step, int)]
        return self.steps[: numbers[-1] + 1] if numbers else ()

    @property
    def names(self) -> list[str]:
        """The nearest first."""
        return [step for step in reversed(self.steps) if isinstance(step, str)][:2]

    @property
    def weight(self) -> float:
        """How much it says about where its item is."""
        size = max((candidate.size for candidate in self.candidates), default=0)
        return size / (1 + len(self.candidates)) if size else 0.0


class _Placing:
    """Items of lists first, since they stand together; then the rest, among what is left."""

    def __init__(self, page: PageWords) -> None:
        self._page = page
        self._candidates = Candidates(page)
        self._labels = Labels(page)
        self._used: set[int] = set()
        self._found: dict[Steps, Candidate] = {}

    def place(self, leaves: Sequence[_Leaf]) -> list[tuple[_Leaf, Candidate]]:
        known = [replace(leaf, candidates=tuple(self._candidates.of(leaf.value))) for leaf in leaves]
        in_lists = sorted((leaf for leaf in known if leaf.item), key=_order)
        for _, items in groupby(in_lists, key=lambda leaf: _order(leaf)[0]):
            after = -1
            for _, members in groupby(items, key=_order):
                after = self._place_item(list(members), after)
        for leaf in known:
            if not leaf.item:
                self._place_single(leaf)
        return [(leaf, self._found[leaf.steps]) for leaf in known if leaf.steps in self._found]

    def _place_item(self, members: Sequence[_Leaf], after: int) -> int:
        """The number of the word that the item begins with; ``after`` where it is not found."""
        anchor = max(members, key=lambda leaf: leaf.weight)
        if not anchor.candidates:
            return after
        others = [leaf for leaf in members if leaf is not anchor]
        at = max(anchor.candidates, key=lambda one: self._of_anchor(anchor, one, others, after))
        is_alone = not any(self._nearness(one, at) == 1 for leaf in others for one in leaf.candidates)
        if is_alone and self._is_anywhere(anchor, at):
            return after
        self._take(anchor, at)
        for leaf in others:
            self._place_beside(leaf, at)
        return at.first

    def _of_anchor(
        self, anchor: _Leaf, candidate: Candidate, others: Sequence[_Leaf], after: int
    ) -> tuple[float, int]:
        score = 2 * candidate.quality - 2 * _USED * self._use(candidate) + 0.3 * (candidate.first > after)
        score += 0.2 * self._labels.fit(anchor.names, candidate)
        for leaf in others:
            score += max((one.quality * self._nearness(one, candidate) for one in leaf.candidates), default=0)
        distance = candidate.first - after
        return round(score, 6), -distance if distance > 0 else distance - len(self._page.words)

    def _place_beside(self, leaf: _Leaf, anchor: Candidate) -> None:
        near = [(self._nearness(one, anchor), one) for one in leaf.candidates]
        near = [(nearness, one) for nearness, one in near if nearness]
        if not near and len(leaf.candidates) == 1 and leaf.candidates[0].size > 2 * _FEW:
            near = [(0.0, leaf.candidates[0])]
        if near:
            _, best = max(near, key=lambda each: (round(self._of_member(leaf, *each), 6), -each[1].first))
            self._take(leaf, best)

    def _of_member(self, leaf: _Leaf, nearness: float, candidate: Candidate) -> float:
        return (
            candidate.quality
            + nearness
            + 0.4 * self._labels.fit(leaf.names[:1], candidate)
            - _USED * self._use(candidate)
        )

    def _place_single(self, leaf: _Leaf) -> None:
        if not leaf.candidates:
            return
        fits = {one: self._labels.fit(leaf.names, one) for one in leaf.candidates}
        is_number = not isinstance(leaf.value, str)
        best = max(
            leaf.candidates,
            key=lambda one: (
                round(one.quality + _LABEL * fits[one] - _USED * self._use(one), 6),
                one.first if is_number else -one.first,
            ),
        )
        if not self._is_anywhere(leaf, best):
            self._take(leaf, best)

    def _is_anywhere(self, leaf: _Leaf, candidate: Candidate) -> bool:
        """So short a value without its name may stand there for something else."""
        is_one_of_many = isinstance(leaf.value, int | float) or len(leaf.candidates) > 1
        return candidate.size <= _FEW and is_one_of_many and not self._labels.fit(leaf.names, candidate)

    def _take(self, leaf: _Leaf, candidate: Candidate) -> None:
        self._found[leaf.steps] = candidate
        self._used.update(candidate.words())

    def _use(self, candidate: Candidate) -> float:
        """How much of it is another value's already."""
        words = list(candidate.words())
        return sum(index in self._used for index in words) / len(words)

    def _nearness(self, one: Candidate, other: Candidate) -> float:
        """1 in the same line or row, 0 far away."""
        if self._page.are_beside(one.bbox, other.bbox):
            return 1.0
        height = max(1, min(one.bbox.y1 - one.bbox.y0, other.bbox.y1 - other.bbox.y0))
        gap = max(one.bbox.y0 - other.bbox.y1, other.bbox.y0 - one.bbox.y1) / height
        return max(0.0, 0.6 - 0.6 * max(0.0, gap) / _NEAR)


def _order(leaf: _Leaf) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Items list by list, each in its own order."""
    names = tuple(str(step) for step in leaf.item if isinstance(step, str))
    return names, tuple(step for step in leaf.item if isinstance(step, int))


def _leaves(value: Any, steps: Steps) -> Iterator[_Leaf]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _leaves(inner, (*steps, name))
        case list():
            for index, inner in enumerate(value):
                yield from _leaves(inner, (*steps, index))
        case _:
            yield _Leaf(steps, value)
