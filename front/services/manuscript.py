"""The pages of a document, written one after the other: as the API shows them, and with all their words."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

import orjson

from common.document.json_view import View, failed_page_view, page_view, with_lines
from common.document.page import Page
from common.document.text import PAGE_BREAK, words
from common.domain.job import Job
from common.domain.job_parts import Transcript
from common.errors import PageError, sentence

MARKDOWN_BREAK = "\n\n"


class Manuscript:
    """Writes a transcript (see ``Transcript``) and, where there is an ``overview``, the JSON object
    ``{"pages": […], "text": …, "markdown": …`` without its closing brace; and keeps the counts that sum
    them up.

    Pages are added in order; only their text and Markdown stay in memory until ``close``.
    """

    def __init__(self, job: Job, words_file: IO[bytes], overview: IO[bytes] | None = None) -> None:
        self._job = job
        self._overview = overview
        self._words = words_file
        self._text: list[str] = []
        self._markdown: list[str] = []
        self._languages = Counter[str]()
        self._characters = 0
        self._certainty = 0.0
        self._write(b'{"pages":[')

    def add(self, indexes: Sequence[int], found: Mapping[int, Page]) -> None:
        """Write the pages ``indexes``; those not ``found`` are the failed ones."""
        for index in indexes:
            page = None if index in self._job.failures else found.get(index)
            view = self._failed(index) if page is None else self._view(index, page)
            full = view if page is None else with_lines(view, page)
            self._write((b"," if index else b"") + orjson.dumps(view))
            self._words.write(orjson.dumps(full) + b"\n")
            self._text.append(view["text"])
            self._markdown.append(view["markdown"])
            if page is not None:
                self._count(page)

    def close(self, words_key: str) -> Transcript:
        """Write what stands behind the pages; ``words_key`` is where the words' file will lie."""
        self._write(b'],"text":' + orjson.dumps(self.text))
        self._write(b',"markdown":' + orjson.dumps(self.markdown))
        transcript = Transcript(
            words_key=words_key,
            words_bytes=self._words.tell(),
            text_bytes=self._words.write(self.text.encode()),
            markdown_bytes=self._words.write(self.markdown.encode()),
        )
        self._words.write(MARKDOWN_BREAK.join(self._marked_pages()).encode())
        return transcript

    @property
    def text(self) -> str:
        return PAGE_BREAK.join(self._text)

    @property
    def markdown(self) -> str:
        return MARKDOWN_BREAK.join(filter(None, self._markdown))

    @property
    def mean_confidence(self) -> float | None:
        """Of all words, weighted by their characters; None without words."""
        return round(self._certainty / self._characters, 4) if self._characters else None

    @property
    def detected_languages(self) -> tuple[str, ...]:
        """Those of the pages, the most frequent first."""
        return tuple(language for language, _ in self._languages.most_common())

    def _marked_pages(self) -> Iterator[str]:
        """The Markdown of each page; before all but the first a comment with its number in the file."""
        for index, markdown in enumerate(self._markdown):
            if index:
                yield f"<!-- page {self._job.source_pages[index] + 1} -->"
            if markdown:
                yield markdown

    def _write(self, part: bytes) -> None:
        if self._overview is not None:
            self._overview.write(part)

    def _count(self, page: Page) -> None:
        self._languages.update(page.detected_languages)
        for word in words(page.blocks):
            self._characters += len(word.text)
            self._certainty += len(word.text) * word.confidence

    def _view(self, index: int, page: Page) -> View:
        source_page = self._job.source_pages[index] + 1
        return page_view(page, index=index, source_page=source_page)

    def _failed(self, index: int) -> View:
        code = self._job.failures.get(index, PageError.code)
        source_page = self._job.source_pages[index] + 1
        return failed_page_view(index=index, source_page=source_page, code=code, message=sentence(code))
