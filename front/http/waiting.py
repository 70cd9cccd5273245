"""Waiting for something that may be given up."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def unless(work: Coroutine[Any, Any, _Result], *events: asyncio.Event) -> _Result | None:
    """What ``work`` returns; None, and ``work`` is canceled, when one of ``events`` is set before."""
    working = asyncio.ensure_future(work)
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait([working, *waiting], return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, *waiting):
            task.cancel()
        await asyncio.gather(working, return_exceptions=True)  # so that it leaves nothing half done


async def until(items: AsyncIterator[_Result], *events: asyncio.Event) -> AsyncIterator[_Result]:
    """The ``items``, which are never None, until one of ``events`` is set."""
    while (item := await unless(_next(items), *events)) is not None:
        yield item


async def _next(items: AsyncIterator[_Result]) -> _Result | None:
    return await anext(items, None)
