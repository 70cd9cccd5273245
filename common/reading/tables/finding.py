"""Tables from the words of a page and the rules drawn on it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from PIL import Image, ImageOps

from common.document.direction import is_right_to_left
from common.document.geometry import Box, has_centre_of, union
from common.document.page import Table, Word
from common.reading.tables.columns import Separator, drawn_separators, separators
from common.reading.tables.grid import Band, table_of
from common.reading.tables.heads import spread
from common.reading.tables.phrases import Scale, TextLine, scale_of, text_lines
from common.reading.tables.placement import PlacedLine, column_cores, placed
from common.reading.tables.plausibility import Draft, is_table, prose_spans
from common.reading.tables.regions import Region, aligned_regions, opened, ruled_regions, stretched
from common.reading.tables.rows import rows_of
from common.reading.tables.rules import NO_RULES, Rules, rules_in, without_ink, without_read_rules
from common.reading.tables.suspicion import looks_tabular

_FEWEST_WORDS: Final = 4
_MOST_SPLITS: Final = 3


def find_tables(
    words: Iterable[Word],
    page_size: tuple[int, int],
    *,
    image: Callable[[], Image.Image] | None = None,
    seek: bool = False,
) -> tuple[Table, ...]:
    """The page's tables from top to bottom; boxes in page pixels, as those of ``words``.

    ``page_size`` is width and height. ``image`` is asked for at most once, on a page whose words look
    as if they stood in columns: the upright page in any size, for the rules drawn on it. Columns are
    counted from the right on a page of Arabic or Hebrew.

    ``seek``: look at any page, and take for a table what is only perhaps one: a form, a receipt, a
    table of contents.
    """
    known = list(words)
    if not is_right_to_left(word.text for word in known):
        return _found(known, page_size, image, seek, leftward=False)
    width = page_size[0]
    mirrored = [replace(word, bbox=_mirrored(word.bbox, width)) for word in known]
    mirror_image = None if image is None else lambda: ImageOps.mirror(image())
    return tuple(
        _mirrored_table(table, width)
        for table in _found(mirrored, page_size, mirror_image, seek, leftward=True)
    )


def _found(
    words: Sequence[Word],
    page_size: tuple[int, int],
    image: Callable[[], Image.Image] | None,
    seek: bool,
    *,
    leftward: bool,
) -> tuple[Table, ...]:
    scale = scale_of(words, leftward=leftward)
    height = scale.height
    if not height or not (seek or looks_tabular(text_lines(words, scale), height)):
        return ()
    rules = NO_RULES
    if image is not None:
        rules = without_ink(rules_in(image(), page_size, height), words, height)
        words = without_read_rules(words, rules)
    found = list(_Search(rules, scale, seek).tables(words))
    return tuple(sorted(found, key=lambda table: (table.bbox.y0, table.bbox.x0)))


def _mirrored_table(table: Table, width: int) -> Table:
    cells = tuple(replace(cell, bbox=_mirrored(cell.bbox, width)) for cell in table.cells)
    return Table(_mirrored(table.bbox, width), cells)


def _mirrored(box: Box, width: int) -> Box:
    return Box(width - box.x1, box.y0, width - box.x0, box.y1)


class _Search:
    """What stays the same for one page."""

    def __init__(self, rules: Rules, scale: Scale, seek: bool) -> None:
        self._rules = rules
        self._scale = scale
        self._height = scale.height
        self._seek = seek

    def tables(self, words: Sequence[Word]) -> Iterator[Table]:
        left = list(words)
        lines = text_lines(words, self._scale, self._rules.vertical)
        for region in ruled_regions(self._rules, self._height):
            region = opened(region, lines, self._height)
            draft = self._draft(_inside(region.bbox, left), region)
            if draft is not None and is_table(draft, self._seek):
                yield _table(draft)
                left = [word for word in left if not has_centre_of(region.bbox, word.bbox)]
        yield from self._aligned(left, _MOST_SPLITS)

    def _aligned(self, words: Sequence[Word], splits: int) -> Iterator[Table]:
        """Tables without crossing rules; where a column is prose, what is beside it is looked at alone."""
        lines = text_lines(words, self._scale, self._rules.vertical)
        for region in aligned_regions(lines, self._height):
            region = stretched(region, self._rules.horizontal, self._height)
            inside = _inside(region.bbox, words)
            draft = self._draft(inside, region)
            if draft is None:
                continue
            prose = prose_spans(draft)
            if prose and splits:
                for side in _sides(inside, prose):
                    yield from self._aligned(side, splits - 1)
            elif is_table(draft, self._seek):
                yield _table(draft)

    def _draft(self, words: Sequence[Word], region: Region) -> Draft | None:
        """None where there are too few words, or only one column."""
        if len(words) < _FEWEST_WORDS:
            return None
        box = union([region.bbox, *(word.bbox for word in words)])
        upright = [rule for rule in self._rules.vertical if _overlap(rule, box)]
        across = [rule for rule in self._rules.horizontal if _overlap(rule, box)]
        lines = text_lines(words, self._scale, upright)
        columns = separators(lines, upright, box, self._height)
        if not columns:
            return None
        cores = column_cores(lines, columns)
        edges = _edges(across, box, self._height)
        bands = [
            [
                spread(placed(line, columns, cores), across, cores, self._height)
                for line in self._between(words, above.at, below.at, upright)
            ]
            for above, below in pairwise(edges)
        ]
        return Draft(
            Region(box, region.is_ruled), columns, self._bands(bands, edges, len(columns) + 1), across
        )

    def _between(self, words: Sequence[Word], y0: float, y1: float, upright: Sequence[Box]) -> list[TextLine]:
        inside = [word for word in words if y0 <= (word.bbox.y0 + word.bbox.y1) / 2 < y1]
        return list(text_lines(inside, self._scale, upright))

    def _bands(
        self, lines: Sequence[Sequence[PlacedLine]], edges: Sequence[Separator], columns: int
    ) -> list[Band]:
        """Those with text."""
        rows = rows_of(lines, columns, self._height)
        return [
            Band(above, below, tuple(of_band))
            for (above, below), of_band in zip(pairwise(edges), rows, strict=True)
            if of_band
        ]


def _table(draft: Draft) -> Table:
    return table_of(draft.bands, draft.columns, draft.region.bbox)


def _edges(across: Sequence[Box], box: Box, height: float) -> list[Separator]:
    """The separators between rows that are drawn, with the top and bottom of the box, drawn or not."""
    drawn = drawn_separators(across, height, upright=False)
    slack = height / 2
    inner = [each for each in drawn if box.y0 + slack < each.at < box.y1 - slack]
    top = next((each for each in drawn if abs(each.at - box.y0) <= slack), Separator(box.y0))
    bottom = next((each for each in reversed(drawn) if abs(each.at - box.y1) <= slack), Separator(box.y1))
    return [Separator(box.y0, top.drawn), *inner, Separator(box.y1, bottom.drawn)]


def _sides(words: Sequence[Word], prose: Sequence[tuple[int, int]]) -> Iterator[list[Word]]:
    """The words in and between spans of prose, each for itself."""
    cuts = sorted(edge for span in prose for edge in span)
    for left, right in pairwise([float("-inf"), *cuts, float("inf")]):
        yield [word for word in words if left <= (word.bbox.x0 + word.bbox.x1) / 2 < right]


def _inside(box: Box, words: Iterable[Word]) -> list[Word]:
    return [word for word in words if has_centre_of(box, word.bbox)]


def _overlap(rule: Box, box: Box) -> bool:
    return rule.x0 <= box.x1 and box.x0 <= rule.x1 and rule.y0 <= box.y1 and box.y0 <= rule.y1
