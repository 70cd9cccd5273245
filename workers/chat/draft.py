"""An answer on its way: what has been said of it, and what of that was not told yet."""

from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from common.document.citation import Citation

MOST_CITED: Final = 50
MOST_SAID: Final = 40_000  # characters: some ten pages
_CUT_SHORT: Final = "…"


class Draft:
    """``content`` and ``citations`` are what the answer will be. An ``attempt`` that fails is begun anew."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Whatever was said is void."""
        self.attempt = uuid4().hex
        self._texts: list[str] = []
        self._citations: list[Citation] = []
        self._untold: list[str | Citation] = []
        self._room = MOST_SAID

    @property
    def content(self) -> str:
        return "".join(self._texts)

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(self._citations)

    def say(self, text: str) -> None:
        """No more than ``MOST_SAID`` in all: where that ends an ellipsis stands, and nothing after it."""
        said = text if len(text) <= self._room else text[: self._room] + _CUT_SHORT * bool(self._room)
        self._room = max(0, self._room - len(text))
        if said:
            self._texts.append(said)
            self._untold.append(said)

    def cite(self, citations: Sequence[Citation]) -> None:
        """Of what was said last; no more than ``MOST_CITED``, and none of them twice."""
        known = {(citation.page, citation.snippet) for citation in self._citations}
        for citation in citations:
            is_new = (citation.page, citation.snippet) not in known
            if is_new and len(self._citations) < MOST_CITED:
                known.add((citation.page, citation.snippet))
                self._citations.append(citation)
                self._untold.append(citation)

    def take_untold(self) -> list[str | Citation]:
        """In order, with texts that follow each other as one."""
        taken: list[str | Citation] = []
        for piece in self._untold:
            if taken and isinstance(piece, str) and isinstance(taken[-1], str):
                taken[-1] += piece
            else:
                taken.append(piece)
        self._untold = []
        return taken
