"""Accounts, their tokens and what their plan allows."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from common.domain.credits import Period
from common.errors import FileTooLarge, TooManyPages

TOKEN_PREFIX = "ocr_"
TOKEN_BYTES = 32
SHOWN_CHARACTERS = 10
_MB = 1024 * 1024


class PlanName(StrEnum):
    ANONYMOUS = "anonymous"
    FREE = "free"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Allowance:
    """``credits`` that come anew with each ``period``; what is not used is not kept."""

    credits: int
    period: Period


@dataclass(frozen=True, slots=True)
class Plan:
    """What one file of an account may be; ``priority``: its pages go before those of others.

    Without an ``allowance``, credits are bought: the account has a balance.
    """

    name: PlanName
    max_pages: int
    max_bytes: int
    priority: bool = False
    allowance: Allowance | None = None

    def check_size(self, size_bytes: int) -> None:
        """Raises FileTooLarge for a file above the plan's size."""
        if size_bytes > self.max_bytes:
            raise FileTooLarge(
                f"The file is larger than {self.max_bytes // _MB} MB, the limit of the plan "
                f"'{self.name}': send a smaller file or part of it."
            )

    def check_pages(self, page_count: int) -> None:
        """Raises TooManyPages for more pages than the plan takes in one job."""
        if page_count > self.max_pages:
            raise TooManyPages(
                f"The file has {page_count} pages and the plan '{self.name}' takes {self.max_pages} "
                "at once: choose some with the field 'pages', for example pages=1-"
                f"{self.max_pages}."
            )


PLANS = {
    plan.name: plan
    for plan in (
        Plan(PlanName.ANONYMOUS, max_pages=5, max_bytes=10 * _MB, allowance=Allowance(5, Period.DAY)),
        Plan(PlanName.FREE, max_pages=25, max_bytes=25 * _MB, allowance=Allowance(100, Period.MONTH)),
        Plan(PlanName.PAID, max_pages=2_000, max_bytes=500 * _MB, priority=True),
    )
}


@dataclass(frozen=True, slots=True)
class Account:
    """``id`` is also its name: it appears in routing keys, so it has no dots or blanks."""

    id: str
    plan: PlanName
    created_at: datetime
    suspended: bool = False

    @property
    def limits(self) -> Plan:
        return PLANS[self.plan]


@dataclass(frozen=True, slots=True)
class Token:
    """A secret as it is stored: its SHA-256, and the first characters so that people can tell it."""

    digest: str
    shown: str
    account_id: str
    created_at: datetime
    revoked_at: datetime | None = None


def new_secret() -> str:
    """A token's secret with 256 random bits; shown to its owner once and kept nowhere."""
    return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def digest(secret: str) -> str:
    """SHA-256 in hex: enough for secrets that are random, and equal at every look-up."""
    return hashlib.sha256(secret.encode()).hexdigest()
