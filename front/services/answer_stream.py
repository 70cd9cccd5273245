"""An answer as it comes: from what is heard while it is made, and from the conversation in the end."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from common import logs
from common.contracts.events import AnswerPart
from common.document.citation import Citation
from common.domain.conversation import Answer, Turn
from common.errors import AnswerUnavailable, Unavailable
from front.services.answer_feed import AnswerFeed, Parts
from front.services.questions import Asked

HEARTBEAT_S: Final = 15.0
_LOOK_S: Final = 0.25
_LONGEST_UNSEEN_S: Final = 1.0  # while parts are heard

log = logs.get("answer_stream")


@dataclass(frozen=True, slots=True)
class Said:
    """``text`` goes on behind what was said before."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    citation: Citation


@dataclass(frozen=True, slots=True)
class BegunAnew:
    """What was said so far does not count: the answer begins again."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The question with its answer, or why there is none."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class StillThere:
    """Nothing for a while: a sign of life."""


News = Said | Cited | BegunAnew | Settled | StillThere


class Questions(Protocol):
    async def turn(self, asked: Asked) -> Turn:
        """The question as it is now. Raises NotFound."""


class AnswerStream:
    def __init__(self, questions: Questions, feed: AnswerFeed) -> None:
        self._questions = questions
        self._feed = feed

    def listen(self, question_id: str) -> AbstractAsyncContextManager[Parts]:
        """The parts of the answer to a question that is yet to be asked."""
        return self._feed.listen(question_id)

    async def follow(self, asked: Asked, parts: Parts, wait_s: float) -> AsyncGenerator[News]:
        """What is heard of the answer, until the question is settled; then what was not heard of it.

        Raises NotFound when the job is deleted meanwhile, and AnswerUnavailable after ``wait_s`` seconds. The
        news before ``Settled`` make up its answer.
        """
        told = _Told()
        loop = asyncio.get_running_loop()
        began_at_s = spoke_at_s = loop.time()
        looked_at_s = float("-inf")
        while loop.time() - began_at_s < wait_s:
            part = await parts.next_within(_LOOK_S)
            for news in told.heard(part) if part else ():
                yield news
                spoke_at_s = loop.time()
            if part is None or loop.time() - looked_at_s >= _LONGEST_UNSEEN_S:
                looked_at_s = loop.time()
                turn = await self._as_it_is_now(asked)
                if turn is not None and turn.status.is_settled:
                    for news in told.rest(turn.answer) if turn.answer else ():
                        yield news
                    yield Settled(turn)
                    return
            if loop.time() - spoke_at_s >= HEARTBEAT_S:
                yield StillThere()
                spoke_at_s = loop.time()
        raise AnswerUnavailable()

    async def _as_it_is_now(self, asked: Asked) -> Turn | None:
        """None while the store is away."""
        try:
            return await self._questions.turn(asked)
        except Unavailable as error:
            log.warning("read_postponed", question_id=asked.question_id, reason=error.message)
            return None


class _Told:
    """What was passed on so far, of the attempt that is heard now."""

    def __init__(self) -> None:
        self._attempt: str | None = None
        self._before: set[str] = set()
        self._begin()

    def heard(self, part: AnswerPart) -> Iterator[News]:
        """Nothing for what is told twice, comes late, or follows what was missed."""
        if part.attempt in self._before:
            return
        if part.attempt != self._attempt:
            yield from self._anew(part.attempt)
        if part.position != self._position:
            return
        self._position += 1
        yield from self._say(part.text)
        if part.citation is not None:
            yield self._cite(part.citation)

    def rest(self, answer: Answer) -> Iterator[News]:
        """What makes it whole, or all of it where something else was told."""
        cited = answer.citations[: len(self._citations)]
        if not answer.content.startswith(self._text) or list(cited) != self._citations:
            yield BegunAnew()
            self._begin()
        yield from self._say(answer.content[len(self._text) :])
        for citation in answer.citations[len(self._citations) :]:
            yield self._cite(citation)

    def _anew(self, attempt: str) -> Iterator[News]:
        if self._attempt is not None:
            self._before.add(self._attempt)
        self._attempt = attempt
        if self._text or self._citations:
            yield BegunAnew()
        self._begin()

    def _say(self, text: str) -> Iterator[News]:
        if text:
            self._text += text
            yield Said(text)

    def _cite(self, citation: Citation) -> News:
        self._citations.append(citation)
        return Cited(citation)

    def _begin(self) -> None:
        self._text = ""
        self._citations: list[Citation] = []
        self._position = 0
