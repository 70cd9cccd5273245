"""What a process says of itself to whoever restarts it, and to whoever waits until it takes work."""

import asyncio
import threading
from collections.abc import Callable

LOOP_LIMIT_S = 5.0


class Health:
    """Asked from any thread.

    Live: the event loop turns, so a process that is not had better be killed. Ready: it takes work; a worker
    that is not, since the broker is away or it is told to stop, needs no help of anybody.
    """

    def __init__(self, stop: asyncio.Event, loop_limit_s: float = LOOP_LIMIT_S) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = stop
        self._loop_limit_s = loop_limit_s
        self._takes_work: Callable[[], bool] | None = None

    def ready_while(self, takes_work: Callable[[], bool]) -> None:
        """The start is over; ``takes_work`` is called in other threads."""
        self._takes_work = takes_work

    def is_live(self) -> bool:
        turned = threading.Event()
        try:
            self._loop.call_soon_threadsafe(turned.set)
        except RuntimeError:  # closed
            return False
        return turned.wait(self._loop_limit_s)

    def obstacle(self) -> str | None:
        """Why it takes no work now; None when it does."""
        if self._stop.is_set():
            return "stopping"
        if self._takes_work is None:
            return "starting"
        return None if self._takes_work() else "the broker is away"
