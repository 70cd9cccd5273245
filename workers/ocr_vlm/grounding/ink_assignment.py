"""Lines of text put to lines of ink, and words to the parts of a line, by how long they are."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import log
from typing import Final

from common.document.geometry import Box, union
from workers.ocr_vlm.grounding.free_ink import Span, extent

_SKIPPED_INK: Final = 0.6
_SKIPPED_TEXT: Final = 1.2
_WORST_FIT: Final = 1.1  # |ln| of ink's and text's lengths: three times as long
_MOST_JOINED: Final = 8  # lines of ink to one of text, where there are many of both
_FEW_LINES: Final = 4
_MOST_WORDS: Final = 80  # of a line whose gaps are looked at
_MORE_CUTS: Final = 5
_GAP_WEIGHT: Final = 0.6

Assignment = tuple[int, int, int]  # of a text: its number, the first span's, the one's behind the last


def assigned(lengths: Sequence[float], spans: Sequence[Span]) -> list[Assignment]:
    """Which texts, of these lengths in pixels, are on which spans: both in order, either may be left out."""
    inks = [extent(span) for span in spans]
    texts, count = len(lengths), len(inks)
    joined = count if texts <= _FEW_LINES else min(count, _MOST_JOINED)
    sums = list(accumulate(inks, initial=0))
    cost = [[0.0] * (count + 1) for _ in range(texts + 1)]
    way: dict[tuple[int, int], int] = {}
    for text in range(texts + 1):
        for ink in range(count + 1):
            if not text and not ink:
                continue
            options = []
            if ink:
                options.append((cost[text][ink - 1] + _SKIPPED_INK, -1))
            if text:
                options.append((cost[text - 1][ink] + _SKIPPED_TEXT, 0))
                for taken in range(1, min(joined, ink) + 1):
                    fit = abs(log(max(1, sums[ink] - sums[ink - taken]) / max(1.0, lengths[text - 1])))
                    if fit <= _WORST_FIT:
                        options.append((cost[text - 1][ink - taken] + fit, taken))
            cost[text][ink], way[text, ink] = min(options)
    return _traced(way, texts, count)


def _traced(way: dict[tuple[int, int], int], text: int, ink: int) -> list[Assignment]:
    found: list[Assignment] = []
    while text or ink:
        step = way[text, ink]
        if step < 0:
            ink -= 1
            continue
        if step:
            found.append((text - 1, ink - step, ink))
        text, ink = text - 1, ink - step
    return found[::-1]


def shared_out(weights: Sequence[float], spans: Sequence[Span]) -> list[tuple[int, int]]:
    """How many of the words, by number from and to, are on each span when they fill all in turn."""
    total, ink = sum(weights), sum(map(extent, spans))
    middles = [
        (end - weight / 2) / total * ink for end, weight in zip(accumulate(weights), weights, strict=True)
    ]
    edges = list(accumulate(map(extent, spans)))
    ends = [sum(middle < edge for middle in middles) for edge in edges[:-1]]
    return list(pairwise([0, *ends, len(weights)]))


def boxes_on(span: Span, weights: Sequence[float]) -> list[Box]:
    """A box for each word of a line, from left to right, cut at the gaps of its ink where these fit."""
    runs = _runs(span)
    words = len(weights)
    if words == 1:
        return [union(span)]
    if words > _MOST_WORDS:
        return _by_width(union(span), weights)
    gaps = sorted(range(1, len(runs)), key=lambda at: runs[at].x0 - runs[at - 1].x1, reverse=True)
    cuts = sorted(gaps[: 2 * words + _MORE_CUTS])
    if len(cuts) < words - 1:
        return _by_width(union(span), weights)
    groups = _best_cuts(runs, [0, *cuts, len(runs)], weights)
    return [union(runs[start:end]) for start, end in groups]


def _runs(span: Span) -> list[Box]:
    """Pieces above each other made one."""
    runs: list[Box] = []
    for piece in sorted(span):
        if runs and piece.x0 <= runs[-1].x1:
            runs[-1] = union((runs[-1], piece))
        else:
            runs.append(piece)
    return runs


def _by_width(box: Box, weights: Sequence[float]) -> list[Box]:
    total = sum(weights)
    edges = [box.x0 + (box.x1 - box.x0) * part / total for part in accumulate(weights, initial=0.0)]
    return [
        Box(round(start), box.y0, max(round(start) + 1, round(end)), box.y1) for start, end in pairwise(edges)
    ]


def _best_cuts(runs: Sequence[Box], cuts: Sequence[int], weights: Sequence[float]) -> list[tuple[int, int]]:
    """From and to which run each word goes: widths as expected, wide gaps between them."""
    whole = runs[-1].x1 - runs[0].x0
    wanted = [weight / sum(weights) * whole for weight in weights]
    states: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, (0,))}
    for number, width in enumerate(wanted):
        left = len(wanted) - number - 1
        following: dict[int, tuple[float, tuple[int, ...]]] = {}
        for at, (cost, path) in states.items():
            for to in range(at + 1, len(cuts) - left):
                if not left and to != len(cuts) - 1:
                    continue
                start, end = runs[cuts[at]], runs[cuts[to] - 1]
                gap = runs[cuts[to]].x0 - end.x1 if left else 0
                worth = cost + abs(end.x1 - start.x0 - width) - _GAP_WEIGHT * gap
                if to not in following or worth < following[to][0]:
                    following[to] = worth, (*path, cuts[to])
        states = following
    return list(pairwise(states[len(cuts) - 1][1]))
