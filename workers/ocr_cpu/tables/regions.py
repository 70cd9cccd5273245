"""Where on a page tables may be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from common.document.geometry import Box, union
from workers.ocr_cpu.tables.phrases import TextLine
from workers.ocr_cpu.tables.rules import Rules

_TOUCH: Final = 0.5  # in text heights: rules nearer than that meet
_WIDEST_BREAK: Final = 3.2  # in text heights, from line to line inside a table
_MOST_SINGLE: Final = 2  # lines with one phrase, one after the other, inside a table


@dataclass(frozen=True, slots=True)
class Region:
    """``is_ruled``: with crossing rules."""

    bbox: Box
    is_ruled: bool


def ruled_regions(rules: Rules, height: float) -> list[Region]:
    """The boxes around rules that cross and enclose more than one cell."""
    groups = _connected([*rules.horizontal, *rules.vertical], _TOUCH * height)
    return [Region(union(group), True) for group in groups if _encloses_cells(group, height)]


def aligned_regions(lines: Sequence[TextLine], height: float) -> list[Region]:
    """Runs of lines most of which have several phrases."""
    return [
        Region(union(line.bbox for line in run), False)
        for run in _runs(lines, height)
        if sum(len(line.phrases) > 1 for line in run) >= 2
    ]


def _runs(lines: Sequence[TextLine], height: float) -> Iterable[list[TextLine]]:
    run: list[TextLine] = []
    singles: list[TextLine] = []
    for line in lines:
        last = singles[-1] if singles else run[-1] if run else None
        if last is not None and line.bbox.y0 - last.bbox.y1 > _WIDEST_BREAK * height:
            yield run
            run, singles = [], []
        if len(line.phrases) > 1:
            run += [*singles, line] if run else [line]
            singles = []
        elif run:
            singles.append(line)
            if len(singles) > _MOST_SINGLE:
                yield run
                run, singles = [], []
    if run:
        yield run


def _encloses_cells(rules: Sequence[Box], height: float) -> bool:
    """At least two rules in one direction, three in the other counted with it."""
    upright = [rule for rule in rules if rule.y1 - rule.y0 > rule.x1 - rule.x0]
    across = len(rules) - len(upright)
    box = union(rules)
    high_enough = box.y1 - box.y0 > 2 * height and box.x1 - box.x0 > 6 * height
    return high_enough and ((len(upright) >= 1 and across >= 2) or (len(upright) >= 2 and across >= 1))


def _connected(rules: Sequence[Box], slack: float) -> list[list[Box]]:
    groups: list[list[Box]] = []
    for rule in rules:
        touching = [group for group in groups if any(_meet(rule, other, slack) for other in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([rule, *(other for group in touching for other in group)])
    return [group for group in groups if len(group) > 1]


def _meet(one: Box, other: Box, slack: float) -> bool:
    return (
        one.x0 - slack <= other.x1
        and other.x0 - slack <= one.x1
        and one.y0 - slack <= other.y1
        and other.y0 - slack <= one.y1
    )
