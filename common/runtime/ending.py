"""The end of a process, told to stop or failing: orderly if it can, but within its time, however stuck."""

import asyncio
import faulthandler
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from common import logs

SIGNALS = (signal.SIGTERM, signal.SIGINT)
# Beyond what a process takes to finish what it has in hand: connections that do not close, for example.
MARGIN_S = 30.0
CANCEL_AGAIN_S = 1.0

log = logs.get("process")


@contextmanager
def bounded_end(stop: asyncio.Event, drain_s: float, margin_s: float) -> Iterator[None]:
    """A signal sets ``stop``; ``drain_s + margin_s`` after it is set, by whomever, the process ends.

    Where the block is left before ``stop`` is set, ``margin_s`` remain. What was still running is logged
    when half of the margin is over; at the end the stacks of all threads go to standard error and the
    process exits with 1. The limit stays when the context is left: a thread that never returns, or a task
    that takes no cancellation, would otherwise hold up the interpreter's own end.
    """
    loop = asyncio.get_running_loop()
    is_limited = False

    def limit(limit_s: float) -> None:
        """What comes later extends nothing."""
        nonlocal is_limited
        if not is_limited:
            is_limited = True
            faulthandler.dump_traceback_later(limit_s, exit=True)
            loop.call_soon_threadsafe(loop.call_later, limit_s - margin_s / 2, _tell_what_runs)

    def receive(number: int, frame: FrameType | None) -> None:
        """Not through the event loop, which may be what is stuck."""
        for name in SIGNALS:
            signal.signal(name, signal.SIG_IGN)
        limit(drain_s + margin_s)
        loop.call_soon_threadsafe(stop.set)

    async def watch() -> None:
        await stop.wait()
        limit(drain_s + margin_s)

    before = {name: signal.signal(name, receive) for name in SIGNALS}
    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        limit(margin_s)
        for name, handler in before.items():
            if signal.getsignal(name) is receive:
                signal.signal(name, handler)


async def cancel_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Returns when all have ended: cancelled again where a library took that for an error of its own."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)


def _tell_what_runs() -> None:
    for task in asyncio.all_tasks():
        log.warning("still_running", task=task.get_name(), awaits=_awaits(task.get_coro()))


def _awaits(awaited: Any) -> list[str]:
    """Where each coroutine stands, from a task's own down to what it waits for."""
    places: list[str] = []
    while awaited is not None:
        kind = next((kind for kind in ("cr", "ag", "gi") if hasattr(awaited, f"{kind}_frame")), None)
        if kind is None:
            return [*places, repr(awaited)]
        frame = getattr(awaited, f"{kind}_frame")
        if frame is not None:
            places.append(f"{awaited.__qualname__} ({frame.f_code.co_filename}:{frame.f_lineno})")
        awaited = getattr(awaited, "gi_yieldfrom" if kind == "gi" else f"{kind}_await")
    return places
