"""Callers without a token: an account for each network they come from, with a small allowance.

An account is named by a keyed hash of the network, so no address is kept anywhere.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

from common import logs
from common.domain.account import Account
from common.domain.plans import Plans
from common.errors import AccountSuspended
from common.ports import AccountRepository
from front.services.sweeping import sweeping

PREFIX = "anonymous-"
# So long after its last period an account is known, so that last month's usage can be exported.
KEPT_FOR = timedelta(days=62)
_HASH_CHARACTERS = 16
_SWEEP_S = 3600.0

log = logs.get("visitors")


def is_visitor(account_id: str) -> bool:
    return account_id.startswith(PREFIX)


class Visitors:
    """``secret`` is shared by all replicas, so that each knows a network by the same name."""

    def __init__(
        self, accounts: AccountRepository, plans: Plans, secret: str, now: Callable[[], datetime]
    ) -> None:
        self._accounts = accounts
        self._plans = plans
        self._secret = secret.encode()
        self._now = now

    async def account(self, network: str) -> Account:
        """The account of ``network``; a new one is not stored yet. Raises AccountSuspended."""
        keyed = hmac.new(self._secret, network.encode(), hashlib.sha256).hexdigest()
        name = PREFIX + keyed[:_HASH_CHARACTERS]
        account = await self._accounts.get(name) or Account(name, self._plans.anonymous, self._now())
        if account.suspended:
            raise AccountSuspended()
        return account

    async def welcome(self, account: Account) -> None:
        """Store a visitor's account: from its first job on, what it has used is remembered, for some time."""
        if is_visitor(account.id):
            await self._accounts.lodge(account, self._forgotten_at())

    async def run(self) -> None:
        """Forget again and again, until cancelled."""
        await sweeping(self.forget, _SWEEP_S, log)

    async def forget(self) -> None:
        """Remove the accounts of visitors who were not here for long. Raises Unavailable."""
        if count := await self._accounts.forget_visitors(self._now()):
            log.info("visitors_forgotten", accounts=count)

    def _forgotten_at(self) -> datetime:
        """After its period and all that can still be charged to it."""
        allowance, now = self._plans.anonymous.allowance, self._now()
        return (allowance.period.ends_at(now) if allowance else now) + KEPT_FOR
