"""A model's answers: it is shown the pages, and what it says is told with where it stands."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, Protocol

from common import logs
from common.contracts.tasks import AnswerQuestion
from common.document.citation import Citation
from common.document.model_usage import ModelUsage
from common.errors import EngineTimeout, ModelDown, ModelNonsense, ModelRejected, ModelUnavailable, PageError
from common.model_question import (
    Heard,
    LanguageModel,
    Question,
    Reply,
    Restarted,
    Segment,
    SegmentEnded,
    TextHeard,
)
from common.runtime.ending import cancel_all
from common.runtime.holding import until_available
from workers.chat.asked import Asked
from workers.chat.children import Children
from workers.chat.document_file import DocumentFile
from workers.chat.draft import Draft
from workers.chat.engine import borne_out, pages_to_show
from workers.chat.narrowing import Claim
from workers.chat.native_answer import NativeAnswer
from workers.chat.prose_answer import ProseAnswer
from workers.chat.questions import cited_question, latest_turns, naming_question, room_for_document
from workers.chat.selection_notice import selection_notice
from workers.chat.shown_pages import ShownPages

_CUT_SHORT: Final = "…"
_PAUSE_S: Final = 2.0
# For finding where one statement stands: a page takes tens of milliseconds.
_FINDING_LIMIT_S: Final = 10.0

log = logs.get("chat")


@dataclass(frozen=True, slots=True)
class Manner:
    """How the model is asked: see ``ChatSettings``."""

    citations: Literal["native", "prose"]
    context_tokens: int
    max_tokens: int
    outage_s: float
    document_limit_s: float


class Writer(Protocol):
    """Makes an answer of what is heard of the model's."""

    async def hear(self, text: str) -> None: ...

    async def end(self, segment: Segment) -> None: ...

    async def finish(self) -> None: ...


class ModelAnswers:
    """Asks ``model``; what takes the processor is done in ``children``."""

    def __init__(self, model: LanguageModel, children: Children, manner: Manner) -> None:
        self._model = model
        self._children = children
        self._manner = manner

    async def answer(
        self, asked: Asked, file: DocumentFile, task: AnswerQuestion, draft: Draft
    ) -> ModelUsage | None:
        """Write the answer into the draft; what that took. None where the document has no text to ask about.

        Raises a ModelError: ModelDown once the model has not answered for ``outage_s``.
        """
        asked = latest_turns(asked, self._manner.context_tokens)
        shown = await self._shown(asked, file, task)
        if not shown.texts:
            return None
        reply = await self._reply(
            self._question(asked, shown, task), partial(self._writer, asked, file, shown, draft)
        )
        if not draft.content.strip():
            raise ModelNonsense("The model's answer is empty.")
        if reply.stop == "max_tokens":
            log.warning("answer_cut_short", max_tokens=self._manner.max_tokens)
            draft.say(_CUT_SHORT)
        if shown.is_selection:
            notice = selection_notice(shown.language, len(shown.texts), shown.of_pages)
            draft.say(f"\n\n{notice}")
        return reply.usage

    async def _shown(self, asked: Asked, file: DocumentFile, task: AnswerQuestion) -> ShownPages:
        room = room_for_document(asked, self._manner.context_tokens)
        return await self._children.run(
            pages_to_show, file, asked, room, task.languages, time_limit_s=self._manner.document_limit_s
        )

    def _question(self, asked: Asked, shown: ShownPages, task: AnswerQuestion) -> Question:
        ask = cited_question if self._manner.citations == "native" else naming_question
        return ask(asked, shown, asked.title, self._manner.max_tokens)

    def _writer(self, asked: Asked, file: DocumentFile, shown: ShownPages, draft: Draft) -> Writer:
        limit_s = min(_FINDING_LIMIT_S, self._manner.document_limit_s)
        is_hopeless = False

        async def find(claim: Claim) -> Sequence[Citation]:
            """A statement whose place cannot be found is still an answer. Where one took too long, nobody
            waits for others.
            """
            nonlocal is_hopeless
            if is_hopeless:
                return ()
            try:
                return await self._children.run(borne_out, file, claim, time_limit_s=limit_s)
            except PageError as error:
                log.warning("statement_not_found", code=error.code)
                is_hopeless = isinstance(error, EngineTimeout)
                return ()

        if draft.content:
            draft.begin_anew()
        writer = NativeAnswer if self._manner.citations == "native" else ProseAnswer
        return writer(draft, shown, asked.message, find)

    async def _reply(self, question: Question, begin: Callable[[], Writer]) -> Reply:
        """Held while the model is away, for as long as a person may be asked to wait."""
        try:
            async for attempt in until_available(self._manner.outage_s, longest_pause_s=_PAUSE_S):
                with attempt:
                    return await self._heard(question, begin)
        except ModelUnavailable as error:
            raise ModelDown(error.message) from error
        except ModelRejected as error:
            if self._manner.citations == "native":
                log.warning("document_rejected", reason=error.message, advice="OCR_CHAT_CITATIONS=prose")
            raise
        raise AssertionError("it is tried once at least")

    async def _heard(self, question: Question, begin: Callable[[], Writer]) -> Reply:
        heard: asyncio.Queue[Heard | None] = asyncio.Queue()
        asking = asyncio.create_task(self._model.ask(question, heard.put_nowait))
        asking.add_done_callback(lambda _: heard.put_nowait(None))
        try:
            writer = begin()
            while (part := await heard.get()) is not None:
                match part:
                    case TextHeard():
                        await writer.hear(part.text)
                    case SegmentEnded():
                        await writer.end(part.segment)
                    case Restarted():
                        writer = begin()
            reply = await asking
            await writer.finish()
            return reply
        finally:
            await cancel_all((asking,))
