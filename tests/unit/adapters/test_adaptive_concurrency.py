"""How many calls are made at once after some were throttled."""

import asyncio
import time

from common.adapters.adaptive_concurrency import AdaptiveConcurrency


async def test_no_more_than_the_slots_are_taken() -> None:
    concurrency, active, most = AdaptiveConcurrency(3), 0, 0

    async def call() -> None:
        nonlocal active, most
        async with concurrency.slot() as slot:
            active += 1
            most = max(most, active)
            await asyncio.sleep(0.001)
            active -= 1
            slot.succeeded()

    await asyncio.gather(*(call() for _ in range(20)))
    assert most == 3


async def test_a_throttled_call_halves_the_limit_down_to_one() -> None:
    concurrency = AdaptiveConcurrency(8)
    limits = []
    for _ in range(5):
        async with concurrency.slot() as slot:
            slot.throttled()
        limits.append(concurrency.limit)
    assert limits == [4, 2, 1, 1, 1]


async def test_calls_that_are_throttled_together_halve_it_once() -> None:
    concurrency = AdaptiveConcurrency(8)
    started = asyncio.Barrier(8)

    async def call() -> None:
        async with concurrency.slot() as slot:
            await started.wait()
            slot.throttled()

    await asyncio.gather(*(call() for _ in range(8)))
    assert concurrency.limit == 4


async def test_a_round_of_successes_raises_the_limit_by_one_up_to_the_slots() -> None:
    concurrency = AdaptiveConcurrency(4)
    async with concurrency.slot() as slot:
        slot.throttled()
        assert concurrency.limit == 2
        for _ in range(3):
            slot.succeeded()
        assert concurrency.limit == 3
        for _ in range(50):
            slot.succeeded()
    assert concurrency.limit == 4


async def test_nothing_begins_during_a_pause() -> None:
    concurrency = AdaptiveConcurrency(2)
    concurrency.pause(0.1)
    began_at = time.monotonic()
    async with concurrency.slot():
        assert time.monotonic() - began_at >= 0.1


async def test_a_slot_that_was_cancelled_is_free_again() -> None:
    concurrency = AdaptiveConcurrency(1)

    async def hold() -> None:
        async with concurrency.slot():
            await asyncio.sleep(60)

    holding = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiting = asyncio.create_task(hold())
    await asyncio.sleep(0)
    for task in (waiting, holding):
        task.cancel()
    async with asyncio.timeout(1), concurrency.slot():
        pass
