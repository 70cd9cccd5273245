"""What an account used on the last days, and how little is counted for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from common.domain.credits import Kind
from common.domain.usage import Usage
from front.services.usage_report import SHOWN_DAYS, UsageReport
from tests.fakes.samples import NOW

DAY = timedelta(days=1)


class Ledger:
    """A page on every day it is asked for; remembers how many days that were each time."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.pages_each = 1

    async def by_day(self, account_id: str, since: datetime, until: datetime) -> Sequence[Usage]:
        count = (until - since) // DAY
        self.asked.append(count)
        days = [(since + number * DAY).date() for number in range(count)]
        return [Usage(account_id, day, Kind.PAGES, 1, self.pages_each, self.pages_each) for day in days]


async def test_days_that_are_over_are_counted_once() -> None:
    ledger = Ledger()
    report = UsageReport(ledger)
    first = await report.last_days("acme", NOW)
    ledger.pages_each = 2
    second = await report.last_days("acme", NOW)
    assert ledger.asked == [SHOWN_DAYS - 1, 1, 1]
    assert [day.pages for day in first] == [1] * SHOWN_DAYS
    assert [day.pages for day in second] == [1] * (SHOWN_DAYS - 1) + [2]


async def test_the_next_day_and_another_account_are_counted_by_themselves() -> None:
    ledger = Ledger()
    report = UsageReport(ledger)
    await report.last_days("acme", NOW)
    await report.last_days("globex", NOW)
    tomorrow = await report.last_days("acme", NOW + DAY)
    assert ledger.asked == [SHOWN_DAYS - 1, 1] * 3
    assert tomorrow[-1].day == (NOW + DAY).date()
