"""Which of the witness's words are which of the model's, whatever the order of either.

Long stretches that both have are found first. Between them, and at the ends of what was moved, the two are
aligned word by word; what is still open is looked for line by line anywhere on the page.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Final

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from common.document.text import is_unspaced
from workers.ocr_vlm.grounding.sequence_alignment import aligned
from workers.ocr_vlm.grounding.tiles import tiles
from workers.ocr_vlm.grounding.tokens import Seen, Token

_STRETCHES: Final = (24, 12)  # characters
_STRETCHES_OF_UNSPACED: Final = (10, 5)
_ROOM: Final = 12  # words more than are looked for
_SAME_LENGTH: Final = 0.5  # of the longer of two stretches that stand for each other
_SAME_LINE: Final = 0.6  # alike, of lines found anywhere
_CERTAIN_LINE: Final = 0.9  # the same of short ones
_SHORT_LINE: Final = 8  # characters
_MOST_LINES: Final = 400


@dataclass(frozen=True, slots=True)
class Match:
    """Tokens ``start`` to ``end`` stand where the seen ones ``first`` to ``last`` do; both ends exclusive."""

    start: int
    end: int
    first: int
    last: int


class Matching:
    """The matches of a page, as they are found."""

    def __init__(self, tokens: Sequence[Token], seen: Sequence[Seen]) -> None:
        self._tokens = tokens
        self._seen = seen
        self._of_token: list[Match | None] = [None] * len(tokens)
        self._of_seen: list[Match | None] = [None] * len(seen)

    def find(self) -> None:
        self._add_stretches()
        self._fill_gaps()
        if self._add_lines():
            self._fill_gaps()

    def of_token(self, index: int) -> Match | None:
        return self._of_token[index]

    def is_free(self, seen_index: int) -> bool:
        """Whether a seen word is no token's."""
        return self._of_seen[seen_index] is None

    def matches(self) -> list[Match]:
        """In the order of the tokens."""
        return [match for match, _ in groupby(self._of_token) if match is not None]

    def add(self, match: Match) -> None:
        self._of_token[match.start : match.end] = [match] * (match.end - match.start)
        self._of_seen[match.first : match.last] = [match] * (match.last - match.first)

    def open_runs(self) -> list[tuple[int, int]]:
        """Runs of tokens without a match."""
        return list(_runs(self._of_token))

    def _add_stretches(self) -> None:
        ours, theirs = [token.key for token in self._tokens], [seen.key for seen in self._seen]
        our_ends, their_ends = list(accumulate(map(len, ours))), list(accumulate(map(len, theirs)))
        our_cuts, their_cuts = {0, *our_ends}, {0, *their_ends}
        text = "".join(ours)
        lengths = _STRETCHES_OF_UNSPACED if _is_mostly_unspaced(text) else _STRETCHES
        for tile in tiles(text, "".join(theirs), lengths):
            shift = tile.theirs - tile.ours
            begin: int | None = None
            for cut in range(tile.ours, tile.ours + tile.length + 1):
                if cut not in our_cuts or cut + shift not in their_cuts:
                    continue
                if begin is not None:
                    self.add(
                        Match(
                            bisect_right(our_ends, begin),
                            bisect_right(our_ends, cut - 1) + 1,
                            bisect_right(their_ends, begin + shift),
                            bisect_right(their_ends, cut + shift - 1) + 1,
                        )
                    )
                begin = cut

    def _fill_gaps(self) -> None:
        for start, end in self.open_runs():
            before = self._of_token[start - 1] if start else None
            after = self._of_token[end] if end < len(self._tokens) else None
            self._fill(start, end, before, after)

    def _fill(self, start: int, end: int, before: Match | None, after: Match | None) -> None:
        """Aligns the tokens between two matches with what is free behind the one and before the other."""
        room = 2 * (end - start) + _ROOM
        head = self._free_from(before.last if before else 0) if before or not after else (0, 0)
        tail = self._free_until(after.first if after else len(self._seen)) if after or not before else (0, 0)
        if head == tail or not (before or after):
            self._align(start, end, range(*head))
            self._pair_between(start, end)
            return
        chosen = [*range(head[0], min(head[1], head[0] + room))]
        chosen += [index for index in range(max(tail[0], tail[1] - room), tail[1]) if index not in chosen]
        self._align(start, end, chosen)
        self._pair_between(start, end)

    def _align(self, start: int, end: int, chosen: Sequence[int]) -> None:
        keys = [token.key for token in self._tokens[start:end]]
        for pair in aligned(keys, [self._seen[index].key for index in chosen]):
            first, last = chosen[pair.their_start], chosen[pair.their_end - 1] + 1
            if last - first == pair.their_end - pair.their_start:
                self.add(Match(start + pair.our_start, start + pair.our_end, first, last))

    def _pair_between(self, start: int, end: int) -> None:
        """What is left on both sides between the same two matches, where it is about as long."""
        for first, last in _runs(self._of_token[start:end]):
            self._pair_left(start + first, start + last)

    def _pair_left(self, start: int, end: int) -> None:
        before = self._of_token[start - 1] if start else None
        after = self._of_token[end] if end < len(self._tokens) else None
        first = before.last if before else 0
        last = after.first if after else len(self._seen)
        if not (before or after) or first >= last or any(self._of_seen[first:last]):
            return
        ours = sum(len(token.key) for token in self._tokens[start:end])
        theirs = sum(len(seen.key) for seen in self._seen[first:last])
        if min(ours, theirs) < _SAME_LENGTH * max(ours, theirs):
            return
        if end - start == last - first:
            for at in range(end - start):
                self.add(Match(start + at, start + at + 1, first + at, first + at + 1))
        else:
            self.add(Match(start, end, first, last))

    def _add_lines(self) -> bool:
        """Open lines of the model that are like lines which nobody claims, the most alike first."""
        ours = [(s, e) for s, e in self._open_lines() if self._length(s, e) > 1][:_MOST_LINES]
        theirs = list(self._free_lines())[:_MOST_LINES]
        if not ours or not theirs:
            return False
        our_keys = ["".join(token.key for token in self._tokens[s:e]) for s, e in ours]
        their_keys = ["".join(seen.key for seen in self._seen[s:e]) for s, e in theirs]
        alike = cdist(
            our_keys,
            their_keys,
            scorer=Levenshtein.normalized_similarity,
            score_cutoff=_SAME_LINE,
            dtype=np.float32,
        )
        found = False
        rows, columns = np.nonzero(alike)
        order = np.argsort(-alike[rows, columns], kind="stable")
        for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
            (start, end), (first, last) = ours[row], theirs[column]
            if any(self._of_token[start:end]) or any(self._of_seen[first:last]):
                continue
            if len(our_keys[row]) < _SHORT_LINE and alike[row, column] < _CERTAIN_LINE:
                continue
            self._align(start, end, range(first, last))
            self._pair_inside(start, end)
            found = True
        return found

    def _pair_inside(self, start: int, end: int) -> None:
        matched = [index for index in range(start, end) if self._of_token[index] is not None]
        if matched:
            self._pair_between(matched[0], matched[-1] + 1)

    def _length(self, start: int, end: int) -> int:
        return sum(len(token.key) for token in self._tokens[start:end])

    def _open_lines(self) -> Iterator[tuple[int, int]]:
        for start, end in self.open_runs():
            yield from _split_by([(t.line, t.cell) for t in self._tokens[start:end]], start)

    def _free_lines(self) -> Iterator[tuple[int, int]]:
        for start, end in _runs(self._of_seen):
            yield from _split_by([seen.line for seen in self._seen[start:end]], start)

    def _free_from(self, start: int) -> tuple[int, int]:
        end = start
        while end < len(self._of_seen) and self._of_seen[end] is None:
            end += 1
        return start, end

    def _free_until(self, end: int) -> tuple[int, int]:
        start = end
        while start and self._of_seen[start - 1] is None:
            start -= 1
        return start, end


def _runs(of: Sequence[Match | None]) -> Iterator[tuple[int, int]]:
    position = 0
    for is_open, run in groupby(of, key=lambda match: match is None):
        length = len(list(run))
        if is_open:
            yield position, position + length
        position += length


def _split_by(values: Sequence[object], offset: int) -> Iterator[tuple[int, int]]:
    for _, run in groupby(range(len(values)), key=lambda index: values[index]):
        indexes = list(run)
        yield offset + indexes[0], offset + indexes[-1] + 1


def _is_mostly_unspaced(text: str) -> bool:
    sample = text[:: max(1, len(text) // 200)]
    return sum(map(is_unspaced, sample)) * 2 > len(sample)
