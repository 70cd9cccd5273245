"""How wide a job's window is at this moment."""

import asyncio
from collections.abc import Callable

from common import logs
from common.domain.window import window_size
from common.errors import Unavailable
from common.ports import JobRepository, SlotCounter

KNOWN_FOR_S = 2.0

log = logs.get("windows")


class Windows:
    """Asks the broker for live slots and the store for active jobs, once every two seconds at most.

    While neither can be asked, the last known size counts. ``clock`` is monotonic, in seconds.
    """

    def __init__(self, jobs: JobRepository, slots: SlotCounter, clock: Callable[[], float]) -> None:
        self._jobs = jobs
        self._slots = slots
        self._clock = clock
        self._slots_live, self._jobs_active = 0, 0
        self._known_until_s = float("-inf")
        self._asking = asyncio.Lock()

    async def size(self, page_s: float | None = None) -> int:
        """``page_s`` is how long the job's last pages took, where some have been read."""
        async with self._asking:
            if self._clock() >= self._known_until_s:
                await self._ask()
                self._known_until_s = self._clock() + KNOWN_FOR_S
        return window_size(self._slots_live, self._jobs_active, page_s)

    async def _ask(self) -> None:
        try:
            self._slots_live, self._jobs_active = (
                await self._slots.live_slots(),
                await self._jobs.count_active(),
            )
        except Unavailable as error:
            log.warning("window_unknown", slots=self._slots_live, reason=error.message)
