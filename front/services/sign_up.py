"""Making an account without an operator, where that is allowed."""

import math
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from common import logs
from common.domain.account import Account, IssuedToken
from common.domain.credits import Period
from common.errors import SignUpClosed, TooManySignUps
from common.ports import SignUpStore
from front.services.accounts import Accounts
from front.services.tokens import Tokens
from front.services.visitors import Visitors

_NAME_PREFIX = "user-"
_NAME_BYTES = 8
_KEPT_AFTER = timedelta(days=1)

log = logs.get("sign_up")


class SignUp:
    """Each network may make ``per_day`` accounts a day; it is known by the name that a visitor has."""

    def __init__(
        self,
        accounts: Accounts,
        tokens: Tokens,
        visitors: Visitors,
        counts: SignUpStore,
        now: Callable[[], datetime],
        *,
        is_open: bool,
        per_day: int,
    ) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._visitors = visitors
        self._counts = counts
        self._now = now
        self._is_open = is_open
        self._per_day = per_day

    async def sign_up(self, network: str) -> tuple[Account, IssuedToken]:
        """A new account on the default plan, and its first token.

        Raises SignUpClosed, TooManySignUps, and AccountSuspended for a network that is locked out.
        """
        if not self._is_open:
            raise SignUpClosed()
        now = self._now()
        visitor = await self._visitors.account(network)
        await self._count(visitor.id, now)
        account = await self._accounts.create(_NAME_PREFIX + secrets.token_hex(_NAME_BYTES), None, now)
        issued = await self._tokens.create(account.id, now)
        log.info("signed_up", account_id=account.id)
        return account, issued

    async def _count(self, visitor: str, now: datetime) -> None:
        tomorrow = Period.DAY.ends_at(now)
        key = f"{visitor}:{Period.DAY.key(now)}"
        if not await self._counts.count(key, self._per_day, expires_at=tomorrow + _KEPT_AFTER):
            raise TooManySignUps(retry_after_s=math.ceil((tomorrow - now).total_seconds()))
