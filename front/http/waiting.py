"""Waiting for something that may be given up."""

import asyncio
from collections.abc import Coroutine
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
