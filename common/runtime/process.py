"""A process from its start to an orderly end: signals become one stop event."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from common import logs
from common.runtime.ending import MARGIN_S, bounded_end

Main = Callable[[asyncio.Event], Awaitable[None]]

DRAIN_S = 30.0

log = logs.get("process")


class Stopped(Exception):
    """The process was told to end before it had started."""


def identity(kind: str) -> str:
    """How this process is called wherever operators see it, such as ``ocr_cpu@host/4711``."""
    return f"{kind}@{socket.gethostname()}/{os.getpid()}"


def run(main: Main, drain_s: float = DRAIN_S, margin_s: float = MARGIN_S) -> None:
    """Run ``main(stop)`` to its end; SIGTERM and SIGINT set ``stop``, and ``main`` then winds up.

    What fails by itself sets ``stop`` as well, see ``winding_up``. ``main`` may take ``drain_s`` seconds
    to finish what is in hand; what is there ``margin_s`` later is ended by force, see ``bounded_end``.
    Stopped is such an end as well.
    """
    with suppress(Stopped):
        asyncio.run(_run(main, drain_s, margin_s))


@asynccontextmanager
async def winding_up(stop: asyncio.Event) -> AsyncIterator[None]:
    """However the block is left, it counts as told to stop: the time of what is done after it is limited.

    An error is logged before all that, which may never come to its end.
    """
    try:
        yield
    except Exception as error:
        if not isinstance(error, Stopped):
            log.exception("failed")
        raise
    finally:
        stop.set()


@asynccontextmanager
async def unless_stopped(stop: asyncio.Event) -> AsyncIterator[None]:
    """Break the block off as soon as ``stop`` is set: for a start, which may wait long for others.

    Raises Stopped.
    """
    try:
        async with asyncio.timeout(None) as limit:
            watching = asyncio.create_task(_expire(limit, stop))
            try:
                yield
            finally:
                watching.cancel()
    except TimeoutError:
        if not limit.expired():
            raise
        raise Stopped from None


async def _expire(limit: asyncio.Timeout, stop: asyncio.Event) -> None:
    await stop.wait()
    limit.reschedule(asyncio.get_running_loop().time())


async def _run(main: Main, drain_s: float, margin_s: float) -> None:
    stop = asyncio.Event()
    with bounded_end(stop, drain_s, margin_s):
        await main(stop)
