"""Credits: how long an allowance lasts, and what the books say."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from common.errors import OutOfCredits


class Period(StrEnum):
    """How long an allowance lasts; days and months begin at midnight UTC."""

    DAY = "day"
    MONTH = "month"

    def key(self, now: datetime) -> str:
        """The name of the period that ``now`` is in; later periods sort after earlier ones."""
        return now.astimezone(UTC).strftime("%Y-%m-%d" if self is Period.DAY else "%Y-%m")

    def ends_at(self, now: datetime) -> datetime:
        """When the next one begins."""
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        if self is Period.DAY:
            return midnight + timedelta(days=1)
        return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)


def in_words(credits: int) -> str:
    return "1 credit" if credits == 1 else f"{credits} credits"


@dataclass(frozen=True, slots=True)
class Statement:
    """How an account stands: ``used`` of ``cap`` until ``resets_at``, or a bought ``balance``.

    Reserved credits count as used.
    """

    used: int | None = None
    cap: int | None = None
    resets_at: datetime | None = None
    balance: int | None = None

    @property
    def left(self) -> int:
        if self.balance is not None:
            return self.balance
        return (self.cap or 0) - (self.used or 0)

    def refusal(self, needed: int) -> OutOfCredits:
        """What to tell a caller who needs more than is left."""
        if self.balance is not None:
            return OutOfCredits(
                f"This takes {in_words(needed)} and {self.balance} of the account's are left: buy more, "
                "or send fewer pages.",
                balance=self.balance,
                needed=needed,
            )
        resets_at = self.resets_at.isoformat().replace("+00:00", "Z") if self.resets_at else ""
        return OutOfCredits(
            f"This takes {in_words(needed)} and {self.left} of {self.cap} are left until {resets_at}: "
            "send fewer pages, wait until then, or use an account with more.",
            used=self.used or 0,
            cap=self.cap or 0,
            needed=needed,
            resets_at=resets_at,
        )


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a job in the books: the ``charged`` credits of the ``reserved`` ones, for these pages."""

    job_id: str
    account_id: str
    reserved: int
    charged: int
    pages: tuple[int, ...]
    at: datetime
