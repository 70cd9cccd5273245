"""Calls to a model, made again when they fail: with pauses, within limits, not against a dead provider."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import ClassVar, Final

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential_jitter

from common import logs, metrics
from common.adapters.adaptive_concurrency import AdaptiveConcurrency
from common.adapters.circuit_breaker import CircuitBreaker
from common.errors import EngineTimeout, FleetError, ModelError, ModelUnavailable
from common.model_question import Reply

_BACKOFF: Final = wait_exponential_jitter(multiplier=0.5, max=10, jitter=0.5)

log = logs.get("model_calls")


class CallFailed(Exception):
    """A call that may succeed when it is made again.

    ``reason``: a sentence for the operator, without content. ``outcome``: its label in the metrics.
    ``wait_s``: how long the provider asks to be left alone.
    ``for_all``: any other call would have failed too.
    """

    is_throttling: ClassVar[bool] = False

    def __init__(
        self, outcome: str, reason: str, *, wait_s: float | None = None, for_all: bool = False
    ) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
        self.wait_s = wait_s
        self.for_all = for_all


class CallThrottled(CallFailed):
    """The provider is well, and wants fewer calls."""

    is_throttling = True


class Conversation:
    """What has happened on the way to one answer."""

    def __init__(self) -> None:
        self.began_at = time.monotonic()
        self.heard_at = float("-inf")
        self.calls = 0
        self.failures = 0

    def heard(self) -> None:
        """A part of the answer has come."""
        self.heard_at = time.monotonic()


Call = Callable[[Conversation], Awaitable[Reply]]


class ModelCalls:
    """``timeout_s``: for one answer, with all its tries and waits. ``silence_s``: an answer of which nothing
    comes for longer has stopped. ``max_wait_s``: the longest pause, whoever asks for it.
    """

    def __init__(
        self,
        concurrency: AdaptiveConcurrency,
        breaker: CircuitBreaker,
        *,
        timeout_s: float,
        silence_s: float,
        max_wait_s: float,
        tries: int,
    ) -> None:
        self._concurrency = concurrency
        self._breaker = breaker
        self._timeout_s = timeout_s
        self._silence_s = silence_s
        self._max_wait_s = max_wait_s
        self._tries = tries
        self._throttled_in_a_row = 0

    async def answer(self, call: Call) -> Reply:
        """Raises what ``call`` does, but instead of CallFailed: ModelUnavailable or ModelDown where the
        provider is to blame; ModelError or EngineTimeout where it answers others, so it must be the question.
        """
        conversation = Conversation()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._persistently(call, conversation)
        except CallFailed as failure:
            raise self._given_up(failure, conversation) from failure
        except TimeoutError as late:
            raise self._late(conversation) from late

    async def _persistently(self, call: Call, conversation: Conversation) -> Reply:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(CallFailed),
            stop=lambda _state: self._breaker.is_open or conversation.failures >= self._tries,
            wait=self._pause_s,
            reraise=True,
        )
        return await retrying(self._once, call, conversation)

    async def _once(self, call: Call, conversation: Conversation) -> Reply:
        self._breaker.check()
        async with self._concurrency.slot() as slot:
            with self._breaker.passing() as passage:
                conversation.calls += 1
                try:
                    reply = await call(conversation)
                except CallThrottled as failure:
                    slot.throttled()
                    self._concurrency.pause(self._throttling_pause_s(failure))
                    _tell(failure, conversation)
                    raise
                except CallFailed as failure:
                    conversation.failures += 1
                    passage.failed(failure.reason, for_all=failure.for_all)
                    if failure.wait_s is not None:
                        self._concurrency.pause(min(failure.wait_s, self._max_wait_s))
                    _tell(failure, conversation)
                    raise
                except FleetError:
                    passage.succeeded()
                    raise
                self._throttled_in_a_row = 0
                slot.succeeded()
                passage.succeeded()
                return reply

    def _pause_s(self, state: RetryCallState) -> float:
        """Before the next try; what a provider asked for is waited for where calls begin."""
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, CallFailed) and (failure.is_throttling or failure.wait_s is not None):
            return 0
        return min(_BACKOFF(state), self._max_wait_s)

    def _throttling_pause_s(self, failure: CallThrottled) -> float:
        """As long as the provider says; where it does not say, longer each time."""
        self._throttled_in_a_row = min(self._throttled_in_a_row + 1, 10)
        own_s = 0.5 * 2**self._throttled_in_a_row
        return min(own_s if failure.wait_s is None else failure.wait_s, self._max_wait_s)

    def _given_up(self, failure: CallFailed, conversation: Conversation) -> FleetError:
        if self._breaker.is_open:
            return self._breaker.refusal()
        if self._breaker.has_succeeded_since(conversation.began_at):
            return ModelError(f"The model failed on this {conversation.calls} times: {failure.reason}")
        return ModelUnavailable(failure.reason)

    def _late(self, conversation: Conversation) -> FleetError:
        metrics.MODEL_CALLS.labels("timed_out").inc()
        log.warning("model_late", calls=conversation.calls, timeout_s=self._timeout_s)
        is_answering = time.monotonic() - conversation.heard_at < self._silence_s
        if is_answering or self._breaker.has_succeeded_since(conversation.began_at):
            return EngineTimeout(f"The model took longer than {self._timeout_s:g} s for its answer.")
        reason = f"The model has not answered within {self._timeout_s:g} s."
        if conversation.calls:
            self._breaker.note_failure(reason, conversation.began_at)
        return self._breaker.refusal() if self._breaker.is_open else ModelUnavailable(reason)


def _tell(failure: CallFailed, conversation: Conversation) -> None:
    metrics.MODEL_CALLS.labels(failure.outcome).inc()
    log.warning(
        "model_call_failed",
        outcome=failure.outcome,
        reason=failure.reason,
        call=conversation.calls,
        wait_s=failure.wait_s,
    )
