"""Two short sequences of words aligned, each pair by how alike it is."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Indel, Levenshtein
from rapidfuzz.process import cdist

_ALIKE: Final = 0.5  # less alike are no pair
_MOST_CELLS: Final = 400_000
_MERGED: Final = ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1))

Scores = npt.NDArray[np.float32]


class Pair(NamedTuple):
    """Words ``our_start`` to ``our_end`` (exclusive) of one sequence are those of the other."""

    our_start: int
    our_end: int
    their_start: int
    their_end: int


def aligned(ours: Sequence[str], theirs: Sequence[str]) -> list[Pair]:
    """Pairs in order, some of two or three words to one; what has no counterpart is in none."""
    if not ours or not theirs:
        return []
    if len(ours) * len(theirs) > _MOST_CELLS:
        return _aligned_exactly(ours, theirs)
    steps = [
        (down, across, scores)
        for down, across in _MERGED
        if len(ours) >= down and len(theirs) >= across
        for scores in [_scores(_joined(ours, down), _joined(theirs, across))]
    ]
    return _best_path(len(ours), len(theirs), steps)


def _aligned_exactly(ours: Sequence[str], theirs: Sequence[str]) -> list[Pair]:
    """Where they are too long to be compared each with each."""
    pairs: list[Pair] = []
    for step in Indel.opcodes(ours, theirs):
        if step.tag == "equal":
            size = step.src_end - step.src_start
            pairs += [
                Pair(
                    step.src_start + at,
                    step.src_start + at + 1,
                    step.dest_start + at,
                    step.dest_start + at + 1,
                )
                for at in range(size)
            ]
    return pairs


def _joined(words: Sequence[str], count: int) -> list[str]:
    return ["".join(words[start : start + count]) for start in range(len(words) - count + 1)]


def _scores(ours: Sequence[str], theirs: Sequence[str]) -> Scores:
    """Of each with each: 0 where they are not alike, else more the longer they are."""
    alike = cdist(
        ours, theirs, scorer=Levenshtein.normalized_similarity, score_cutoff=_ALIKE, dtype=np.float32
    )
    our_lengths = np.array([len(word) for word in ours], np.float32)
    their_lengths = np.array([len(word) for word in theirs], np.float32)
    weight = np.minimum.outer(our_lengths, their_lengths) + 0.5
    return np.where(alike > 0, (alike - _ALIKE + 0.02) * weight, 0).astype(np.float32)


def _best_path(rows: int, columns: int, steps: Sequence[tuple[int, int, Scores]]) -> list[Pair]:
    """Row by row; leaving out words costs nothing, so a row's running maximum is its way across."""
    best = np.zeros((rows + 1, columns + 1), np.float32)
    for row in range(1, rows + 1):
        current = best[row - 1].copy()
        for down, across, scores in steps:
            if row >= down:
                come = best[row - down, : columns - across + 1] + scores[row - down]
                np.maximum(current[across:], come, out=current[across:])
        best[row] = np.maximum.accumulate(current)
    return _traced(best, steps)


def _traced(best: Scores, steps: Sequence[tuple[int, int, Scores]]) -> list[Pair]:
    row, column = best.shape[0] - 1, best.shape[1] - 1
    pairs: list[Pair] = []
    while row and column:
        here = best[row, column]
        if here == best[row, column - 1]:
            column -= 1
        elif here == best[row - 1, column]:
            row -= 1
        else:
            down, across = next(
                (down, across)
                for down, across, scores in steps
                if row >= down
                and column >= across
                and best[row - down, column - across] + scores[row - down, column - across] == here
            )
            pairs.append(Pair(row - down, row, column - across, column))
            row, column = row - down, column - across
    return pairs[::-1]
