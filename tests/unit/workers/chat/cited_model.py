"""A model that answers what it is told to, in pieces, and cites what it is told to."""

import asyncio
from collections.abc import Callable, Sequence

from common.document.model_usage import ModelUsage
from common.model_question import (
    BlockCitation,
    CitationHeard,
    Hear,
    PagedDocument,
    Question,
    Reply,
    Restarted,
    Segment,
    SegmentEnded,
    TextHeard,
)

USAGE = ModelUsage("fake", 100, 10, 0.5)
_PIECE = 7  # characters

Say = Reply | Exception | Callable[[Question], Reply]


class CitedModel:
    """Answers each question with the next of ``says``. ``restarts``: each answer breaks off so often before.

    ``pause_s`` is made before each piece.
    """

    def __init__(self, *says: Say, restarts: int = 0, pause_s: float = 0) -> None:
        self.questions: list[Question] = []
        self.is_cancelled = False
        self._says = list(says)
        self._restarts = restarts
        self._pause_s = pause_s

    async def ask(self, question: Question, hear: Hear | None = None) -> Reply:
        self.questions.append(question)
        say = self._says.pop(0)
        if isinstance(say, Exception):
            raise say
        reply = say if isinstance(say, Reply) else say(question)
        assert hear is not None
        try:
            for _ in range(self._restarts):
                await self._tell(reply.segments[:1], hear, whole=False)
                hear(Restarted())
            await self._tell(reply.segments, hear)
        except asyncio.CancelledError:
            self.is_cancelled = True
            raise
        return reply

    async def _tell(self, segments: Sequence[Segment], hear: Hear, *, whole: bool = True) -> None:
        for segment in segments:
            for citation in segment.citations:
                hear(CitationHeard(citation))
            for start in range(0, len(segment.text), _PIECE):
                await asyncio.sleep(self._pause_s)
                hear(TextHeard(segment.text[start : start + _PIECE]))
            if whole:
                hear(SegmentEnded(segment))


def said(*segments: Segment | str, is_cut: bool = False) -> Reply:
    made = tuple(Segment(one) if isinstance(one, str) else one for one in segments)
    text = "".join(segment.text for segment in made)
    return Reply(text, "max_tokens" if is_cut else "end", USAGE, made)


def cited(text: str, *blocks: int | tuple[int, int], of: Sequence[str] = ()) -> Segment:
    """``blocks``, from 0, or from the first up to another; ``of``: the texts of all."""
    ranges = [(block, block + 1) if isinstance(block, int) else block for block in blocks]
    return Segment(text, tuple(BlockCitation(start, end, "\n".join(of[start:end])) for start, end in ranges))


def document_of(question: Question) -> PagedDocument:
    (document,) = (part for part in question.parts if isinstance(part, PagedDocument))
    return document
