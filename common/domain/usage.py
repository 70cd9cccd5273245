"""What accounts have used, as the ledger says it: by the day, in UTC, on which it was charged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from common.domain.credits import Kind


@dataclass(frozen=True, slots=True)
class Usage:
    """What was charged on one day for one kind of thing: so many ``entries`` with so many ``pages``."""

    account_id: str
    day: date
    kind: Kind
    entries: int
    pages: int
    credits: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an account; ``messages`` are those of chats."""

    day: date
    pages: int = 0
    translated_pages: int = 0
    messages: int = 0
    credits: int = 0


@dataclass(frozen=True, slots=True)
class Days:
    """From the first of these days to the last, both of them included."""

    first: date
    last: date

    @classmethod
    def until_now(cls, now: datetime, count: int) -> "Days":
        """The last ``count`` days, today's being the last."""
        today = now.astimezone(UTC).date()
        return cls(today - timedelta(days=count - 1), today)

    @property
    def since(self) -> datetime:
        return _midnight(self.first)

    @property
    def until(self) -> datetime:
        return _midnight(self.last + timedelta(days=1))

    def split(self) -> tuple["Days", "Days"]:
        """All but the last one, and that."""
        return Days(self.first, self.last - timedelta(days=1)), Days(self.last, self.last)

    def of(self, usage: Iterable[Usage]) -> Sequence[Day]:
        """Every day, also those on which nothing was used, of one account's ``usage``."""
        used = list(usage)
        count = (self.last - self.first).days + 1
        return [_day(self.first + timedelta(days=number), used) for number in range(count)]


def _day(day: date, usage: Sequence[Usage]) -> Day:
    today = [one for one in usage if one.day == day]
    return Day(
        day,
        pages=sum(one.pages for one in today if one.kind is Kind.PAGES),
        translated_pages=sum(one.pages for one in today if one.kind is Kind.TRANSLATION),
        messages=sum(one.entries for one in today if one.kind is Kind.CHAT),
        credits=sum(one.credits for one in today),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
