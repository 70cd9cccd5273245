"""A table as comma-separated values (RFC 4180)."""

import csv
import io

from common.document.page import Table
from common.document.table_grid import table_rows


def table_csv(table: Table) -> str:
    """A line for each row, ended by CR LF; texts are quoted where they must be; spans leave blank fields."""
    text = io.StringIO()
    csv.writer(text).writerows(table_rows(table))
    return text.getvalue()
