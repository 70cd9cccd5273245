"""What was used, day by day."""

from datetime import UTC, date, datetime, timedelta, timezone

from common.domain.credits import Kind
from common.domain.usage import Day, Days, Usage

TODAY = date(2026, 11, 22)


def test_the_last_days_end_with_today_in_utc() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert Days.until_now(late, 30) == Days(date(2026, 10, 25), date(2026, 11, 23))


def test_the_last_day_counts_to_its_end() -> None:
    days = Days(TODAY, TODAY)
    assert days.since == datetime(2026, 11, 22, tzinfo=UTC)
    assert days.until == datetime(2026, 11, 23, tzinfo=UTC)


def test_every_day_is_told_with_what_was_used_on_it() -> None:
    yesterday = TODAY - timedelta(days=1)
    usage = [
        Usage("acme", yesterday, Kind.PAGES, 2, 12, 60),
        Usage("acme", yesterday, Kind.TRANSLATION, 1, 5, 5),
        Usage("acme", yesterday, Kind.CHAT, 3, 0, 6),
    ]
    assert Days(yesterday, TODAY).of(usage) == [
        Day(yesterday, pages=12, translated_pages=5, messages=3, credits=71),
        Day(TODAY),
    ]
