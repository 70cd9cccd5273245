"""Tables with cells merged across and down."""

from statistics import median
from typing import Final

from common.document.page import Table
from workers.export.formats.word.markup import Element, element
from workers.export.formats.word.paragraphs import Writing, paragraph
from workers.export.formats.word.table_places import Place, table_places, table_size

_STYLE: Final = "TableGrid"
_MOST_COLUMNS: Final = 63  # more than that Word does not open
_MOST_ROWS: Final = 32_767
# Twips, in the document's 11 points: what a letter takes, and the margins of a cell.
_LETTER: Final = 140
_CELL_MARGINS: Final = 216
_LONGEST_WORD: Final = 20  # letters; longer ones are broken


def table_element(table: Table, writing: Writing, *, twips_per_pixel: float, widest: int) -> Element | None:
    """None for a table that Word cannot hold; ``widest`` is in twips."""
    rows, columns = table_size(table)
    if not 0 < columns <= _MOST_COLUMNS or rows > _MOST_ROWS:
        return None
    widths = _widths(table, columns, twips_per_pixel, widest)
    return element(
        "tbl",
        element(
            "tblPr",
            element("tblStyle", val=_STYLE),
            element("bidiVisual") if writing.is_right_to_left else None,
            element("tblW", w=sum(widths), type="dxa"),
        ),
        element("tblGrid", *(element("gridCol", w=width) for width in widths)),
        *(
            element("tr", *(_cell(place, row, widths, writing) for place in places))
            for row, places in enumerate(table_places(table))
        ),
    )


def _cell(place: Place, row: int, widths: list[int], writing: Writing) -> Element:
    is_first = row == place.row
    width = sum(widths[place.column : place.column + place.column_span])
    properties = element(
        "tcPr",
        element("tcW", w=width, type="dxa"),
        element("gridSpan", val=place.column_span) if place.column_span > 1 else None,
        element("vMerge", val="restart" if is_first else "continue") if place.row_span > 1 else None,
    )
    text = "\n".join(filter(None, place.texts)) if is_first else ""
    return element("tc", properties, paragraph(text, writing))


def _widths(table: Table, columns: int, twips_per_pixel: float, widest: int) -> list[int]:
    """As on the page but wide enough for the longest words; together no wider than text may be."""
    average = max(1.0, (table.bbox.x1 - table.bbox.x0) / columns)
    seen: list[list[float]] = [[] for _ in range(columns)]
    least = [_CELL_MARGINS] * columns
    for cell in table.cells:
        if cell.column_span == 1:
            seen[cell.column].append(cell.bbox.x1 - cell.bbox.x0)
            least[cell.column] = max(least[cell.column], _CELL_MARGINS + _LETTER * _longest_word(cell.text))
    wanted = [
        max(narrowest, (median(widths) if widths else average) * twips_per_pixel)
        for widths, narrowest in zip(seen, least, strict=True)
    ]
    scale = min(1.0, widest / sum(wanted))
    return [max(1, round(width * scale)) for width in wanted]


def _longest_word(text: str) -> int:
    return min(_LONGEST_WORD, max(map(len, text.split()), default=0))
