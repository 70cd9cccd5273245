"""What the operator's commands work with."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from common.ports import DeadLetters
from front.services.accounts import Accounts
from front.services.ledger_audit import LedgerAudit
from front.services.partners import Partners
from front.services.redriving import Redriving
from front.services.tokens import Tokens
from front.services.usage_report import UsageReport


@dataclass(frozen=True, slots=True)
class DeadDesk:
    letters: DeadLetters
    redriving: Redriving


@dataclass(frozen=True, slots=True)
class PartnerDesk:
    """``address``: where partners reach the broker, ``amqp[s]://host:port``; ``site``: where they reach the
    fronts, ``https://host``, where that is known.
    """

    partners: Partners
    address: str
    site: str


@dataclass(frozen=True, slots=True)
class Desk:
    """``dead`` and ``partners`` reach out to the broker, which other commands do without."""

    accounts: Accounts
    tokens: Tokens
    usage: UsageReport
    ledger: LedgerAudit
    dead: Callable[[], AbstractAsyncContextManager[DeadDesk]]
    partners: Callable[[], AbstractAsyncContextManager[PartnerDesk]]
