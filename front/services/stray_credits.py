"""Credits that stay set aside though nothing settles them any more are given back.

That takes two accidents: a front that is slow enough for its draft to be given up, and killed between
setting the credits aside and seeing that; or a write that arrives after everybody has given it up.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from common import logs
from common.domain.credits import Settlement
from common.ports import CreditStore, JobRepository
from front.services.effects import settlement
from front.services.sweeping import sweeping

# Longer than a question waits for its answer: questions are no jobs, and settle their own.
UNKNOWN_FOR = timedelta(days=7)

log = logs.get("stray_credits")


class StrayCredits:
    """``patience``: younger reservations are not looked at."""

    def __init__(
        self,
        credits: CreditStore,
        jobs: JobRepository,
        patience: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._credits = credits
        self._jobs = jobs
        self._patience = patience
        self._now = now

    async def run(self) -> None:
        """Sweep again and again, until cancelled."""
        await sweeping(self.sweep, self._patience.total_seconds(), log)

    async def sweep(self) -> None:
        """Look at every reservation that has been open for long. Raises Unavailable; the next goes on."""
        now = self._now()
        async for account_id, id, since in self._credits.open_since(now - self._patience):
            found = await self._overdue(account_id, id, now - since)
            if found is not None:
                log.warning("credits_given_back", account_id=account_id, job_id=id)
                await self._credits.settle(found)

    async def _overdue(self, account_id: str, id: str, age: timedelta) -> Settlement | None:
        """What a job that has ended comes to: its first settlement stays. None while somebody sees to it."""
        job = await self._jobs.get(id)
        if job is not None:
            return settlement(job) if job.is_at_rest else None
        if age < UNKNOWN_FOR:
            return None
        return Settlement(id, account_id, reserved=0, charges=(), at=self._now())
