"""``ledger verify``: what was compared, and every account whose books the ledger does not bear out."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from common.domain.books import Audit
from common.domain.credits import in_words
from front.admin.desk import Desk

DIFFERS = 3


class LedgerDiffers(Exception):
    """Some account's books are wrong; ``lines`` say which and by what."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass
class LedgerReport:
    """Sums over all accounts, in credits but for ``accounts``, ``rows``, ``waiting`` and ``reservations``."""

    accounts: int = 0
    rows: int = 0
    waiting: int = 0
    bought: int = 0
    charged: int = 0
    reservations: int = 0
    reserved: int = 0
    wrong: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def add(self, audit: Audit) -> None:
        self.accounts += 1
        self.rows += audit.rows
        self.waiting += audit.waiting
        self.bought += audit.bought
        self.charged += audit.charged
        self.reservations += audit.reservations
        self.reserved += audit.reserved
        self.lines += _lines(audit)
        if audit.differences:
            self.wrong.append(audit.account_id)

    @property
    def summary(self) -> Sequence[str]:
        compared = (
            f"Compared the books of {_counted(self.accounts, 'account')} with "
            f"{_counted(self.rows, 'row')} of the ledger: {in_words(self.bought)} bought, "
            f"{in_words(self.charged)} charged, "
            f"{in_words(self.reserved)} set aside in {_counted(self.reservations, 'open reservation')}; "
            f"{_counted(self.waiting, 'row')} not counted yet."
        )
        if not self.wrong:
            return [compared, "All of them agree."]
        return [compared, f"They differ for {_counted(len(self.wrong), 'account')}: {', '.join(self.wrong)}"]


async def verify_ledger(desk: Desk, given: Namespace) -> Sequence[str]:
    """Raises LedgerDiffers. May be run at any time: what goes on meanwhile makes no difference."""
    report = LedgerReport()
    async for audit in desk.ledger.accounts():
        report.add(audit)
    lines = [*report.lines, *report.summary]
    if report.wrong:
        raise LedgerDiffers(lines)
    return lines


def _lines(audit: Audit) -> Iterator[str]:
    for one in audit.differences:
        yield f"{audit.account_id}: {one.what}: the books say {one.said}, the ledger makes it {one.found}"
    for row in audit.uncounted:
        yield (
            f"{audit.account_id}: {in_words(row.credits)} of '{row.id}' are written down and not yet added: "
            f"give the command account topup once more, with that reference"
        )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
