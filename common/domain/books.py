"""The books of an account, and whether the ledger bears them out.

The ledger is the record: rows are only ever added. What an account says of itself (its balance, what it
has used of an allowance, what is set aside) can be worked out from its rows and its open reservations.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from common.domain.credits import Kind


@dataclass(frozen=True, slots=True)
class Reservation:
    """Credits set aside from the allowance of ``period``, or without one from what was bought; perhaps none,
    for a job that has its place all the same.
    """

    credits: int
    period: str | None
    at: datetime
    is_job: bool = False


@dataclass(frozen=True, slots=True)
class Books:
    """An account's books at one moment.

    ``changes`` counts every change of them; ``top_ups`` the purchases that were added, whose credits are
    ``bought``; ``jobs`` those of the reservations that are jobs'; ``used`` is by period. Reserved credits are
    gone from ``balance`` and part of ``used``.
    """

    account_id: str
    balance: int = 0
    bought: int = 0
    top_ups: int = 0
    changes: int = 0
    jobs: int = 0
    used: Mapping[str, int] = field(default_factory=dict)
    reservations: Mapping[str, Reservation] = field(default_factory=dict)

    def obsolete(self, period: str) -> list[str]:
        """The periods that can be forgotten once ``period`` has begun: those before the last one of its kind,
        unless something that may come back is still set aside from them.
        """
        earlier = sorted(old for old in self.used if len(old) == len(period) and old < period)
        still_open = {reservation.period for reservation in self.reservations.values()}
        return [old for old in earlier[:-1] if old not in still_open]


@dataclass(frozen=True, slots=True)
class Row:
    """What happened to an account for good: ``credits`` came to it, or went where they are negative.

    ``id`` is the job's or the question's; of a purchase, the operator's reference. ``period`` is that of
    the allowance which paid. ``number`` counts purchases; of a charge it is how many ``changes`` of the books
    its writer had seen, with the reservation still open.
    """

    account_id: str
    id: str
    kind: Kind
    credits: int
    period: str | None
    number: int
    pages: tuple[int, ...]
    at: datetime

    def is_in(self, books: Books) -> bool:
        """Whether the books count it, whatever was written since they were read.

        A row comes first, then the one change that counts it. So a charge is not counted while its
        reservation is open; and one whose writer has seen later books belongs to those.
        """
        if self.kind is Kind.TOP_UP:
            return self.number <= books.top_ups
        return self.number < books.changes and self.id not in books.reservations


@dataclass(frozen=True, slots=True)
class Difference:
    """What the account says of ``what``, and what is made of it by the ledger and the open reservations."""

    what: str
    said: int
    found: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What was compared for one account, and where it differs.

    ``waiting`` counts rows that the books had yet to count: their reservation is open, or they are newer.
    ``uncounted`` are the purchases among them.
    ``charged`` and ``reserved`` are credits, whoever paid.
    """

    account_id: str
    differences: tuple[Difference, ...]
    rows: int
    waiting: int
    uncounted: tuple[Row, ...]
    bought: int
    charged: int
    reservations: int
    reserved: int


class Auditor:
    """Takes the rows of one account, in any order, and says at the end whether its books are right."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._rows = 0
        self._waiting = list[Row]()
        self._bought = 0
        self._charged = Counter[str | None]()

    def add(self, row: Row) -> None:
        self._rows += 1
        if not row.is_in(self._books):
            self._waiting.append(row)
        elif row.kind is Kind.TOP_UP:
            self._bought += row.credits
        else:
            self._charged[row.period] -= row.credits

    def result(self) -> Audit:
        open_ones = self._books.reservations.values()
        return Audit(
            account_id=self._books.account_id,
            differences=tuple(self._differences()),
            rows=self._rows,
            waiting=len(self._waiting),
            uncounted=tuple(row for row in self._waiting if row.kind is Kind.TOP_UP),
            bought=self._bought,
            charged=self._charged.total(),
            reservations=len(open_ones),
            reserved=sum(one.credits for one in open_ones),
        )

    def _differences(self) -> Iterator[Difference]:
        """Of an allowance, only the periods that the books still know are compared."""
        books = self._books
        reserved = _by_period(books.reservations.values())
        spent = self._charged[None] + reserved[None]
        compared = [
            Difference("bought credits", books.bought, self._bought),
            Difference("balance", books.balance, self._bought - spent),
            Difference("jobs under way", books.jobs, sum(one.is_job for one in books.reservations.values())),
        ]
        compared += [
            Difference(f"used of the allowance of {period}", used, self._charged[period] + reserved[period])
            for period, used in books.used.items()
        ]
        yield from (one for one in compared if one.said != one.found)


def _by_period(reservations: Iterable[Reservation]) -> Counter[str | None]:
    credits = Counter[str | None]()
    for reservation in reservations:
        credits[reservation.period] += reservation.credits
    return credits
