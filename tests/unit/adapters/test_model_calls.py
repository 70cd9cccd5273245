"""What becomes of an answer that does not come, without any server."""

import asyncio

import pytest

from common.adapters.adaptive_concurrency import AdaptiveConcurrency
from common.adapters.circuit_breaker import CircuitBreaker
from common.adapters.model_calls import CallFailed, CallThrottled, Conversation, ModelCalls
from common.document.model_usage import ModelUsage
from common.errors import ModelDown, ModelError, ModelRefused, ModelUnavailable
from common.model_question import Reply

REPLY = Reply("Yes.", "end", ModelUsage("reader"))
WAIT_S = 0.001


def calls(outage_s: float = 60, tries: int = 4, timeout_s: float = 5) -> ModelCalls:
    return ModelCalls(
        AdaptiveConcurrency(4),
        CircuitBreaker(probe_s=60, outage_s=outage_s),
        timeout_s=timeout_s,
        silence_s=1,
        max_wait_s=0.01,
        tries=tries,
    )


class Script:
    """A call that does one thing after the other, and then answers."""

    def __init__(self, *does: Exception) -> None:
        self._does = list(does)
        self.made = 0

    async def __call__(self, conversation: Conversation) -> Reply:
        self.made += 1
        if self._does:
            raise self._does.pop(0)
        return REPLY


def failure() -> CallFailed:
    return CallFailed("server_error", "It is broken.", wait_s=WAIT_S)


async def test_a_call_that_failed_is_made_again() -> None:
    script = Script(failure(), failure())
    assert await calls().answer(script) == REPLY
    assert script.made == 3


async def test_a_page_that_waits_is_told_when_all_tries_fail() -> None:
    script = Script(*(failure() for _ in range(9)))
    with pytest.raises(ModelUnavailable, match="It is broken"):
        await calls(tries=2).answer(script)
    assert script.made == 2


async def test_nothing_is_tried_against_an_open_breaker() -> None:
    made = calls()
    with pytest.raises(ModelUnavailable):
        await made.answer(Script(CallFailed("unauthorized", "Wrong key.", for_all=True)))
    script = Script()
    with pytest.raises(ModelUnavailable, match="Wrong key"):
        await made.answer(script)
    assert script.made == 0


async def test_an_outage_that_lasts_is_told_as_such() -> None:
    with pytest.raises(ModelDown):
        await calls(outage_s=0).answer(Script(*(failure() for _ in range(9))))


async def test_being_throttled_is_no_try() -> None:
    throttled = (CallThrottled("throttled", "Slowly.", wait_s=WAIT_S) for _ in range(20))
    script = Script(*throttled)
    assert await calls(tries=1).answer(script) == REPLY
    assert script.made == 21


async def test_being_throttled_to_the_end_counts_as_an_outage() -> None:
    made = calls(timeout_s=0.1)
    for _ in range(3):
        script = Script(*(CallThrottled("throttled", "Slowly.", wait_s=WAIT_S) for _ in range(10_000)))
        with pytest.raises(ModelUnavailable):
            await made.answer(script)
    with pytest.raises(ModelUnavailable, match="so since"):
        await made.answer(Script())


async def test_the_models_own_errors_are_not_tried_again() -> None:
    script = Script(ModelRefused())
    with pytest.raises(ModelRefused):
        await calls().answer(script)
    assert script.made == 1


async def test_a_failure_while_others_are_answered_is_the_questions_own() -> None:
    made = calls(tries=2)
    begun = asyncio.Event()
    fails = Script(failure(), failure())

    async def slow(conversation: Conversation) -> Reply:
        begun.set()
        await asyncio.sleep(0.02)
        return await fails(conversation)

    unlucky = asyncio.create_task(made.answer(slow))
    await begun.wait()
    await made.answer(Script())
    with pytest.raises(ModelError, match="failed on this 2 times"):
        await unlucky
