"""How many requests of one partner are under way at once; the others wait in its intake queue."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from common.contracts.job_events import JobAnnounced, JobHint
from common.contracts.tasks import Tier
from common.domain.account import Account
from common.domain.job_parts import JobStatus
from common.ports import JobRepository
from front.services.watchers import Watchers
from front.services.windows import Windows

# Jobs longer than the express lane takes: each fills a window of its own.
LONG_JOBS: Final = 2
# Fronts hear of an end in a moment; what they miss, they see when they look.
FIRST_LOOK_S: Final = 0.2
LONGEST_LOOK_S: Final = 5.0

_ENDS = frozenset({JobStatus.FAILED, JobStatus.CANCELED})


class NoRoom(Exception):
    """As many requests of the partner's, in that tier, are under way as may be."""

    def __init__(self, account: Account, tier: Tier) -> None:
        super().__init__(account.id, tier)
        self.account = account
        self.tier = tier


class IntakePace:
    """Leaves others a worker that is free: ``short_jobs`` at once, or, where that is 0, one fewer than pages
    can be read at once. What a partner sends beyond that costs nobody but itself time.
    """

    def __init__(self, jobs: JobRepository, windows: Windows, short_jobs: int) -> None:
        self._jobs = jobs
        self._windows = windows
        self._short_jobs = short_jobs
        self._watchers = Watchers()

    async def check(self, account: Account, tier: Tier) -> None:
        """Raises NoRoom and Unavailable."""
        if not await self._has_room(account, tier):
            raise NoRoom(account, tier)

    async def until_room(self, full: NoRoom, is_over: Callable[[], bool]) -> None:
        """Or until nobody waits for it any more. Raises Unavailable."""
        look_s = FIRST_LOOK_S
        with self._watchers.watch(full.account.id) as ended:
            while not (is_over() or await self._has_room(full.account, full.tier)):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), look_s)
                ended.clear()
                look_s = min(2 * look_s, LONGEST_LOOK_S)

    def notice(self, announced: JobAnnounced | JobHint) -> None:
        """A place may be free: a job has ended."""
        if isinstance(announced, JobHint) or announced.what in _ENDS:
            self._watchers.wake(announced.account)

    async def _has_room(self, account: Account, tier: Tier) -> bool:
        short_jobs, long_jobs = await self._jobs.count_requests(account.id, tier)
        places = self._short_jobs or max(1, await self._windows.slots(tier) - 1)
        return short_jobs < places and long_jobs < LONG_JOBS
