"""How much accounts have used, day by day."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

from cachetools import TTLCache

from common.domain.usage import Day, Days, Usage
from common.ports import UsageStore

SHOWN_DAYS = 30
KEPT_S = 300
MAX_KEPT = 2_000


class UsageReport:
    """Whoever asks for the last days again and again has today's counted alone."""

    def __init__(self, usage: UsageStore) -> None:
        self._usage = usage
        self._past: TTLCache[tuple[str, Days], Sequence[Usage]] = TTLCache(MAX_KEPT, KEPT_S)

    async def last_days(self, account_id: str, now: datetime) -> Sequence[Day]:
        """The last 30 days, the oldest first, also those on which nothing was used.

        What was charged to a day that is over only after that, and this is rare, is told minutes later.
        """
        days = Days.until_now(now, SHOWN_DAYS)
        past, today = days.split()
        key = (account_id, past)
        before = self._past.get(key)
        if before is None:
            before = self._past[key] = await self._usage.by_day(account_id, past.since, past.until)
        return days.of([*before, *await self._usage.by_day(account_id, today.since, today.until)])

    async def entries(self, account_ids: Iterable[str], days: Days) -> AsyncIterator[Usage]:
        """What these accounts were charged, one account after the other."""
        for account_id in account_ids:
            for usage in await self._usage.by_day(account_id, days.since, days.until):
                yield usage
