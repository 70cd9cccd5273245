"""The documents that a child has read: kept for a while, since questions follow each other."""

import time
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from common.document.page import Page
from common.document.text import page_text
from common.document.transcript import read_pages
from workers.chat.document_file import DocumentFile
from workers.chat.extractive.index import DocumentIndex
from workers.chat.passages import passages_of

_MOST_KEPT: Final = 4
_MOST_PAGES_KEPT: Final = 2500  # of all of them: some 150 kB each
_KEPT_S: Final = 120.0  # after the last question


class ReadDocument:
    """``pages`` by their number in the source file, from 1: None for what was not read, or not asked for."""

    def __init__(self, pages: Sequence[Page | None]) -> None:
        self.pages: Final = pages

    @classmethod
    def of(cls, file: DocumentFile) -> "ReadDocument":
        read = list(read_pages(file.words, file.words_bytes))
        pages: list[Page | None] = [None] * max((page.source_page + 1 for page in read), default=0)
        for page in read:
            pages[page.source_page] = page.page
        return cls(pages)

    @cached_property
    def texts(self) -> dict[int, str]:
        """By page number, without the pages that have none."""
        texts = {number: page_text(page) for number, page in enumerate(self.pages, 1) if page is not None}
        return {number: text for number, text in texts.items() if text.strip()}

    @cached_property
    def index(self) -> DocumentIndex:
        return DocumentIndex(passages_of(self.pages))


class ReadDocuments:
    """The last few of them; those that were asked about longest ago are forgotten first."""

    def __init__(self) -> None:
        self._known: dict[str, ReadDocument] = {}
        self._asked_at: dict[str, float] = {}

    def get(self, file: DocumentFile) -> ReadDocument:
        document = self._known.pop(file.key, None) or ReadDocument.of(file)
        self._known[file.key] = document
        self._asked_at[file.key] = time.monotonic()
        while len(self._known) > 1 and self._is_too_much():
            self._forget(next(iter(self._known)))
        return document

    def forget_unused(self) -> None:
        """Those that nobody has asked about lately: they may be deleted by now."""
        before = time.monotonic() - _KEPT_S
        for key in [key for key, asked_at in self._asked_at.items() if asked_at < before]:
            self._forget(key)

    def _forget(self, key: str) -> None:
        del self._known[key], self._asked_at[key]

    def _is_too_much(self) -> bool:
        pages = sum(len(document.pages) for document in self._known.values())
        return len(self._known) > _MOST_KEPT or pages > _MOST_PAGES_KEPT
