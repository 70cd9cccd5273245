"""Tables from the words of a page and the rules drawn on it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from PIL import Image

from common.document.geometry import Box, union
from common.document.page import Table, Word
from workers.ocr_cpu.tables.columns import Separator, drawn_separators, white_separators
from workers.ocr_cpu.tables.grid import Band, table_of
from workers.ocr_cpu.tables.phrases import TextLine, text_height, text_lines
from workers.ocr_cpu.tables.regions import Region, aligned_regions, ruled_regions
from workers.ocr_cpu.tables.rows import column_cores, placed, rows_of
from workers.ocr_cpu.tables.rules import NO_RULES, Rules, rules_in, without_ink


def find_tables(
    words: Sequence[Word],
    page_size: tuple[int, int],
    *,
    image: Callable[[], Image.Image] | None = None,
    seek: bool = False,
) -> tuple[Table, ...]:
    height = text_height(words)
    if not height:
        return ()
    rules = without_ink(rules_in(image(), page_size, height), words, height) if image is not None else NO_RULES
    tables = []
    left = list(words)
    for region in ruled_regions(rules, height):
        inside = [word for word in left if _holds(region.bbox, word, height)]
        table = _table(inside, region, rules, height)
        if table is not None:
            tables.append(table)
            left = [word for word in left if word not in inside]
    lines = text_lines(left, height, rules.vertical)
    for region in aligned_regions(lines, height):
        inside = [word for word in left if _holds(region.bbox, word, height)]
        table = _table(inside, region, rules, height)
        if table is not None:
            tables.append(table)
    return tuple(sorted(tables, key=lambda table: (table.bbox.y0, table.bbox.x0)))


def _table(words: Sequence[Word], region: Region, rules: Rules, height: float) -> Table | None:
    if len(words) < 4:
        return None
    box = union([region.bbox, *(word.bbox for word in words)])
    verticals = [rule for rule in rules.vertical if _overlaps(rule, box)]
    horizontals = [rule for rule in rules.horizontal if _overlaps(rule, box)]
    lines = text_lines(words, height, verticals)
    columns = _columns(lines, verticals, box, height)
    if not columns:
        return None
    cores = column_cores(lines, columns)
    inner = [
        each
        for each in drawn_separators(horizontals, height, upright=False)
        if box.y0 + height / 2 < each.at < box.y1 - height / 2
    ]
    edges = [_edge(box.y0, horizontals, height), *inner, _edge(box.y1, horizontals, height)]
    bands = [
        [placed(line, columns, cores) for line in _between(words, above.at, below.at, height, verticals)]
        for above, below in zip(edges, edges[1:])
    ]
    rows = rows_of(bands, len(columns) + 1, height)
    return table_of(
        [Band(a, b, tuple(r)) for a, b, r in zip(edges, edges[1:], rows) if r], columns, box
    )


def _edge(at: int, horizontals, height) -> Separator:
    for each in drawn_separators(horizontals, height, upright=False):
        if abs(each.at - at) <= height / 2:
            return each
    return Separator(at)


def _between(words, y0, y1, height, verticals) -> tuple[TextLine, ...]:
    return text_lines([w for w in words if y0 <= (w.bbox.y0 + w.bbox.y1) / 2 < y1], height, verticals)


def _columns(lines, verticals, box, height) -> list[Separator]:
    drawn = [
        each
        for each in drawn_separators(verticals, height, upright=True)
        if box.x0 + height / 2 < each.at < box.x1 - height / 2
    ]
    white = white_separators(lines, height)
    white = [w for w in white if not any(abs(w.at - d.at) < 1.5 * height for d in drawn)]
    white = [w for w in white if not _a_rule_is_in_gap(w, drawn, lines)]
    return sorted([*drawn, *white], key=lambda e: e.at)


def _a_rule_is_in_gap(w, drawn, lines):
    """Between this gap and a rule there is no text."""
    for d in drawn:
        a, b = sorted((w.at, d.at))
        if not any(a <= (p.bbox.x0 + p.bbox.x1) / 2 <= b for line in lines for p in line.phrases):
            return True
    return False


def _overlaps(rule: Box, box: Box) -> bool:
    return rule.x0 <= box.x1 and box.x0 <= rule.x1 and rule.y0 <= box.y1 and box.y0 <= rule.y1


def _holds(box: Box, word: Word, height: float) -> bool:
    x, y = (word.bbox.x0 + word.bbox.x1) / 2, (word.bbox.y0 + word.bbox.y1) / 2
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1
