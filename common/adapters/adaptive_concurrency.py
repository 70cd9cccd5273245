"""As many calls at once as a provider takes: fewer after it said "too many", more again while it does not.

Additive increase, multiplicative decrease, as TCP does (RFC 5681): the limit is halved when a call is
throttled and grows by one for about every round of calls that succeed.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from common import metrics


class Slot:
    """The right to one call."""

    def __init__(self, concurrency: "AdaptiveConcurrency", began_at: float) -> None:
        self._concurrency = concurrency
        self._began_at = began_at

    def succeeded(self) -> None:
        self._concurrency._grow()

    def throttled(self) -> None:
        self._concurrency._shrink(self._began_at)


class AdaptiveConcurrency:
    """Between one and ``slots`` calls."""

    def __init__(self, slots: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._slots = slots
        self._clock = clock
        self._limit = float(slots)
        self._active = 0
        self._shrunk_at = self._open_at = float("-inf")
        self._changed = asyncio.Event()
        metrics.MODEL_CONCURRENCY.set(slots)

    @property
    def limit(self) -> int:
        return int(self._limit)

    def pause(self, pause_s: float) -> None:
        """No call begins for that long."""
        self._open_at = max(self._open_at, self._clock() + pause_s)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[Slot]:
        """Waits for the end of a pause and for one of the slots."""
        await self._has_room()
        self._active += 1
        metrics.MODEL_CALLS_ACTIVE.set(self._active)
        try:
            yield Slot(self, self._clock())
        finally:
            self._active -= 1
            metrics.MODEL_CALLS_ACTIVE.set(self._active)
            self._tell()

    async def _has_room(self) -> None:
        while True:
            pause_s = self._open_at - self._clock()
            if pause_s > 0:
                await asyncio.sleep(pause_s)
            elif self._active >= self.limit:
                await self._changed.wait()
            else:
                return

    def _grow(self) -> None:
        self._set_limit(min(self._slots, self._limit + 1 / self._limit))

    def _shrink(self, began_at: float) -> None:
        """Calls that began before the limit was last halved say nothing of the new one."""
        if began_at >= self._shrunk_at:
            self._shrunk_at = self._clock()
            self._set_limit(max(1.0, self._limit / 2))

    def _set_limit(self, limit: float) -> None:
        self._limit = limit
        metrics.MODEL_CONCURRENCY.set(self.limit)
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
