"""The rows of a table that name its columns, which Word repeats where the table goes on."""

import re
from collections.abc import Sequence
from typing import Final

from workers.export.formats.word.table_places import Place

_MOST_ROWS: Final = 5  # Word repeats none of a head that takes a page
_NUMBER: Final = re.compile(r"[\W\d_]*\d[\W\d_]*")
_YEAR: Final = re.compile(r"(?:1[89]|20)\d\d\W?")


def head_rows(rows: Sequence[Sequence[Place]]) -> int:
    """How many of the first rows are the head: the first, and those that its cells reach down into.

    None where it holds numbers other than years: it is a row like the others, as of a table that
    began on the page before.
    """
    first = rows[0]
    texts = [text.strip() for place in first for text in place.texts]
    if not any(texts) or any(_NUMBER.fullmatch(text) and not _YEAR.fullmatch(text) for text in texts):
        return 0
    count = max(place.row_span for place in first)
    return count if count < len(rows) and count <= _MOST_ROWS else 0
