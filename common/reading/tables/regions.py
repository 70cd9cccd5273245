"""Where on a page tables may be."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, takewhile
from typing import Final

from common.document.geometry import Box, union
from common.document.places import Places
from common.reading.tables.columns import Separator, white_separators
from common.reading.tables.phrases import Phrase, TextLine
from common.reading.tables.rules import Rules

_TOUCH: Final = 0.5  # in text heights: rules nearer than that meet
_WIDEST_BREAK: Final = 4.0  # in text heights, from line to line inside a table
_MOST_SINGLE: Final = 5  # lines with one phrase, one after the other, inside a table
_LONGEST_CAPTION: Final = 3  # lines
_FARTHEST_COLUMN: Final = 12  # in text heights, from the rules of a table to a column without any
_FARTHEST_RULE: Final = 5.5  # in text heights, from a table's first line to the rule above it
_MOST_WORDS: Final = 5  # on average in a column beside the rules


@dataclass(frozen=True, slots=True)
class Region:
    """``is_ruled``: with crossing rules."""

    bbox: Box
    is_ruled: bool


def ruled_regions(rules: Rules, height: float) -> list[Region]:
    """The boxes around rules that cross and enclose more than one cell; none inside another."""
    groups = _connected([*rules.horizontal, *rules.vertical], _TOUCH * height)
    boxes = [union(group) for group in groups if _encloses_cells(group, height)]
    return [Region(box, True) for box in boxes if not any(_contains(other, box) for other in boxes)]


def opened(region: Region, lines: Sequence[TextLine], height: float) -> Region:
    """The region with what stands beside most of its lines: a column without rules of its own."""
    box = region.bbox
    rows = [line for line in lines if box.y0 < line.middle < box.y1]
    reach = _FARTHEST_COLUMN * height
    before = [
        phrase
        for line in rows
        for phrase in [p for p in line.phrases if box.x0 - reach < p.bbox.x1 <= box.x0 + height / 2][-1:]
    ]
    after = [
        phrase
        for line in rows
        for phrase in [p for p in line.phrases if box.x1 - height / 2 <= p.bbox.x0 < box.x1 + reach][:1]
    ]
    beside = [side for side in (before, after) if _is_column(side, len(rows))]
    return Region(union([box, *(phrase.bbox for side in beside for phrase in side)]), region.is_ruled)


def stretched(region: Region, across: Sequence[Box], height: float) -> Region:
    """The region up and down to the long rules near it, which its first and last lines may have missed."""
    box = region.bbox
    reach = _FARTHEST_RULE * height
    long = [rule for rule in across if _is_as_wide(rule, box)]
    top = min((rule.y0 for rule in long if box.y0 - reach < rule.y0 < box.y0), default=box.y0)
    bottom = max((rule.y1 for rule in long if box.y1 < rule.y1 < box.y1 + height), default=box.y1)
    left = min((rule.x0 for rule in long if top <= rule.y0 <= bottom), default=box.x0)
    right = max((rule.x1 for rule in long if top <= rule.y0 <= bottom), default=box.x1)
    return Region(union([box, Box(left, top, right, bottom)]), region.is_ruled)


def aligned_regions(lines: Sequence[TextLine], height: float) -> list[Region]:
    """The boxes of :func:`aligned_runs`."""
    return [Region(union(line.bbox for line in run), False) for run in aligned_runs(lines, height)]


def aligned_runs(lines: Sequence[TextLine], height: float) -> Iterator[list[TextLine]]:
    """Lines that follow each other with gaps at the same places, two of them at least with a gap."""
    for run in _runs(lines, height):
        aligned = _without_caption(run, height)
        if sum(len(line.phrases) > 1 for line in aligned) >= 2:
            yield aligned


def _runs(lines: Sequence[TextLine], height: float) -> Iterator[list[TextLine]]:
    """Lines that follow each other closely, from one with several phrases to the next such one and on."""
    run: list[TextLine] = []
    for line in lines:
        if run and (line.bbox.y0 - run[-1].bbox.y1 > _WIDEST_BREAK * height or _is_over(run, line)):
            yield _trimmed(run)
            run = []
        if run or len(line.phrases) > 1:
            run.append(line)
    if run:
        yield _trimmed(run)


def _without_caption(run: list[TextLine], height: float) -> list[TextLine]:
    """Without first lines that hide the columns of the others, or run on into them from the first."""
    found = [
        white_separators(run[start:], height) for start in range(min(len(run) - 1, _LONGEST_CAPTION) + 1)
    ]
    start = max(range(len(found)), key=lambda index: (len(found[index]), -index))
    if not found[start]:
        return []
    run = run[start:]
    while len(run) > 1 and _is_caption(run[0], found[start]):
        run = run[1:]
    return run


def _is_caption(line: TextLine, columns: Sequence[Separator]) -> bool:
    if line.phrases[0].bbox.x0 > columns[0].at:
        return False
    crossed = any(phrase.bbox.x0 < each.at < phrase.bbox.x1 for phrase in line.phrases for each in columns)
    return crossed or len(line.phrases) == 1


def _is_over(run: Sequence[TextLine], line: TextLine) -> bool:
    """Too many lines in a row with one phrase; a wide one counts double."""
    singles = list(takewhile(lambda each: len(each.phrases) == 1, chain([line], reversed(run))))
    if 2 * len(singles) <= _MOST_SINGLE:
        return False
    width = max(each.bbox.x1 for each in run) - min(each.bbox.x0 for each in run)
    return sum(2 if 2 * (each.bbox.x1 - each.bbox.x0) > width else 1 for each in singles) > _MOST_SINGLE


def _trimmed(run: list[TextLine]) -> list[TextLine]:
    while len(run[-1].phrases) == 1:
        run = run[:-1]
    return run


def _is_column(phrases: Sequence[Phrase], row_count: int) -> bool:
    enough = len(phrases) >= max(3, 0.6 * row_count)
    return enough and statistics.mean(len(phrase.words) for phrase in phrases) <= _MOST_WORDS


def _is_as_wide(rule: Box, box: Box) -> bool:
    width = box.x1 - box.x0
    shared = min(rule.x1, box.x1) - max(rule.x0, box.x0)
    return shared >= 0.8 * width and rule.x1 - rule.x0 <= 1.6 * width


def _contains(outer: Box, inner: Box) -> bool:
    return outer != inner and (
        outer.x0 <= inner.x0 and outer.y0 <= inner.y0 and inner.x1 <= outer.x1 and inner.y1 <= outer.y1
    )


def _encloses_cells(rules: Sequence[Box], height: float) -> bool:
    """At least two rules in one direction, three in the other counted with it."""
    upright = [rule for rule in rules if rule.y1 - rule.y0 > rule.x1 - rule.x0]
    across = len(rules) - len(upright)
    box = union(rules)
    high_enough = box.y1 - box.y0 > 2 * height and box.x1 - box.x0 > 6 * height
    return high_enough and ((len(upright) >= 1 and across >= 2) or (len(upright) >= 2 and across >= 1))


def _connected(rules: Sequence[Box], slack: float) -> list[list[Box]]:
    """Groups of rules that meet, in the order of their last ones."""
    places = Places(rules)
    left = set(range(len(rules)))
    groups: list[list[int]] = []
    for last in reversed(range(len(rules))):
        if last not in left:
            continue
        left.remove(last)
        group = [last]
        for index in group:  # which grows
            near = left.intersection(places.near(rules[index], slack))
            meeting = [other for other in near if _meet(rules[index], rules[other], slack)]
            left.difference_update(meeting)
            group += meeting
        groups.append(group)
    return [[rules[index] for index in group] for group in reversed(groups) if len(group) > 1]


def _meet(one: Box, other: Box, slack: float) -> bool:
    return (
        one.x0 - slack <= other.x1
        and other.x0 - slack <= one.x1
        and one.y0 - slack <= other.y1
        and other.y0 - slack <= one.y1
    )
