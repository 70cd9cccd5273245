"""What all handlers have in common: who asks, how errors and JSON look, what is logged."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, ClassVar, cast

import orjson
import structlog
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler, stream_request_body

from common import logs, metrics, tracing
from common.domain.account import Account
from common.domain.rates import Standing
from common.errors import AccountSuspended, BadRequest, FleetError, Unauthorized, Unavailable
from front.http import problem
from front.http.client_address import client_network
from front.http.credentials import secret_of
from front.http.lingering import LingeringConnection
from front.http.rate_limit_fields import fields_of
from front.http.request_id import HEADER, request_id
from front.http.services import Services, Surroundings
from front.services.rate_limits import Kind

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
JSON = "application/json"
_MAX_UNUSED_BODY_BYTES = 64 * 1024
_FLUSH_BYTES = 256 * 1024
_ANY_SIZE = 1 << 60
_JOB_ID = re.compile(r"[0-9a-f]{32}")

log = logs.get("http")


@stream_request_body
class ApiHandler(RequestHandler):
    """Decides on a request before its body is read; a body is seen piece by piece and never held.

    Handlers raise whatever went wrong: it is answered here, whether the body was still arriving or not.
    """

    needs_account: ClassVar[bool] = True
    allows_anonymous: ClassVar[bool] = False
    is_counted: ClassVar[bool] = True
    is_traced: ClassVar[bool] = True
    account: Account
    job_id: str | None = None
    _standing: Standing | None = None
    _trace: tracing.Begun | None = None

    def initialize(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.is_gone = asyncio.Event()
        self._is_streaming = False
        self._body_bytes = 0
        # Too large a body gets an answer of ours, not the server's bare 400.
        self.connection.set_max_body_size(_ANY_SIZE)

    @property
    def services(self) -> Services:
        return self.surroundings.services

    @property
    def connection(self) -> LingeringConnection:
        return cast(LingeringConnection, self.request.connection)

    @property
    def request_id(self) -> str:
        if not hasattr(self, "_request_id"):
            self._request_id = request_id(self.request.headers.get(HEADER))
        return self._request_id

    # --- what comes in ---

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """What is not UTF-8 is refused in a query; in a path it is the name of nothing: not found."""
        if name is None:
            return value.decode("utf-8", "replace")
        return super().decode_argument(value, name)

    async def prepare(self) -> None:
        if self.is_traced:
            self._trace = tracing.begin(
                f"{self.request.method} {route_of(self)}",
                tracing.Role.SERVER,
                {"http.request.method": self.request.method or "", "http.route": route_of(self)},
                carrier=self.request.headers,
            )
        self.job_id = next(filter(_JOB_ID.fullmatch, self.path_args), None)
        structlog.contextvars.bind_contextvars(request_id=self.request_id, job_id=self.job_id)
        if self.request.method not in self.allowed_methods():
            raise HTTPError(405)
        if self.needs_account:
            self.account = await self._admitted()
            structlog.contextvars.bind_contextvars(account_id=self.account.id)
        if self.is_counted:
            self.count_request()

    def count_request(self) -> None:
        """Asked before anything is done for a request. Raises RateLimited."""
        limits = self.services.rate_limits
        if self.needs_account:
            self.tell(limits.check(self.account, Kind.REQUESTS))
        else:
            self.tell(limits.check_address(self.network))

    def tell(self, standing: Standing) -> None:
        """Let the answer say what is left of the caller's quota, whatever the answer will be."""
        self._standing = standing
        self._write_standing()

    async def _admitted(self) -> Account:
        limits, secret = self.services.rate_limits, secret_of(self.request)
        with limits.admitting(self.network):
            if secret is None:
                return await self._authenticated()
            with limits.guessing(secret, self.network):
                return await self._authenticated()

    async def _authenticated(self) -> Account:
        """Whoever sends a token is taken by it; without one a caller is a visitor, where that is allowed."""
        secret = secret_of(self.request)
        if secret is not None or not (self.allows_anonymous and self.surroundings.settings.anonymous):
            return await self.services.tokens.authenticate(secret, datetime.now(UTC))
        return await self.services.visitors.account(self.network)

    @property
    def network(self) -> str:
        """Where the client is, as far as the proxies in front can be believed."""
        forwarded_for = self.request.headers.get_list("X-Forwarded-For")
        settings = self.surroundings.settings
        return client_network(
            self.request.remote_ip or "", forwarded_for, settings.trusted_hops, settings.clients_per_site
        )

    async def is_still_admitted(self) -> bool:
        """Whether whoever asked may still ask: for answers that go on for long."""
        try:
            await self._authenticated()
        except (Unauthorized, AccountSuspended):
            return False
        except Unavailable as error:
            log.warning("admission_unknown", reason=error.message)
        return True

    def data_received(self, chunk: bytes) -> None:
        try:
            self.receive(chunk)
        except FleetError as error:
            self.send_error(exc_info=(type(error), error, error.__traceback__))

    def receive(self, chunk: bytes) -> None:
        """Take a piece of the body. Raises FleetError to refuse it."""
        self._body_bytes += len(chunk)
        if self._body_bytes > _MAX_UNUSED_BODY_BYTES:
            raise BadRequest("This request takes no body.")

    async def head(self, *path: str) -> None:
        """As GET; Tornado leaves the body out."""
        await cast(Any, self).get(*path)

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self.is_gone.set()
        self._end_trace()

    def on_finish(self) -> None:
        self._end_trace()

    def _end_trace(self) -> None:
        if self._trace is not None:
            job = {"ocr.job_id": self.job_id} if self.job_id else {}
            self._trace.end({"http.response.status_code": self.get_status(), **job})

    def allowed_methods(self) -> list[str]:
        implemented = {name for name in _METHODS if _is_implemented(type(self), name)}
        return [name for name in _METHODS if name in implemented and (name != "HEAD" or "GET" in implemented)]

    # --- what goes out ---

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header(HEADER, self.request_id)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self._write_standing()

    def _write_standing(self) -> None:
        if self._standing is not None:
            for name, value in fields_of(self._standing).items():
                self.set_header(name, value)

    def compute_etag(self) -> None:
        """None: answers are not cached."""

    def write_json(self, value: Any) -> None:
        self.set_header("Content-Type", JSON)
        self.write(orjson.dumps(value))

    async def write_json_stream(self, chunks: AsyncIterator[bytes]) -> None:
        self.set_header("Content-Type", JSON)
        await self.write_stream(chunks)

    async def write_stream(self, chunks: AsyncIterator[bytes]) -> None:
        """Send ``chunks`` as they come; an error before much was written is still answered as one."""
        waiting_bytes = 0
        async for chunk in chunks:
            self.write(chunk)
            waiting_bytes += len(chunk)
            if waiting_bytes > _FLUSH_BYTES:
                await self._send_written()
                waiting_bytes = 0

    async def send(self, chunk: bytes) -> None:
        """Send ``chunk`` at once, with whatever was written before."""
        self.write(chunk)
        await self._send_written()

    async def send_head(self) -> None:
        """The headers of an answer whose length is not known; for HEAD, before anything large is read."""
        await self._send_written()

    async def _send_written(self) -> None:
        self._is_streaming = True
        await self.flush()

    # --- what goes wrong ---

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """An answer that has begun is broken off instead, so that nobody takes it as whole."""
        if self._is_streaming:
            self.connection.close()
        else:
            super().send_error(status_code, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        _, error, _ = kwargs.get("exc_info", (None, HTTPError(status_code), None))
        answer = problem.problem_of(error)
        self.set_status(answer.status.value)
        for name, value in answer.headers.items():
            self.set_header(name, value)
        if answer.is_about_too_much:
            metrics.REFUSALS.labels(answer.code).inc()
        if answer.is_about_the_method:
            self.set_header("Allow", ", ".join(self.allowed_methods()))
        self.set_header("Content-Type", problem.CONTENT_TYPE)
        self.finish(orjson.dumps(answer.body(self.request_id)))

    def log_exception(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Replaces Tornado's, which would write the URL and so perhaps a token."""
        if isinstance(error, Unavailable):
            log.warning("unavailable", code=error.code, reason=error.message)
        elif problem.problem_of(error).is_our_fault and not isinstance(error, StreamClosedError):
            log.error("handler_bug", path=self.request.path, exc_info=(kind, error, trace))


def route_of(handler: RequestHandler) -> str:
    """The handler's name, such as ``submissions``: paths are as many as there are jobs."""
    return type(handler).__name__.removesuffix("Handler").lower()


def _is_implemented(handler: type[RequestHandler], method: str) -> bool:
    return getattr(handler, method.lower()) is not getattr(RequestHandler, method.lower())
