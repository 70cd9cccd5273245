"""A table in GitHub Flavored Markdown (https://github.github.com/gfm/#tables-extension-)."""

import re
from collections.abc import Sequence
from typing import Final

from common.document.page import Table
from common.document.table_grid import table_rows

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|])")
_BLANKS: Final = re.compile(r"\s+")


def table_markdown(table: Table) -> str:
    """The first row is the head, as GFM has no tables without one; spans leave blank cells.

    "" for a table without cells.
    """
    rows = table_rows(table)
    if not rows:
        return ""
    head, *body = rows
    return "\n".join([_row(head), "|" + " --- |" * len(head), *map(_row, body)])


def _row(texts: Sequence[str]) -> str:
    return "|" + "".join(f" {_escaped(text)} |" if text else "  |" for text in texts)


def _escaped(text: str) -> str:
    return _BLANKS.sub(" ", _SPECIAL.sub(r"\\\1", text)).strip()
