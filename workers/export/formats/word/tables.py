"""Tables with cells merged across and down, whose head is repeated where they go on on new paper."""

from collections.abc import Sequence
from typing import Final

from common.document.page import Table
from workers.export.formats.word.markup import Element, element
from workers.export.formats.word.paragraphs import Writing, paragraph
from workers.export.formats.word.table_columns import Columns, fitted_columns
from workers.export.formats.word.table_head import head_rows
from workers.export.formats.word.table_places import Place, table_places, table_size

_STYLE: Final = "TableGrid"
_MOST_COLUMNS: Final = 63  # more than that Word does not open
_MOST_ROWS: Final = 32_767
_WHOLE_ROW: Final = 400  # letters in a cell; a row with more of them may be cut at the end of the paper


def table_element(table: Table, writing: Writing, *, twips_per_pixel: float, widest: int) -> Element | None:
    """None for a table that Word cannot hold; ``widest`` is in twips."""
    height, count = table_size(table)
    if not 0 < count <= _MOST_COLUMNS or height > _MOST_ROWS:
        return None
    columns = fitted_columns(table, count, twips_per_pixel=twips_per_pixel, widest=widest)
    rows = table_places(table)
    head = head_rows(rows)
    return element(
        "tbl",
        element(
            "tblPr",
            element("tblStyle", val=_STYLE),
            element("bidiVisual") if writing.is_right_to_left else None,
            element("tblW", w=sum(columns.widths), type="dxa"),
            _margins(columns.style.margin),
        ),
        element("tblGrid", *(element("gridCol", w=width) for width in columns.widths)),
        *(_row(places, row, columns, writing, is_head=row < head) for row, places in enumerate(rows)),
    )


def _margins(twips: int) -> Element:
    sides = (element(side, w=twips, type="dxa") for side in ("left", "right"))
    return element("tblCellMar", *sides)


def _row(places: Sequence[Place], row: int, columns: Columns, writing: Writing, *, is_head: bool) -> Element:
    is_whole = all(len(text) <= _WHOLE_ROW for place in places for text in place.texts)
    properties = element(
        "trPr",
        element("cantSplit") if is_whole else None,
        element("tblHeader") if is_head else None,
    )
    cells = (_cell(place, row, columns, writing) for place in places)
    return element("tr", properties if len(properties) else None, *cells)


def _cell(place: Place, row: int, columns: Columns, writing: Writing) -> Element:
    is_first = row == place.row
    width = sum(columns.widths[place.column : place.column + place.column_span])
    properties = element(
        "tcPr",
        element("tcW", w=width, type="dxa"),
        element("gridSpan", val=place.column_span) if place.column_span > 1 else None,
        element("vMerge", val="restart" if is_first else "continue") if place.row_span > 1 else None,
    )
    text = "\n".join(filter(None, place.texts)) if is_first else ""
    return element("tc", properties, paragraph(text, writing, style=columns.style.identifier))
