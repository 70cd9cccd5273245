"""The answer of a model whose server cites: segments, each with the pages and snippets that it rests on."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Final

from common.document.citation import Citation
from common.model_question import BlockCitation, Segment
from workers.chat.draft import Draft
from workers.chat.narrowing import Claim
from workers.chat.page_marks import mark, pages_in
from workers.chat.shown_pages import ShownPages

Find = Callable[[Claim], Awaitable[Sequence[Citation]]]

# What closes a sentence, a list's item or a table's row: page numbers stand before it.
_CLOSING: Final = (
    " \t\n\r\u00a0\u2009\u202f\u3000"
    ".,;:!?|\u2026\u060c\u061b\u061f\u06d4\u0964\u3001\u3002\uff01\uff0c\uff0e\uff1a\uff1b\uff1f"
)
_WORD: Final = re.compile(r"\w")
_MOST_PAGES: Final = 5  # of one segment


class NativeAnswer:
    """Writes the ``draft``; ``find`` narrows what is cited down to snippets."""

    def __init__(self, draft: Draft, shown: ShownPages, question: str, find: Find) -> None:
        self._draft = draft
        self._numbers = shown.numbers
        self._texts = shown.texts
        self._language = shown.language
        self._question = question
        self._find = find
        self._heard = ""
        self._said = 0  # characters of what was heard

    async def hear(self, text: str) -> None:
        """The end of a sentence is held back: page numbers may have to stand before it."""
        self._heard += text
        self._say_up_to(_closing(self._heard))

    async def end(self, segment: Segment) -> None:
        """Of ``segment`` all has been heard."""
        text = self._heard = segment.text
        citations: Sequence[Citation] = ()
        if segment.citations and _WORD.search(text):
            cited = tuple(self._cited(segment.citations))
            citations = await self._find(Claim(text, self._question, self._language, cited))
            unnamed = {citation.page for citation in citations} - pages_in(text)
            self._say_up_to(_closing(text))
            self._draft.say(f" {mark(unnamed)}" if unnamed else "")
        self._say_up_to(len(text))
        self._draft.cite(citations)
        self._heard, self._said = "", 0

    async def finish(self) -> None:
        self._say_up_to(len(self._heard))

    def _say_up_to(self, end: int) -> None:
        self._draft.say(self._heard[self._said : end])
        self._said = max(self._said, end)

    def _cited(self, citations: Iterable[BlockCitation]) -> Iterator[tuple[int, str]]:
        """The pages, each with what is cited of it: "" where that is all of it that was shown."""
        seen: set[tuple[int, str]] = set()
        pages: set[int] = set()
        for citation in citations:
            numbers = self._numbers[max(0, citation.start_page_index) : max(0, citation.end_page_index)]
            for number in numbers:
                is_part = len(numbers) == 1 and citation.cited_text != self._texts[number]
                text = citation.cited_text if is_part else ""
                if (number, text) not in seen and len(pages | {number}) <= _MOST_PAGES:
                    seen.add((number, text))
                    pages.add(number)
                    yield number, text


def _closing(text: str) -> int:
    """Where what closes it begins."""
    return len(text.rstrip(_CLOSING))
