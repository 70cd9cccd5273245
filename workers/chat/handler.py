"""One question: fetch it with its document, have it answered, tell the answer while it is made."""

import asyncio
import time
from collections.abc import Coroutine
from itertools import zip_longest
from typing import Any, Final, Protocol, TypeVar

from common import logs
from common.contracts.events import QuestionAnswered, QuestionFailed
from common.contracts.tasks import AnswerQuestion
from common.document.model_usage import ModelUsage
from common.errors import AnswerTooSlow, FleetError, QuestionCanceled, SourceMissing, Unavailable
from common.ports import Publisher, SourceFiles
from common.runtime.ending import cancel_all
from workers.chat.asked import Asked, asked_in
from workers.chat.children import Children
from workers.chat.document_file import DocumentFile
from workers.chat.draft import Draft
from workers.chat.engine import quoted
from workers.chat.question_errors import question_error, tried_once
from workers.chat.telling import Telling

_LOOK_S: Final = 3.0

R = TypeVar("R")

log = logs.get("chat")


class Answering(Protocol):
    """How a model answers."""

    async def answer(
        self, asked: Asked, file: DocumentFile, task: AnswerQuestion, draft: Draft
    ) -> ModelUsage | None:
        """Write the answer into the draft. None where the document has no text to answer from."""


class ChatHandler:
    """Answers by ``model``; without one, and where there is nothing to ask one about, with quotations.

    ``document_limit_s``: for what a child process does at once; ``time_limit_s``: for a question with all
    that is done for it.
    """

    task_types = (AnswerQuestion,)

    def __init__(
        self,
        sources: SourceFiles,
        publisher: Publisher,
        children: Children,
        model: Answering | None,
        *,
        time_limit_s: float,
        document_limit_s: float,
    ) -> None:
        self._sources = sources
        self._publisher = publisher
        self._children = children
        self._model = model
        self._time_limit_s = time_limit_s
        self._document_limit_s = document_limit_s

    async def handle(self, task: AnswerQuestion) -> QuestionAnswered:
        """Raises a QuestionError, ModelError or PageError, and Unavailable while a blob cannot be fetched."""
        began = time.monotonic()
        draft = Draft()
        work = self._in_time(self._while_it_is_asked(task, self._answered(task, draft)))
        if task.heard:
            work = Telling(self._publisher, task, draft).during(work)
        usage = await work
        duration_ms = round((time.monotonic() - began) * 1000)
        engine = "model" if usage else "extractive"
        log.info("question_answered", duration_ms=duration_ms, engine=engine, citations=len(draft.citations))
        return QuestionAnswered(
            job_id=task.job_id,
            conversation_id=task.conversation_id,
            question_id=task.question_id,
            ticket=task.ticket,
            content=draft.content,
            citations=draft.citations,
            engine=engine,
            usage=usage,
            duration_ms=duration_ms,
        )

    def failed(self, task: AnswerQuestion, error: FleetError) -> QuestionFailed:
        meant = question_error(error)
        return QuestionFailed(
            job_id=task.job_id,
            conversation_id=task.conversation_id,
            question_id=task.question_id,
            ticket=task.ticket,
            code=meant.code,
            message=meant.message,
        )

    async def _in_time(self, work: Coroutine[Any, Any, R]) -> R:
        """What ``work`` returns. An answer that is ready is not lost while its last parts are told."""
        try:
            async with asyncio.timeout(self._time_limit_s):
                return await work
        except TimeoutError:
            raise AnswerTooSlow() from None

    async def _answered(self, task: AnswerQuestion, draft: Draft) -> ModelUsage | None:
        """What asking a model took; None where none was asked."""
        async with self._sources.use(task.asked_key) as path:
            asked = asked_in(path)
        async with self._sources.use(task.words_key) as words:
            file = DocumentFile(task.words_key, words, task.words_bytes)
            with tried_once():
                usage = await self._model.answer(asked, file, task, draft) if self._model else None
                if usage is None:
                    await self._quote(asked, file, draft)
                return usage

    async def _while_it_is_asked(self, task: AnswerQuestion, work: Coroutine[Any, Any, R]) -> R:
        """What ``work`` returns. Raises QuestionCanceled, and ends the work, once what was asked is gone: the
        question was canceled, or its document deleted.
        """
        working, watching = asyncio.create_task(work), asyncio.create_task(self._until_gone(task.asked_key))
        try:
            await asyncio.wait((working, watching), return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise QuestionCanceled()
            return working.result()
        finally:
            await cancel_all((working, watching))

    async def _until_gone(self, key: str) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                async with self._sources.use(key):
                    pass
            except SourceMissing:
                return
            except Unavailable as error:
                log.warning("look_postponed", reason=error.message)

    async def _quote(self, asked: Asked, file: DocumentFile, draft: Draft) -> None:
        """A line for each sentence that is quoted."""
        found = await self._children.run(quoted, file, asked, time_limit_s=self._document_limit_s)
        lines = found.content.split("\n")
        for number, (line, citation) in enumerate(zip_longest(lines, found.citations)):
            draft.say(f"\n{line}" if number else line)
            draft.cite([citation] if citation else [])
