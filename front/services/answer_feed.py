"""Hearing answers while they are made. A hint, never the truth: what is missed stands in the conversation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from common import logs
from common.contracts.events import AnswerPart
from common.errors import BrokerUnavailable
from common.ports import Announcements

_MOST_WAITING = 10_000

log = logs.get("answer_feed")


@dataclass(frozen=True, slots=True)
class Parts:
    """Those that have come and are not yet taken; ``is_heard``: the broker sends them here."""

    is_heard: bool
    waiting: asyncio.Queue[AnswerPart] = field(default_factory=lambda: asyncio.Queue(_MOST_WAITING))

    async def next_within(self, limit_s: float) -> AnswerPart | None:
        try:
            async with asyncio.timeout(limit_s):
                return await self.waiting.get()
        except TimeoutError:
            return None


class AnswerFeed:
    def __init__(self, announcements: Announcements) -> None:
        self._announcements = announcements
        self._listeners: dict[str, Parts] = {}

    def notice(self, part: AnswerPart) -> None:
        listener = self._listeners.get(part.question_id)
        if listener is not None and not listener.waiting.full():
            listener.waiting.put_nowait(part)

    @asynccontextmanager
    async def listen(self, question_id: str) -> AsyncIterator[Parts]:
        """The parts of the answer to this question, for as long as the context is open; whoever makes it
        learns that nobody listens any more.
        """
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(self._announcements.answers(question_id))
                parts = Parts(is_heard=True)
            except BrokerUnavailable as error:
                log.warning("answer_not_heard", question_id=question_id, reason=error.message)
                parts = Parts(is_heard=False)
            self._listeners[question_id] = parts
            try:
                yield parts
            finally:
                del self._listeners[question_id]
