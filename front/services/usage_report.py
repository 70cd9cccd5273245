"""How much accounts have used, day by day."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

from common.domain.usage import Day, Days, Usage
from common.ports import UsageStore

SHOWN_DAYS = 30


class UsageReport:
    def __init__(self, usage: UsageStore) -> None:
        self._usage = usage

    async def last_days(self, account_id: str, now: datetime) -> Sequence[Day]:
        """The last 30 days, the oldest first, also those on which nothing was used."""
        days = Days.until_now(now, SHOWN_DAYS)
        return days.of(await self._usage.by_day(account_id, days.since, days.until))

    async def entries(self, account_ids: Iterable[str], days: Days) -> AsyncIterator[Usage]:
        """What these accounts were charged, one account after the other."""
        for account_id in account_ids:
            for usage in await self._usage.by_day(account_id, days.since, days.until):
                yield usage
