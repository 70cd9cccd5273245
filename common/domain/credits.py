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
    """How an account stands: ``used`` of ``cap``, and until when, or what it has bought and its ``balance``.

    Reserved credits count as used.
    """

    used: int
    cap: int
    resets_at: datetime | None = None
    balance: int | None = None
    jobs: int = 0

    @property
    def left(self) -> int:
        if self.balance is not None:
            return self.balance
        return max(0, self.cap - self.used)

    def refusal(self, needed: int) -> OutOfCredits:
        """What to tell a caller who needs more than is left."""
        if self.balance is not None:
            return OutOfCredits(
                _refusal(needed, self.balance, ["buy more", *self._fewer_pages]),
                used=self.used,
                cap=self.cap,
                balance=self.balance,
                needed=needed,
            )
        resets_at = self.resets_at.isoformat().replace("+00:00", "Z") if self.resets_at else ""
        again = f"come back at {resets_at}, when there are {self.cap} again" if self.cap else ""
        if again and needed > self.cap:
            again = "" if self.left else f"{again}, with fewer pages"
        ways = [*self._fewer_pages, *filter(None, [again]), "use an account with more"]
        return OutOfCredits(
            _refusal(needed, self.left, ways, of=self.cap),
            used=self.used,
            cap=self.cap,
            needed=needed,
            resets_at=resets_at,
        )

    @property
    def _fewer_pages(self) -> list[str]:
        return ["send fewer pages"] if self.left else []


def _refusal(needed: int, left: int, ways: list[str], *, of: int = 0) -> str:
    """``ways`` out of it; ``of`` how many ``left`` are, where that is known."""
    whole = f" of {of}" if of else ""
    stands = f"1{whole} is left" if left == 1 else f"{left or 'none'}{whole} are left"
    *others, last = ways
    way_out = f"{', '.join(others)}, or {last}" if others else last
    return f"This takes {in_words(needed)}, and {stands}: {way_out}."


class Kind(StrEnum):
    """What a row of the ledger is for."""

    PAGES = "pages"
    TRANSLATION = "translation"
    CHAT = "chat"
    TOP_UP = "top-up"


@dataclass(frozen=True, slots=True)
class Charge:
    """What one kind of work costs; ``pages`` are the indexes of those that were read, or translated."""

    kind: Kind
    credits: int
    pages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a job, or of a question, in the books: one charge of each kind, out of what was reserved.

    ``id`` is the job's or the question's, as its credits were reserved by.
    """

    id: str
    account_id: str
    reserved: int
    charges: tuple[Charge, ...]
    at: datetime

    def __post_init__(self) -> None:
        if self.charged > self.reserved or any(charge.credits < 0 for charge in self.charges):
            raise ValueError(f"{self.charges} cannot be charged to {self.reserved} reserved credits")

    @property
    def charged(self) -> int:
        return sum(charge.credits for charge in self.charges)
