"""How many requests of one partner are under way at once; the others wait in its intake queue."""

import asyncio
from typing import Final

from common.contracts.tasks import Tier
from common.domain.account import Account
from common.ports import JobRepository
from front.services.windows import Windows

AGAIN_S: Final = 0.2
# Jobs longer than the express lane takes: each fills a window of its own.
LONG_JOBS: Final = 2


class IntakePace:
    """Leaves others a worker that is free: ``short_jobs`` at once, or, where that is 0, one fewer than pages
    can be read at once. What a partner sends beyond that costs nobody but itself time.
    """

    def __init__(self, jobs: JobRepository, windows: Windows, short_jobs: int) -> None:
        self._jobs = jobs
        self._windows = windows
        self._short_jobs = short_jobs

    async def until_room(self, account: Account, tier: Tier) -> None:
        """Raises Unavailable."""
        while not await self._has_room(account, tier):
            await asyncio.sleep(AGAIN_S)

    async def _has_room(self, account: Account, tier: Tier) -> bool:
        short_jobs, long_jobs = await self._jobs.count_requests(account.id)
        places = self._short_jobs or max(1, await self._windows.slots(tier) - 1)
        return short_jobs < places and long_jobs < LONG_JOBS
