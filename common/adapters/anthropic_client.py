"""Models behind the Messages API, by Anthropic's SDK: Anthropic's own, or any server that speaks it.

The text of documents and keys get into neither logs nor errors: providers may repeat parts of a request in
what they say of it, so their words are looked at and never passed on.
"""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Literal, Protocol, Self

import httpx2
from anthropic import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AsyncAnthropic,
    DefaultAsyncHttpxClient,
    omit,
    transform_schema,
)
from anthropic.types import Message
from pydantic import SecretStr

from common import logs, metrics
from common.adapters.adaptive_concurrency import AdaptiveConcurrency
from common.adapters.circuit_breaker import CircuitBreaker
from common.adapters.model_calls import CallFailed, CallThrottled, Conversation, ModelCalls
from common.adapters.model_hearing import Hearing, segments
from common.adapters.model_request import messages, output_config, system
from common.adapters.model_schema import with_single_types
from common.adapters.model_status import Fault, fault_of
from common.adapters.retry_after import retry_after_s
from common.document.model_usage import ModelUsage
from common.domain.model_prices import ModelPrice, price_of
from common.errors import ModelAnswerTooLong, ModelQuestionTooLong, ModelRefused, ModelRejected
from common.model_question import Hear, JsonSchema, Question, Reply

_CONNECT_S: Final = 10
_SCHEMAS_REMEMBERED: Final = 100
_NO_KEY: Final = "none"  # what a server is sent that asks for none; the SDK insists on one

# What the SDK raises of its own: of a stream that is cut, and of one that is not as the API's are.
_STUMBLES: Final = (ValueError, RuntimeError, LookupError, AttributeError, TypeError, AssertionError)

SchemaIn = Literal["schema", "prompt"]

log = logs.get("anthropic_client")


class ModelAccess(Protocol):
    """What is to be known of the model and its server: see ``common.runtime.model_settings``."""

    @property
    def anthropic_api_key(self) -> SecretStr | None: ...
    @property
    def anthropic_auth_token(self) -> SecretStr | None: ...
    @property
    def anthropic_base_url(self) -> str | None: ...
    @property
    def model(self) -> str: ...
    @property
    def effort(self) -> Literal["low", "medium", "high", "xhigh", "max"] | None: ...
    @property
    def max_tokens(self) -> int: ...
    @property
    def structured(self) -> SchemaIn: ...
    @property
    def timeout_s(self) -> float: ...
    @property
    def silence_s(self) -> float: ...
    @property
    def tries(self) -> int: ...
    @property
    def max_wait_s(self) -> float: ...
    @property
    def probe_s(self) -> float: ...
    @property
    def outage_s(self) -> float: ...
    @property
    def slots(self) -> int: ...
    @property
    def prices(self) -> Mapping[str, ModelPrice]: ...


class AnthropicModel:
    """One model, for as many at once as ``access.slots`` allows; to be made in a running event loop."""

    def __init__(self, access: ModelAccess) -> None:
        self._access = access
        self._price = price_of(access.model, access.prices)
        self._sdk = _sdk(access)
        self._not_held_to: set[str] = set()  # schemas that the server did not take
        self._breaker = CircuitBreaker(access.probe_s, access.outage_s)
        self._calls = ModelCalls(
            AdaptiveConcurrency(access.slots),
            self._breaker,
            timeout_s=access.timeout_s,
            silence_s=access.silence_s,
            max_wait_s=access.max_wait_s,
            tries=access.tries,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._sdk.close()

    async def ask(self, question: Question, hear: Hear | None = None) -> Reply:
        """See ``common.model_question.LanguageModel``."""
        hearing = Hearing(hear)
        if question.schema is None or self._access.structured == "prompt":
            return await self._answer(question, "prompt", hearing)
        fingerprint = json.dumps(question.schema, sort_keys=True)
        if fingerprint in self._not_held_to:
            return await self._answer(question, "prompt", hearing)
        try:
            return await self._answer(question, "schema", hearing)
        except _SchemaRejected:
            log.warning("schema_goes_into_prompt")
            self._remember(fingerprint)
            return await self._answer(question, "prompt", hearing)

    def _remember(self, fingerprint: str) -> None:
        if len(self._not_held_to) >= _SCHEMAS_REMEMBERED:
            self._not_held_to.clear()
        self._not_held_to.add(fingerprint)

    async def _answer(self, question: Question, schema_in: SchemaIn, hearing: Hearing) -> Reply:
        async def call(conversation: Conversation) -> Reply:
            began_at = time.monotonic()
            try:
                message = await self._message(question, schema_in, hearing, conversation)
            except (APIError, httpx2.HTTPError, *_STUMBLES) as error:
                raise _translated(error) from error
            return self._reply(message, time.monotonic() - began_at)

        return await self._calls.answer(call)

    async def _message(
        self, question: Question, schema_in: SchemaIn, hearing: Hearing, conversation: Conversation
    ) -> Message:
        """Streamed, since servers and proxies end answers that are silent for minutes.

        The connection ends with the task that waits for it, so an answer that nobody wants costs no more.
        """
        held_to = _strict(question.schema) if schema_in == "schema" else None
        hearing.begin()
        async with self._sdk.messages.stream(
            model=self._access.model,
            max_tokens=question.max_tokens or self._access.max_tokens,
            system=system(question, question.schema if held_to is None else None) or omit,
            messages=messages(question),
            output_config=output_config(held_to, self._access.effort) or omit,
        ) as stream:
            is_whole = False
            async for event in stream:
                conversation.heard()
                hearing.note(event)
                is_whole = is_whole or event.type == "message_stop"
            if not is_whole:
                raise CallFailed("cut", "The model's answer broke off.")
            return stream.current_message_snapshot

    def _reply(self, message: Message, duration_s: float) -> Reply:
        """Raises ModelRefused or ModelAnswerTooLong for what is no answer."""
        usage = self._usage(message)
        outcome = _OUTCOMES.get(message.stop_reason or "", "answered")
        metrics.MODEL_CALLS.labels(outcome).inc()
        metrics.MODEL_CALL_DURATION.observe(duration_s)
        log.info(
            "model_answered",
            model=self._access.model,
            outcome=outcome,
            duration_s=round(duration_s, 3),
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
        )
        if outcome == "refused":
            raise ModelRefused()
        if outcome == "context_exceeded":
            raise ModelAnswerTooLong(
                "The question and its answer are longer than the model's context window."
            )
        said = segments(message.content)
        text = "".join(segment.text for segment in said)
        return Reply(text, "max_tokens" if outcome == "cut_short" else "end", usage, said)

    def _usage(self, message: Message) -> ModelUsage:
        """By the name under which the model was asked: servers give themselves others."""
        used = message.usage
        fresh, output = used.input_tokens or 0, used.output_tokens or 0
        written, read = used.cache_creation_input_tokens or 0, used.cache_read_input_tokens or 0
        _count_tokens(input=fresh, output=output, cache_write=written, cache_read=read)
        cost = self._price.cost(fresh, output, written, read) if self._price else None
        metrics.MODEL_COST.inc(cost or 0)
        return ModelUsage(self._access.model, fresh + written + read, output, cost)


_OUTCOMES: Final = {
    "max_tokens": "cut_short",
    "refusal": "refused",
    "model_context_window_exceeded": "context_exceeded",
}


class _SchemaRejected(ModelRejected):
    """The model's provider does not take the schema that the answer is to follow."""


def _sdk(access: ModelAccess) -> AsyncAnthropic:
    """Whatever is not given is not looked for in files of the machine either; and documents go to the address
    that was given, not on to where that points.
    """
    key, token = access.anthropic_api_key, access.anthropic_auth_token
    if key is None and token is None:
        key = SecretStr(_NO_KEY)
    timeout = httpx2.Timeout(access.silence_s, connect=min(_CONNECT_S, access.silence_s))
    return AsyncAnthropic(
        api_key=key.get_secret_value() if key else None,
        auth_token=token.get_secret_value() if token and not key else None,
        base_url=access.anthropic_base_url,
        max_retries=0,
        timeout=timeout,
        http_client=DefaultAsyncHttpxClient(timeout=timeout, follow_redirects=False),
    )


def _strict(schema: JsonSchema | None) -> JsonSchema | None:
    """What servers can hold an answer to, the rest of it in descriptions; None where they cannot."""
    if schema is None:
        return None
    try:
        return transform_schema(with_single_types(dict(schema)))
    except (ValueError, TypeError, AttributeError, KeyError, AssertionError):
        return None


def _translated(error: Exception) -> Exception:
    """Of a foreign error: CallFailed where the same call may succeed later, else ModelRejected."""
    match error:
        case APIStatusError():
            return _of_status(error)
        case APITimeoutError() | httpx2.TimeoutException():
            return CallFailed("silent", "The model's server does not answer.")
        case APIConnectionError():
            return CallFailed("unreachable", "The model's server cannot be reached.")
        case _:
            return CallFailed("cut", "The model's answer broke off.")


def _of_status(error: APIStatusError) -> Exception:
    """An error that comes in the middle of an answer has the status 200 and is known by its type."""
    fault = fault_of(error.status_code, error.type, error.api_message or "")
    log.warning("model_error", status=error.status_code, fault=fault.outcome, request_id=error.request_id)
    wait_s = retry_after_s(error.response.headers, datetime.now(UTC))
    match fault.fate:
        case Fault.Fate.THROTTLED:
            return CallThrottled(fault.outcome, fault.reason, wait_s=wait_s)
        case Fault.Fate.PASSING:
            return CallFailed(fault.outcome, fault.reason, wait_s=wait_s)
        case Fault.Fate.FOR_ALL:
            return CallFailed(fault.outcome, fault.reason, for_all=True)
    metrics.MODEL_CALLS.labels(fault.outcome).inc()
    if fault.is_schema:
        return _SchemaRejected(fault.reason)
    return (ModelQuestionTooLong if fault.is_too_long else ModelRejected)(fault.reason)


def _count_tokens(**tokens: int) -> None:
    for kind, count in tokens.items():
        metrics.MODEL_TOKENS.labels(kind).inc(count)
