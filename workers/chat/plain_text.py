"""A page's text as snippets are taken from it: what counts as verbatim.

It is ``page_text`` with every run of white space made one blank; words that a line's end parts with a
hyphen stay as they are. A snippet is verbatim where it is a part of that.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from common.document.geometry import Box, union
from common.document.page import Line, Page
from common.document.text import line_text


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` up to ``end`` (exclusive), in characters of a plain text."""

    start: int
    end: int


class PlainText:
    """``text`` of a page, where in it each line is, and where on the page each part of it is."""

    def __init__(self, page: Page) -> None:
        self._starts: list[int] = []
        self._boxes: list[Box] = []
        self._spans: dict[int, Span] = {}
        texts: list[str] = []
        at = 0
        for line in (line for block in page.blocks for line in block.lines):
            text = plain(line_text(line))
            if not text:
                continue
            self._spans[id(line)] = Span(at, at + len(text))
            self._starts.extend(at + start for start in _word_starts(line, text))
            self._boxes.extend(word.bbox for word in line.words if word.text.strip())
            texts.append(text)
            at += len(text) + 1
        self.text = " ".join(texts)

    def span_of(self, line: Line) -> Span | None:
        """None for a line without text. ``line`` is one of the page's own."""
        return self._spans.get(id(line))

    def box(self, span: Span) -> Box:
        """Around the words that ``span`` touches."""
        first = max(0, bisect_right(self._starts, span.start) - 1)
        return union(self._boxes[first : bisect_left(self._starts, span.end)])

    def locate(self, snippet: str) -> Box | None:
        """Where on the page the snippet first stands; None where it does not."""
        wanted = plain(snippet)
        start = self.text.find(wanted) if wanted else -1
        return None if start < 0 else self.box(Span(start, start + len(wanted)))


def plain(text: str) -> str:
    return " ".join(text.split())


def _word_starts(line: Line, text: str) -> Iterator[int]:
    """Where in ``text``, the line's, each of its words with text begins."""
    words = [word.text for word in line.words if word.text.strip()]
    if sum(map(len, words)) + len(words) - 1 == len(text):
        return accumulate((len(word) + 1 for word in words[:-1]), initial=0)
    return _starts_by_letters(words, text)


def _starts_by_letters(words: list[str], text: str) -> Iterator[int]:
    """For lines with blanks that went or came: only these differ between the words and the text."""
    letters = [at for at, mark in enumerate(text) if not mark.isspace()]
    counts = (len("".join(word.split())) for word in words[:-1])
    return (letters[count] for count in accumulate(counts, initial=0))
