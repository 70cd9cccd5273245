"""POST /v1/messages, and what tests order and ask."""

import asyncio
import json
import secrets
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Any, Final

from tornado.iostream import StreamClosedError
from tornado.web import Application, HTTPError, RequestHandler

from tests.messages_server import stream
from tests.messages_server.answering import statements
from tests.messages_server.document import Statement
from tests.messages_server.faults import Fault, Faults
from tests.messages_server.prompt_cache import PromptCache
from tests.messages_server.reading import Paragraph, Reader
from tests.messages_server.refusal import ApiError, invalid
from tests.messages_server.request import Request
from tests.messages_server.transcript import Transcript
from tests.messages_server.validation import check, check_headers

_CHARACTERS_PER_TOKEN: Final = 4
_PIXELS_PER_TOKEN: Final = 750
_MAX_REQUEST_BYTES: Final = 32 * 1024 * 1024
_STATUSES: Final = {
    "rate_limited": (429, "rate_limit_error", "This request would exceed your rate limit."),
    "overloaded": (529, "overloaded_error", "Overloaded"),
    "server_error": (500, "api_error", "Internal server error"),
}
_UNKNOWN: Final = "abandoned"
_STOPS: Final = {
    "refusal": "refusal",
    "refusal_midway": "refusal",
    "truncated": "max_tokens",
    "context_exceeded": "model_context_window_exceeded",
}


@dataclass(slots=True)
class Mind:
    """What all requests share. ``delay_s``: at least that long nothing of an answer comes."""

    reader: Reader
    faults: Faults = field(default_factory=Faults)
    transcript: Transcript = field(default_factory=Transcript)
    cache: PromptCache = field(default_factory=PromptCache)
    delay_s: float = 0


class _Gone(Exception):
    """The connection was ended on order."""


class MessagesHandler(RequestHandler):
    def initialize(self, mind: Mind) -> None:
        self.mind = mind
        self.request_id = f"req_{secrets.token_hex(12)}"
        self.outcome = _UNKNOWN
        self.answering: asyncio.Task[None] | None = None
        self.events = self.events_sent = 0

    def set_default_headers(self) -> None:
        self.clear_header("Server")

    async def post(self) -> None:
        self.mind.transcript.began()
        self.answering = asyncio.ensure_future(self._answer())
        try:
            await self.answering
        except (asyncio.CancelledError, StreamClosedError):
            self.mind.transcript.left(self.events_sent, self.events)
            self._finished = True  # nobody is there to be told
        except _Gone:
            self._finished = True
        except ApiError as error:
            if self.outcome == _UNKNOWN:
                self.outcome = f"{error.status}"
            self._error(error)
        finally:
            self.mind.transcript.ended(self.outcome)

    def on_connection_close(self) -> None:
        if self.answering is not None:
            self.answering.cancel()

    async def _answer(self) -> None:
        began_at = time.monotonic()
        self.set_header("request-id", self.request_id)
        request = self._request()
        loop = asyncio.get_running_loop()
        read = await loop.run_in_executor(None, self._read, request)
        fault = self.mind.faults.take(lambda: _all_text(request, read))
        if fault is not None:
            await self._fail(fault)
        said, stop_reason = _ended(statements(request, read, fault), request.body["max_tokens"], fault)
        await asyncio.sleep(self.mind.delay_s - (time.monotonic() - began_at))
        parts = (request.body["model"], f"msg_{secrets.token_hex(12)}", said, stop_reason)
        usage = _usage(request, said, self.mind.cache)
        if request.body.get("stream"):
            await self._stream(list(stream.events(*parts, usage)), fault)
        else:
            self.write(stream.message(*parts, usage))
        self.outcome = "answered" if self.outcome == _UNKNOWN else self.outcome

    def _request(self) -> Request:
        """Raises ApiError for what the real API refuses."""
        check_headers(self.request.headers)
        if len(self.request.body) > _MAX_REQUEST_BYTES:
            raise ApiError(413, "request_too_large", "Request exceeds the maximum size")
        try:
            body = json.loads(self.request.body)
        except ValueError as error:
            raise invalid("The request body is not valid JSON") from error
        check(body)
        request = Request(body)
        self.mind.transcript.keep(request)
        return request

    def _read(self, request: Request) -> list[Paragraph]:
        return [one for image in request.images for one in self.mind.reader.paragraphs(image)]

    async def _fail(self, fault: Fault) -> None:
        """For faults that leave no answer."""
        self.outcome = fault.kind if fault.kind != "none" else _UNKNOWN
        if fault.retry_after is not None:
            self.set_header("retry-after", fault.retry_after)
        if fault.kind in _STATUSES:
            raise ApiError(*_STATUSES[fault.kind])
        if fault.kind == "status":
            raise ApiError(fault.status, fault.type, fault.message)
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "reset":
            self._drop()

    async def _stream(self, events: list[stream.Event], fault: Fault | None) -> None:
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.events = len(events)
        breaks_at = len(events) // 2 if fault else len(events)
        for index, (name, data) in enumerate(events):
            if fault is not None and index == breaks_at and await self._broken(fault):
                return
            self.write(stream.encoded(name, data))
            await self.flush()
            self.events_sent += 1
            if fault is not None and fault.pause_s:
                await asyncio.sleep(fault.pause_s)

    async def _broken(self, fault: Fault) -> bool:
        """What happens in the middle; whether the answer ends with it."""
        match fault.kind:
            case "cut":
                self.outcome = fault.kind
                self._drop()
            case "stall":
                await asyncio.sleep(fault.seconds)
            case "overloaded_midway":
                error = stream.error_body("overloaded_error", "Overloaded", self.request_id)
                self.write(stream.encoded("error", error))
                return True
        return fault.kind == "silent_end"

    def _drop(self) -> None:
        """End the connection with a reset."""
        connection = self.detach()
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        raise _Gone

    def _error(self, error: ApiError) -> None:
        self.set_status(error.status, error.type)
        if error.status in (429, 529):
            self.set_header("x-should-retry", "true")
        self.write(stream.error_body(error.type, error.message, self.request_id))


class BehaviourHandler(RequestHandler):
    """``{"faults": [{"kind": …}], "clear": true, "delay_s": 2}``, each if wanted; faults are added."""

    def initialize(self, mind: Mind) -> None:
        self.mind = mind

    def post(self) -> None:
        order: dict[str, Any] = json.loads(self.request.body)
        try:
            faults = [Fault.from_json(fault) for fault in order.get("faults", ())]
        except (ValueError, TypeError) as error:
            raise HTTPError(400, reason=str(error)) from error
        if order.get("clear"):
            self.mind.faults.clear()
        self.mind.faults.add(*faults)
        self.mind.delay_s = float(order.get("delay_s", self.mind.delay_s))


class RequestsHandler(RequestHandler):
    """GET: the requests that were valid, the newest last, and the counts. DELETE: forgets them."""

    def initialize(self, mind: Mind) -> None:
        self.mind = mind

    def get(self) -> None:
        self.write({"requests": list(self.mind.transcript.requests), **self.mind.transcript.counts()})

    def delete(self) -> None:
        self.mind.transcript.reset()


def application(mind: Mind) -> Application:
    shared = {"mind": mind}
    return Application(
        [
            (r"/v1/messages", MessagesHandler, shared),
            (r"/control/behaviour", BehaviourHandler, shared),
            (r"/control/requests", RequestsHandler, shared),
        ],
        log_function=lambda handler: None,
    )


def _all_text(request: Request, read: list[Paragraph]) -> str:
    pages = (block for document in request.documents for block in document.blocks)
    return "\n".join([request.system, *pages, *request.user_texts, *(one.text for one in read)])


def _ended(said: list[Statement], max_tokens: int, fault: Fault | None) -> tuple[list[Statement], str]:
    """The answer as far as it goes, and why it ends."""
    if fault is not None and fault.kind in _STOPS:
        kept = 0 if fault.kind == "refusal" else fault.after_characters
        return _cut(said, kept), _STOPS[fault.kind]
    limit = max_tokens * _CHARACTERS_PER_TOKEN
    is_cut = sum(len(one.text) for one in said) > limit
    return _cut(said, limit), "max_tokens" if is_cut else "end_turn"


def _cut(said: list[Statement], characters: int) -> list[Statement]:
    kept = []
    for one in said:
        if characters > 0:
            kept.append(Statement(one.text[:characters], one.citations))
            characters -= len(one.text)
    return kept


def _usage(request: Request, said: list[Statement], cache: PromptCache) -> dict[str, int]:
    """About what the real API would count."""
    pages = (block for document in request.documents for block in document.blocks)
    texts = [request.system, *pages, *request.user_texts, *request.earlier_answers]
    written, read = cache.characters(request)
    characters = sum(map(len, texts)) - written - read
    return {
        "input_tokens": characters // _CHARACTERS_PER_TOKEN + request.pixels // _PIXELS_PER_TOKEN,
        "output_tokens": max(1, sum(len(one.text) for one in said) // _CHARACTERS_PER_TOKEN),
        "cache_creation_input_tokens": written // _CHARACTERS_PER_TOKEN,
        "cache_read_input_tokens": read // _CHARACTERS_PER_TOKEN,
    }
