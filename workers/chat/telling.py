"""An answer is told in parts while it is made, to who listens; nobody does so after they have left."""

import asyncio
import time
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
_UNHEARD_S: Final = 3.0  # after which nobody is thought to come back

R = TypeVar("R")


class Telling:
    """Tells the ``draft`` of an answer to ``task``.

    Parts are hints: one that the broker does not take is lost, and its position is missing.
    """

    def __init__(self, publisher: Publisher, task: AnswerQuestion, draft: Draft) -> None:
        self._publisher = publisher
        self._task = task
        self._draft = draft
        self._attempt = ""
        self._position = 0
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
            await asyncio.wait((telling,))
            if not working.done() or not isinstance(telling.exception(), QuestionCanceled):
                telling.result()
            return working.result()
        finally:
            await cancel_all((working, telling))

    async def _tell_until(self, is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            await self._tell()
            if time.monotonic() - self._told_at >= _SILENCE_S:
                await self._part()
            with suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE_S):
                    await is_over.wait()
        await self._tell()

    async def _tell(self) -> None:
        """What was not told yet; of a new attempt that it has begun."""
        if self._attempt != self._draft.attempt:
            self._attempt, self._position = self._draft.attempt, 0
            await self._part()
        for piece in self._draft.take_untold():
            if isinstance(piece, str):
                await self._part(text=piece)
            else:
                await self._part(citation=piece)

    async def _part(self, text: str = "", citation: Citation | None = None) -> None:
        part = AnswerPart(
            job_id=self._task.job_id,
            question_id=self._task.question_id,
            attempt=self._attempt,
            position=self._position,
            text=text,
            citation=citation,
        )
        self._position += 1
        self._told_at = time.monotonic()
        try:
            await self._publisher.publish(
                part, topology.RESULTS, part.routing_key, correlation_id=self._task.job_id
            )
        except NobodyListens:
            self._note_unheard()
        except Unavailable:
            self._unheard_since = None  # they may have lost the broker, too
        else:
            self._unheard_since = None

    def _note_unheard(self) -> None:
        now = time.monotonic()
        self._unheard_since = now if self._unheard_since is None else self._unheard_since
        if now - self._unheard_since >= _UNHEARD_S:
            raise QuestionCanceled()
