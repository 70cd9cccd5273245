"""A process can be told to end at any time, its start included."""

import asyncio

import pytest

from common.runtime.process import Stopped, unless_stopped


async def test_a_start_goes_its_way() -> None:
    started = False
    async with unless_stopped(asyncio.Event()):
        await asyncio.sleep(0)
        started = True
    assert started


async def test_a_start_that_waits_is_broken_off() -> None:
    stop, left = asyncio.Event(), asyncio.Event()

    async def start() -> None:
        async with unless_stopped(stop):
            try:
                await asyncio.Event().wait()
            finally:
                left.set()

    starting = asyncio.create_task(start())
    await asyncio.sleep(0)
    stop.set()
    with pytest.raises(Stopped):
        await starting
    assert left.is_set()


async def test_an_error_of_the_start_is_told_as_it_is() -> None:
    for error in (TimeoutError("a reply"), ValueError("a setting")):
        with pytest.raises(type(error), match="a "):
            async with unless_stopped(asyncio.Event()):
                raise error


async def test_what_is_broken_off_from_outside_is_cancelled() -> None:
    async def start() -> None:
        async with unless_stopped(asyncio.Event()):
            await asyncio.Event().wait()

    starting = asyncio.create_task(start())
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting


async def test_who_has_started_is_stopped_no_more_by_this() -> None:
    stop = asyncio.Event()
    async with unless_stopped(stop):
        pass
    stop.set()
    await asyncio.sleep(0.01)
