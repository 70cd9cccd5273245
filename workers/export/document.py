"""What every format is made of: the pages of a finished document, in order, and what it is called."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from common.document.json_page import page_of
from common.document.page import Page


@dataclass(frozen=True, slots=True)
class About:
    """``title`` is the file's name without its ending; ``languages`` are BCP-47, the most frequent first."""

    title: str
    languages: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ExportPage:
    """``index`` counts the job's pages and ``source_page`` those of the source file, both from 0.

    A page that could not be read has no ``page``, and ``error`` says why, in a sentence.
    """

    index: int
    source_page: int
    page: Page | None
    error: str | None = None


def read_pages(words_file: Path, words_bytes: int) -> Iterator[ExportPage]:
    """The pages of a job's words (one JSON object a line in the first ``words_bytes``), one at a time."""
    with words_file.open("rb") as lines:
        while lines.tell() < words_bytes:
            yield _page(orjson.loads(lines.readline()))


def _page(view: dict[str, object]) -> ExportPage:
    index, source_page, error = view["index"], view["source_page"], view["error"]
    assert isinstance(index, int) and isinstance(source_page, int)
    if error is None:
        return ExportPage(index, source_page - 1, page_of(view))
    assert isinstance(error, dict)
    return ExportPage(index, source_page - 1, None, str(error["message"]))
