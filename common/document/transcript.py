"""A finished document's pages, as they come back from the blob of its words."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from common.document.json_page import page_of
from common.document.page import Page


@dataclass(frozen=True, slots=True)
class TranscriptPage:
    """``index`` counts the job's pages and ``source_page`` those of the source file, both from 0.

    A page that could not be read has no ``page``, and ``error`` says why, in a sentence.
    """

    index: int
    source_page: int
    page: Page | None
    error: str | None = None


def read_pages(words_file: Path, words_bytes: int) -> Iterator[TranscriptPage]:
    """The pages of a job's words (one JSON object a line in the first ``words_bytes``), one at a time."""
    with words_file.open("rb") as lines:
        while lines.tell() < words_bytes:
            yield _page(orjson.loads(lines.readline()))


def _page(view: dict[str, object]) -> TranscriptPage:
    index, source_page, error = view["index"], view["source_page"], view["error"]
    assert isinstance(index, int) and isinstance(source_page, int)
    if error is None:
        return TranscriptPage(index, source_page - 1, page_of(view))
    assert isinstance(error, dict)
    return TranscriptPage(index, source_page - 1, None, str(error["message"]))
