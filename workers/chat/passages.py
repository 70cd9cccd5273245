"""A document's pages as passages: what can be found, quoted and shown on its page."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from common.document.geometry import Box
from common.document.line_breaks import LineBreaks
from common.document.page import Block, Line, Page, Role
from workers.chat.labels import labels
from workers.chat.plain_text import PlainText, Span
from workers.chat.sentences import sentences
from workers.chat.stretches import stretches
from workers.chat.table_readings import RowReading, row_readings

_UNKNOWN_LANGUAGE: Final = "en"
_LONGEST_LABEL: Final = 60  # characters
_LONGEST_HEADING: Final = 300
_LONGEST_ROW: Final = 1000


class Kind(StrEnum):
    SENTENCE = "sentence"
    HEADING = "heading"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Passage:
    """``text`` is verbatim (see ``plain_text``), ``bbox`` around its words. ``page`` is 1-based.

    ``label`` stands beside or above it and says what it is ("Total due"), ``heading`` is the one that it is
    under, ``reading`` what a table's row says with the headers of its columns.
    ``language`` is a BCP-47 code. ``block`` counts the page's blocks: passages of one are neighbours.
    """

    page: int
    block: int
    text: str
    bbox: Box
    language: str
    kind: Kind = Kind.SENTENCE
    label: str = ""
    heading: str = ""
    reading: str = ""


def passages_of(pages: Iterable[Page | None], *, first: int = 1) -> Iterator[Passage]:
    """The passages of a document in reading order; a page that could not be read is None.

    ``first``: the number of the first page.
    """
    heading = ""
    for number, page in enumerate(pages, start=first):
        if page is not None:
            for passage in _Reader(page, number, heading).passages():
                yield passage
                heading = passage.text if passage.kind is Kind.HEADING else heading


class _Reader:
    """One page; ``heading`` is the one that it begins under."""

    def __init__(self, page: Page, number: int, heading: str) -> None:
        self._page = page
        self._number = number
        self._heading = heading
        self._plain = PlainText(page)
        self._labels = labels(page.blocks)
        self._breaks = LineBreaks(page)
        self._tables = list(page.tables)

    def passages(self) -> Iterator[Passage]:
        for index, block in enumerate(self._page.blocks):
            if block.role is Role.TABLE:
                yield from self._rows(index, block)
            elif block.role is Role.HEADING and self._length(block.lines) <= _LONGEST_HEADING:
                yield from self._heading_of(index, block)
            else:
                yield from self._sentences(index, block)

    def _rows(self, index: int, block: Block) -> Iterator[Passage]:
        rows = row_readings(block, self._tables)
        if any(self._length(row.lines) > _LONGEST_ROW for row in rows):
            yield from self._sentences(index, block)
            return
        for row in rows:
            yield from self._row(index, block, row)

    def _row(self, index: int, block: Block, row: RowReading) -> Iterator[Passage]:
        span = self._span(row.lines)
        if span is not None:
            kind = Kind.HEADING if row.is_header else Kind.ROW
            yield self._passage(index, block, span, kind, label=row.headers, reading=row.reading)

    def _heading_of(self, index: int, block: Block) -> Iterator[Passage]:
        span = self._span(block.lines)
        if span is not None:
            passage = self._passage(index, block, span, Kind.HEADING)
            self._heading = passage.text
            yield passage

    def _sentences(self, index: int, block: Block) -> Iterator[Passage]:
        label = ""
        for lines in stretches(block, self._breaks):
            span = self._span(lines)
            if span is None:
                continue
            label = self._labels.get(id(lines[0]), label)
            for part in sentences(self._plain.text[span.start : span.end], self._language(block)):
                found = Span(span.start + part.start, span.start + part.end)
                yield self._passage(index, block, found, Kind.SENTENCE, label=label)
            label = self._label_for_next(lines) or (label if len(lines) == 1 else "")

    def _label_for_next(self, lines: Sequence[Line]) -> str:
        """A line that ends with a colon says what the next is."""
        span = self._span(lines)
        text = "" if span is None else self._plain.text[span.start : span.end]
        return text if text.endswith((":", "\uff1a")) and len(text) < _LONGEST_LABEL else ""

    def _length(self, lines: Iterable[Line]) -> int:
        span = self._span(lines)
        return 0 if span is None else span.end - span.start

    def _span(self, lines: Iterable[Line]) -> Span | None:
        known = [span for line in lines if (span := self._plain.span_of(line)) is not None]
        return Span(known[0].start, known[-1].end) if known else None

    def _passage(
        self, index: int, block: Block, span: Span, kind: Kind, *, label: str = "", reading: str = ""
    ) -> Passage:
        return Passage(
            page=self._number,
            block=index,
            text=self._plain.text[span.start : span.end],
            bbox=self._plain.box(span),
            language=self._language(block),
            kind=kind,
            label=label,
            heading=self._heading if kind is not Kind.HEADING else "",
            reading=reading,
        )

    def _language(self, block: Block) -> str:
        known = (block.language, *self._page.detected_languages, _UNKNOWN_LANGUAGE)
        return next(code for code in known if code)
