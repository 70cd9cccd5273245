"""How wide a job's window is at this moment."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from common import logs
from common.contracts.tasks import Tier
from common.domain.window import window_size
from common.errors import Unavailable
from common.ports import JobRepository, SlotCounter

KNOWN_FOR_S = 2.0

log = logs.get("windows")


@dataclass(slots=True)
class _Known:
    """What was last heard of a tier, and until when that is believed."""

    slots_live: int = 0
    jobs_active: int = 0
    until_s: float = float("-inf")
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Windows:
    """Asks the broker for live slots and the store for active jobs, once every two seconds at most.

    While neither can be asked, the last known size counts. ``clock`` is monotonic, in seconds.
    """

    def __init__(self, jobs: JobRepository, slots: SlotCounter, clock: Callable[[], float]) -> None:
        self._jobs = jobs
        self._slots = slots
        self._clock = clock
        self._known = {tier: _Known() for tier in Tier}

    async def slots(self, tier: Tier) -> int:
        """How many pages can be read at once, as last heard."""
        return (await self._fresh(tier)).slots_live

    async def size(self, tier: Tier, page_s: float | None = None) -> int:
        """``page_s`` is how long the job's last pages took, where some have been read."""
        known = await self._fresh(tier)
        return window_size(known.slots_live, known.jobs_active, page_s)

    async def _fresh(self, tier: Tier) -> _Known:
        known = self._known[tier]
        async with known.asking:
            if self._clock() >= known.until_s:
                await self._ask(tier, known)
                known.until_s = self._clock() + KNOWN_FOR_S
        return known

    async def _ask(self, tier: Tier, known: _Known) -> None:
        try:
            known.slots_live, known.jobs_active = (
                await self._slots.live_slots(tier),
                await self._jobs.count_active(tier),
            )
        except Unavailable as error:
            log.warning("window_unknown", slots=known.slots_live, reason=error.message)
