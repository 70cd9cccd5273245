"""A table as comma-separated values (RFC 4180)."""

import csv
import io

from common.document.formula_cells import harmless_row
from common.document.page import Table
from common.document.table_grid import table_rows


def table_csv(table: Table) -> str:
    """A line for each row, ended by CR LF; texts are quoted where they must be; spans leave blank fields.

    What a spreadsheet would take for a formula is made plain text.
    """
    text = io.StringIO()
    csv.writer(text).writerows(map(harmless_row, table_rows(table)))
    return text.getvalue()
