"""A process from its start to an orderly end: signals become one stop event."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Main = Callable[[asyncio.Event], Awaitable[None]]


class Stopped(Exception):
    """The process was told to end before it had started."""


def identity(kind: str) -> str:
    """How this process is called wherever operators see it, such as ``ocr_cpu@host/4711``."""
    return f"{kind}@{socket.gethostname()}/{os.getpid()}"


def run(main: Main) -> None:
    """Run ``main(stop)`` to its end; SIGTERM and SIGINT set ``stop``, and ``main`` then winds up.

    Stopped is such an end as well.
    """
    with suppress(Stopped):
        asyncio.run(_run(main))


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


async def _run(main: Main) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await main(stop)
