"""A process from its start to an orderly end: signals become one stop event."""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable

Main = Callable[[asyncio.Event], Awaitable[None]]


def identity(kind: str) -> str:
    """How this process is called wherever operators see it, such as ``ocr_cpu@host/4711``."""
    return f"{kind}@{socket.gethostname()}/{os.getpid()}"


def run(main: Main) -> None:
    """Run ``main(stop)`` to its end; SIGTERM and SIGINT set ``stop``, and ``main`` then winds up."""
    asyncio.run(_run(main))


async def _run(main: Main) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await main(stop)
