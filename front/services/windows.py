"""How wide a job's window is at this moment."""

from collections.abc import Callable

from common.domain.window import window_size
from common.ports import JobRepository, SlotCounter

KNOWN_FOR_S = 2.0


class Windows:
    """Asks the broker for live slots and the store for active jobs, once every two seconds at most.

    ``clock`` is monotonic, in seconds.
    """

    def __init__(self, jobs: JobRepository, slots: SlotCounter, clock: Callable[[], float]) -> None:
        self._jobs = jobs
        self._slots = slots
        self._clock = clock
        self._size = 0
        self._known_until_s = float("-inf")

    async def size(self) -> int:
        if self._clock() >= self._known_until_s:
            self._size = window_size(await self._slots.live_slots(), await self._jobs.count_active())
            self._known_until_s = self._clock() + KNOWN_FOR_S
        return self._size
