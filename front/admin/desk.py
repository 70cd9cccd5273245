"""What the operator's commands work with."""

from dataclasses import dataclass

from front.services.accounts import Accounts
from front.services.ledger_audit import LedgerAudit
from front.services.tokens import Tokens
from front.services.usage_report import UsageReport


@dataclass(frozen=True, slots=True)
class Desk:
    accounts: Accounts
    tokens: Tokens
    usage: UsageReport
    ledger: LedgerAudit
