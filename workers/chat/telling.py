"""An answer is told in parts while it is made, to who listens; nobody does so after they have left."""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

from common.contracts import topology
from common.contracts.events import AnswerPart
from common.contracts.tasks import AnswerQuestion
from common.document.citation import Citation
from common.errors import NobodyListens, QuestionCanceled, Unavailable
from common.ports import Publisher
from common.runtime.ending import cancel_all
from workers.chat.draft import Draft

_PAUSE_S: Final = 0.1
_SILENCE_S: Final = 1.0  # after which a sign of life is given
_UNHEARD_S: Final = 10.0  # after which nobody is thought to come back
_LAST_WORDS_S: Final = 1.0  # of an answer that is there: who listens finds it anyway

R = TypeVar("R")


class Telling:
    """Tells the ``draft`` of an answer to ``task``. Parts are hints: the answer never waits for them."""

    def __init__(self, publisher: Publisher, task: AnswerQuestion, draft: Draft) -> None:
        self._publisher = publisher
        self._task = task
        self._draft = draft
        self._attempt = ""
        self._position = 0
        self._waiting: deque[str | Citation] = deque()
        self._told_at = float("-inf")
        self._unheard_since: float | None = None

    async def during(self, work: Coroutine[Any, Any, R]) -> R:
        """What ``work``, which writes the draft, returns, once all of it was told.

        Raises QuestionCanceled, and ends the work, when nobody listens for some time.
        """
        is_over = asyncio.Event()
        working = asyncio.create_task(work)
        working.add_done_callback(lambda _: is_over.set())
        telling = asyncio.create_task(self._tell_until(is_over))
        try:
            await asyncio.wait((working, telling), return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                telling.result()  # why nothing is told any more
            await asyncio.wait((telling,), timeout=_LAST_WORDS_S)
            return await working
        finally:
            await cancel_all((working, telling))

    async def _tell_until(self, is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            await self._tell()
            if time.monotonic() - self._told_at >= _SILENCE_S:
                self._waiting.append("")
            with suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE_S):
                    await is_over.wait()
        await self._tell()

    async def _tell(self) -> None:
        """What was not told yet, as far as it is heard; of a new attempt, that it has begun."""
        if self._attempt != self._draft.attempt:
            self._attempt, self._position = self._draft.attempt, 0
            self._waiting = deque([""])
        self._waiting.extend(self._draft.take_untold())
        while self._waiting and await self._is_told(self._waiting[0]):
            self._waiting.popleft()

    async def _is_told(self, piece: str | Citation) -> bool:
        """A part that may have been heard is told again as the same."""
        part = AnswerPart(
            job_id=self._task.job_id,
            question_id=self._task.question_id,
            attempt=self._attempt,
            position=self._position,
            text=piece if isinstance(piece, str) else "",
            citation=piece if isinstance(piece, Citation) else None,
        )
        self._told_at = time.monotonic()
        try:
            await self._publisher.publish(
                part, topology.RESULTS, part.routing_key, correlation_id=self._task.job_id
            )
        except NobodyListens:
            self._note_unheard()
            return False
        except Unavailable:
            self._unheard_since = None  # who listens may have lost the broker, too
            return False
        self._unheard_since = None
        self._position += 1
        return True

    def _note_unheard(self) -> None:
        now = time.monotonic()
        self._unheard_since = now if self._unheard_since is None else self._unheard_since
        if now - self._unheard_since >= _UNHEARD_S:
            raise QuestionCanceled()
