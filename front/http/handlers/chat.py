"""``POST /api/v1/chat/<uuid>/``: a question about a finished document; ``GET …/history/``: what was said."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated, Final

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from common import metrics
from common.domain.job import Job
from common.errors import (
    BadRequest,
    FleetError,
    InvalidField,
    JobHasNoResult,
    JobNotFinished,
    UnknownField,
)
from front.http.api_handler import ApiHandler
from front.http.chat_view import answer_view, failed, history_view, opening, rendered
from front.http.event_stream import CONTENT_TYPE
from front.http.services import Surroundings
from front.http.waiting import unless, until
from front.services.answer_feed import Parts
from front.services.answer_stream import News, Settled
from front.services.questions import Asked, Inquiry, new_question_id
from front.services.rate_limits import Kind

MOST_CHARACTERS: Final = 4000
_MOST_BYTES: Final = 64 * 1024
ADMITTED_FOR_S: Final = 5.0
_SHAPE: Final = 'Send a JSON object such as {"message": "What is the total?"}'


def _legible(sent: object) -> object:
    if not isinstance(sent, str):
        return sent
    return "".join(mark for mark in sent if mark in "\n\t" or unicodedata.category(mark) != "Cc").strip()


class Question(BaseModel):
    """The body of a question."""

    model_config = ConfigDict(extra="forbid", strict=True)

    message: Annotated[
        str,
        BeforeValidator(_legible),
        StringConstraints(min_length=1, max_length=MOST_CHARACTERS),
    ]
    conversation: Annotated[str, StringConstraints(max_length=64)] | None = None


class ChatHandler(ApiHandler):
    """Answers in one piece, or as it comes where the client accepts ``text/event-stream``; a client of a
    stream that goes away cancels its question. While the server stops, answers that have begun go on for as
    long as it takes to drain.
    """

    def initialize(self, surroundings: Surroundings) -> None:
        super().initialize(surroundings)
        self._body = bytearray()

    def count_request(self) -> None:
        self.tell(self.services.rate_limits.check(self.account, Kind.QUESTIONS))

    def receive(self, chunk: bytes) -> None:
        self._body += chunk
        if len(self._body) > _MOST_BYTES:
            raise InvalidField("message", f"A message has at most {MOST_CHARACTERS} characters.")

    async def post(self, job_id: str) -> None:
        question = _question(bytes(self._body))
        job = await self.services.jobs.find(job_id, self.account)
        _check_finished(job)
        inquiry = Inquiry(new_question_id(), question.message, question.conversation)
        if not self._wants_stream():
            asked = await self.services.questions.ask(self.account, job, inquiry)
            await self._send_answer(asked)
            return
        with self.services.progress.admitted(self.account), metrics.LIVE_STREAMS.track_inprogress():
            async with self.services.answers.listen(inquiry.question_id) as parts:
                inquiry = replace(inquiry, heard=parts.is_heard)
                asked = await self.services.questions.ask(self.account, job, inquiry)
                await self._stream(asked, parts)

    async def _send_answer(self, asked: Asked) -> None:
        wait_s = self.surroundings.settings.answer_wait_s
        waiting = self.services.questions.answered(asked, wait_s)
        turn = await unless(waiting, self.is_gone)
        if turn is None:  # the answer is for the history then
            return
        assert turn.answer is not None, "it has not failed"
        self.write_json({"conversation": asked.conversation_id, "message": answer_view(turn.answer)})

    async def _stream(self, asked: Asked, parts: Parts) -> None:
        """Whatever ends it before the question is settled cancels that."""
        is_settled = False
        try:
            self.set_header("Content-Type", f"{CONTENT_TYPE}; charset=utf-8")  # else clients guess
            self.set_header("X-Accel-Buffering", "no")
            await self.send(opening(asked))
            async for news in self._news(asked, parts):
                is_settled = isinstance(news, Settled)
                await self.send(rendered(news, asked, self.request_id))
        except FleetError as error:
            await self.send(failed(error, self.request_id))
        finally:
            if not is_settled:
                await self.services.questions.cancel(asked)

    async def _news(self, asked: Asked, parts: Parts) -> AsyncIterator[News]:
        """Until the answer's end, or that of the client's admission, which is looked at now and then."""
        loop = asyncio.get_running_loop()
        admitted_at_s = loop.time()
        wait_s = self.surroundings.settings.answer_wait_s
        async with aclosing(self.services.answers.follow(asked, parts, wait_s)) as happening:
            async for news in until(happening, self.is_gone):
                if loop.time() - admitted_at_s >= ADMITTED_FOR_S:
                    admitted_at_s = loop.time()
                    if not await self.is_still_admitted():
                        return
                yield news

    def _wants_stream(self) -> bool:
        return CONTENT_TYPE in self.request.headers.get("Accept", "").lower()


class HistoryHandler(ApiHandler):
    async def get(self, job_id: str) -> None:
        job = await self.services.jobs.find(job_id, self.account)
        conversation = self.get_query_argument("conversation", "") or None
        self.write_json(history_view(await self.services.questions.history(job, conversation)))


def _question(body: bytes) -> Question:
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is no JSON. {_SHAPE}.") from error
    if not isinstance(sent, dict):
        raise BadRequest(f"The body is no JSON object. {_SHAPE}.")
    try:
        return Question.model_validate(sent)
    except ValidationError as error:
        raise _refusal(error) from None


def _refusal(error: ValidationError) -> FleetError:
    first = error.errors(include_input=False, include_url=False)[0]
    field = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return UnknownField(field[:40], f"There is no field {field[:40]!r}: send message, and conversation.")
    if field == "conversation":
        return InvalidField(field, 'conversation is "new", or the id of one of the job\'s.')
    what = "is missing" if first["type"] == "missing" else f"is a text of 1 to {MOST_CHARACTERS} characters"
    return InvalidField(field, f"message {what}. {_SHAPE}.")


def _check_finished(job: Job) -> None:
    if job.document is not None:
        return
    path = f"/api/v1/ocr/{job.id}/"
    if job.status.is_terminal:
        raise JobHasNoResult(f"The job is {job.status}, so there is nothing to ask about: see GET {path}.")
    raise JobNotFinished(
        f"The job is {job.status}, {job.pages_done} of {job.page_count} pages done: ask once it is done. "
        f"Until then GET {path} every 2 s, or follow GET {path}events/."
    )


URLS = [
    (r"/api/v1/chat/([^/]+)/history/?", HistoryHandler),
    (r"/api/v1/chat/([^/]+)/?", ChatHandler),
]
