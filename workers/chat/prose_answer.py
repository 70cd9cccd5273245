"""The answer of a model that names pages in its prose, "(p. 3)", since its server does not cite."""

import re
from collections.abc import Sequence
from typing import Final

from common.document.citation import Citation
from common.model_question import Segment
from workers.chat.draft import Draft
from workers.chat.narrowing import Claim
from workers.chat.native_answer import Find
from workers.chat.page_marks import MARK, mark, pages_in
from workers.chat.sentences import sentences
from workers.chat.shown_pages import ShownPages

_LONGEST_MARK: Final = 60
_ENDS_MARK: Final = re.compile(r"[()\n]")


class ProseAnswer:
    """Writes the ``draft``, without pages that were not shown; ``find`` narrows pages down to snippets."""

    def __init__(self, draft: Draft, shown: ShownPages, question: str, find: Find) -> None:
        self._draft = draft
        self._shown = shown.texts
        self._language = shown.language
        self._question = question
        self._find = find
        self._waiting = ""  # heard, and not said
        self._unproven = ""  # said since the last mark

    async def hear(self, text: str) -> None:
        self._waiting += text
        while found := MARK.search(self._waiting):
            before, self._waiting = self._waiting[: found.start()], self._waiting[found.end() :]
            await self._named(before, pages_in(found[0]) & self._shown.keys())
        self._say(_without_begun(self._waiting))

    async def end(self, segment: Segment) -> None:
        """Segments mean nothing without citations."""

    async def finish(self) -> None:
        self._say(len(self._waiting))

    async def _named(self, before: str, pages: set[int]) -> None:
        """``before`` rests on ``pages``."""
        said = before.rstrip()
        self._unproven += said
        self._draft.say(said)
        citations: Sequence[Citation] = ()
        if pages and (claim := self._last_sentence()):
            cited = tuple((page, "") for page in sorted(pages))
            citations = await self._find(Claim(claim, self._question, self._language, cited))
        if pages:
            self._draft.say(f"{before[len(said) :]}{mark(pages)}")
            self._unproven = ""
        self._draft.cite(citations)

    def _last_sentence(self) -> str:
        text = self._unproven.strip()
        *_, last = sentences(text.rpartition("\n")[2], self._language) if text else [None]
        return text if last is None else text.rpartition("\n")[2][last.start : last.end]

    def _say(self, end: int) -> None:
        self._unproven += self._waiting[:end]
        self._draft.say(self._waiting[:end])
        self._waiting = self._waiting[end:]


def _without_begun(text: str) -> int:
    """Where a mark begins that has not ended, with the blanks before it."""
    begins = text.rfind("(", max(0, len(text) - _LONGEST_MARK - 1))
    if begins >= 0 and not _ENDS_MARK.search(text, begins + 1):
        return len(text[:begins].rstrip())
    return len(text.rstrip())
