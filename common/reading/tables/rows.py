"""Which text lines make a row of a table together."""

from collections.abc import Sequence
from typing import Final

from common.reading.tables.heads import head_length, head_rows
from common.reading.tables.phrases import Phrase
from common.reading.tables.placement import PlacedLine, Row, has_values, is_value, value_columns

_TIGHT: Final = 2.2  # in text heights, from middle to middle: lines of one cell
_FEW_BANDS: Final = 3
_OPEN_ENDS: Final = "/-,&("


def rows_of(bands: Sequence[Sequence[PlacedLine]], column_count: int, height: float) -> list[list[Row]]:
    """The rows of each band; bands are parted by rules."""
    lines = [line for band in bands for line in band]
    filled = [band for band in bands if band]
    by_rules = len(filled) > _FEW_BANDS or 2 * len(filled) > len(lines)
    values = value_columns(lines, column_count)
    rows: list[list[Row]] = []
    in_head = True
    for band in bands:
        heads = 0
        if in_head and band:
            is_last = band is filled[-1]
            heads = head_length(band, values, column_count, is_first=band is filled[0], is_last=is_last)
            in_head = heads == len(band)
        if len(band) < 2 or (by_rules and not _stacks_values(band, values)):
            rows.append([Row(tuple(band), is_head=heads == len(band))] if band else [])
        elif len(filled) >= _FEW_BANDS and not heads and _is_label_set_apart(band, values):
            rows.append(_rows_beside_label(band))
        else:
            rows.append([*head_rows(band[:heads]), *_body_rows(band[heads:], values, height)])
    return rows


def _is_label_set_apart(band: Sequence[PlacedLine], values: frozenset[int]) -> bool:
    """Whether the first column is one label in the middle of the band, beside all of its rows."""
    rows = [line for line in band if line.columns & values]
    labelled = [line for line in rows if 0 in line.columns]
    return (
        0 not in values and len(rows) > 1 and 0 not in rows[0].columns and 3 * len(labelled) <= 2 * len(rows)
    )


def _rows_beside_label(band: Sequence[PlacedLine]) -> list[Row]:
    """A row for each line with more than the label; the label's lines between them go to the row above."""
    rows: list[list[PlacedLine]] = []
    for line in band:
        if rows and (line.columns == {0} or all(each.columns == {0} for each in rows[-1])):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [Row(tuple(row), frozenset({0}) if index else frozenset()) for index, row in enumerate(rows)]


def _stacks_values(band: Sequence[PlacedLine], values: frozenset[int]) -> bool:
    """Whether a band has values one below the other, so that its lines must be rows."""
    found: dict[int, int] = {}
    for line in band:
        for cell in line.cells:
            if cell.start in values and cell.end == cell.start + 1 and is_value(cell.phrase.text):
                found[cell.start] = found.get(cell.start, 0) + 1
    beside = sum(line.columns != {0} for line in band)
    return any(count > 1 and 2 * count > beside for count in found.values())


def _body_rows(lines: Sequence[PlacedLine], values: frozenset[int], height: float) -> list[Row]:
    rows: list[list[PlacedLine]] = []
    for line in lines:
        if rows and _continues(rows[-1], line, values, height):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [Row(tuple(row)) for row in rows]


def _continues(row: Sequence[PlacedLine], line: PlacedLine, values: frozenset[int], height: float) -> bool:
    """Whether the line carries on texts of the row above it."""
    if line.middle - row[-1].middle > _TIGHT * height:
        return False
    columns = line.columns
    above = frozenset().union(*(each.columns for each in row))
    if has_values(line, values):
        return _is_label_only(row, values) and _carries_on(row[-1], line, height)
    if 0 not in columns:
        return columns <= above
    return columns == {0} and _carries_on(row[-1], line, height, hangs=not _is_label_only(row, values))


def _carries_on(before: PlacedLine, line: PlacedLine, height: float, *, hangs: bool = False) -> bool:
    """Whether the label of a line goes on in the next one; ``hangs``: an indent tells so, too."""
    first, second = _label(before), _label(line)
    if first is None or second is None:
        return False
    if second.text[:1].islower() or first.text[-1:] in _OPEN_ENDS:
        return True
    return hangs and second.bbox.x0 - first.bbox.x0 > height / 4


def _label(line: PlacedLine) -> Phrase | None:
    return next((cell.phrase for cell in line.cells if cell.start == 0), None)


def _is_label_only(row: Sequence[PlacedLine], values: frozenset[int]) -> bool:
    return all(line.columns == {0} for line in row) and 0 not in values
