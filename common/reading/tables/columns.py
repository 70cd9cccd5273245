"""Where a region's columns part: at vertical rules, and at gaps that run through its lines."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from common.document.geometry import Box
from common.reading.tables.phrases import Phrase, TextLine

_NARROWEST_GAP: Final = 0.5  # in text heights
_CROSSING_SHARE: Final = 0.1  # of the lines may run across a gap
_MANY_LINES: Final = 6  # one of them may, anyway
_SUPPORT_SHARE: Final = 0.35  # of the lines must have something on both sides of it
_LONG_RULE: Final = 0.3  # of a region's height: a shorter one must stand between two texts of a line
_SAME_RULE: Final = 0.5  # in text heights


@dataclass(frozen=True, slots=True)
class Separator:
    """A place where cells end; ``drawn`` are the parts of it with a rule, none where it is only white."""

    at: float
    drawn: tuple[tuple[int, int], ...] = ()

    def share_drawn(self, start: float, end: float) -> float:
        """How much of ``start`` … ``end`` along the separator has a rule, 0 … 1."""
        covered = sum(max(0.0, min(end, stop) - max(start, begin)) for begin, stop in self.drawn)
        return min(1.0, covered / max(1.0, end - start))


def separators(
    lines: Sequence[TextLine], upright: Sequence[Box], region: Box, height: float
) -> list[Separator]:
    """The inner separators of a region from left to right; a white one only where no rule does its work."""
    slack = height / 2
    drawn = [
        each
        for each in drawn_separators(upright, height, upright=True)
        if region.x0 + slack < each.at < region.x1 - slack
    ]
    phrases = [line.phrases for line in lines]
    parting = _with_neighbours([each.at for each in drawn], phrases)
    drawn = [
        each for each in drawn if each.at in parting or each.share_drawn(region.y0, region.y1) >= _LONG_RULE
    ]
    middles = sorted((phrase.bbox.x0 + phrase.bbox.x1) / 2 for line in lines for phrase in line.phrases)
    white = [
        each
        for each in white_separators(lines, height)
        if not any(_no_text(each, rule, middles) for rule in drawn)
    ]
    return sorted([*drawn, *white], key=lambda each: each.at)


def _no_text(one: Separator, other: Separator, middles: Sequence[float]) -> bool:
    """Whether no phrase has its middle between the two."""
    first, second = sorted((one.at, other.at))
    return bisect_left(middles, second) == bisect_left(middles, first)


def drawn_separators(rules: Iterable[Box], height: float, *, upright: bool) -> list[Separator]:
    """Rules at nearly the same place are one separator."""
    near, along = (0, 1) if upright else (1, 0)
    groups: list[list[Box]] = []
    for rule in sorted(rules, key=lambda each: each[near]):
        if groups and rule[near] - groups[-1][-1][near] <= _SAME_RULE * height:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    return [
        Separator(
            sum(rule[near] + rule[near + 2] for rule in group) / (2 * len(group)),
            tuple((rule[along], rule[along + 2]) for rule in group),
        )
        for group in groups
    ]


def white_separators(lines: Sequence[TextLine], height: float) -> list[Separator]:
    """The gaps between columns of phrases that hardly a line runs across."""
    several = [line.phrases for line in lines if len(line.phrases) > 1]
    if len(several) < 2:
        return []
    typical = sorted(len(phrases) for phrases in several)[len(several) // 2]
    core = [phrases for phrases in several if len(phrases) >= typical] if len(several) > 4 else several
    crossings = max(int(len(core) * _CROSSING_SHARE), len(core) >= _MANY_LINES)
    left, counts = _coverage(core)
    found = [
        left + at
        for start, end, at in _gaps(counts, crossings)
        if end - start >= _NARROWEST_GAP * height
        and _support(core, left + at) >= max(2, _SUPPORT_SHARE * len(core))
    ]
    return [Separator(at) for at in _with_neighbours(found, core)]


def _coverage(lines: Sequence[Sequence[Phrase]]) -> tuple[int, list[int]]:
    """How many lines have ink at each pixel column, and the first such column."""
    left = min(phrases[0].bbox.x0 for phrases in lines)
    right = max(phrase.bbox.x1 for phrases in lines for phrase in phrases)
    steps = [0] * (right - left + 1)
    for phrases in lines:
        for phrase in phrases:
            steps[phrase.bbox.x0 - left] += 1
            steps[phrase.bbox.x1 - left] -= 1
    counts, now = [], 0
    for step in steps[:-1]:
        now += step
        counts.append(now)
    return left, counts


def _gaps(counts: Sequence[int], crossings: int) -> Iterable[tuple[int, int, int]]:
    """Runs of at most ``crossings``: start, end and the middle of where they are lowest."""
    start: int | None = None
    for at, count in enumerate([*counts, crossings + 1]):
        if count <= crossings and start is None:
            start = at
        elif count > crossings and start is not None:
            yield start, at, _lowest(counts, start, at)
            start = None


def _lowest(counts: Sequence[int], start: int, end: int) -> int:
    least = min(counts[start:end])
    first = next(at for at in range(start, end) if counts[at] == least)
    last = first
    while last + 1 < end and counts[last + 1] == least:
        last += 1
    return (first + last + 1) // 2


def _support(lines: Sequence[Sequence[Phrase]], at: float) -> int:
    return sum(
        any(phrase.bbox.x1 <= at for phrase in phrases) and any(phrase.bbox.x0 >= at for phrase in phrases)
        for phrases in lines
    )


def _with_neighbours(places: Sequence[float], lines: Sequence[Sequence[Phrase]]) -> list[float]:
    """Without places that never have a phrase on both sides in one line: one column, unevenly set."""
    kept: list[float] = []
    for index, at in enumerate(places):
        before = kept[-1] if kept else 0.0
        after = places[index + 1] if index + 1 < len(places) else None
        if any(_is_between(phrases, before, at) and _is_between(phrases, at, after) for phrases in lines):
            kept.append(at)
    return kept


def _is_between(phrases: Sequence[Phrase], start: float, end: float | None) -> bool:
    middles = ((phrase.bbox.x0 + phrase.bbox.x1) / 2 for phrase in phrases)
    return any(start <= middle and (end is None or middle < end) for middle in middles)
