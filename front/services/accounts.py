"""Who is asking: accounts, the secrets that stand for them, and how they stand."""

import re
from collections.abc import Sequence
from datetime import datetime

from common.domain import account as domain
from common.domain.account import Account, Token
from common.domain.credits import Statement
from common.domain.plans import ANONYMOUS, Plan, Plans
from common.errors import AccountSuspended, InvalidField, NotFound, Unauthorized
from common.ports import AccountRepository, CreditStore
from front.services.visitors import is_visitor

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Accounts:
    def __init__(self, repository: AccountRepository, credits: CreditStore, plans: Plans) -> None:
        self._accounts = repository
        self._credits = credits
        self._plans = plans

    async def authenticate(self, secret: str | None) -> Account:
        """The account that ``secret`` stands for.

        Raises Unauthorized for none, an unknown or a revoked one, and AccountSuspended.
        """
        if not secret:
            raise Unauthorized()
        token = await self._accounts.token(domain.digest(secret))
        if token is None or token.revoked_at is not None:
            raise Unauthorized("The token is not valid: check it, or ask the operator for a new one.")
        account = await self._accounts.get(token.account_id)
        if account is None:
            raise Unauthorized("The token is not valid: its account is gone.")
        if account.suspended:
            raise AccountSuspended()
        return account

    async def create(self, name: str, plan: str | None, now: datetime) -> Account:
        """Without a ``plan``, on the one that is the default.

        Raises InvalidField for a name that is taken or cannot be one, and for a plan that is none.
        """
        chosen = self._plan(plan or self._plans.default_plan)
        if not _NAME.fullmatch(name) or is_visitor(name):
            raise InvalidField(
                "name",
                f"{name!r} cannot be an account's name: use up to 40 of a-z, 0-9 and hyphens, "
                "with no hyphen first and not 'anonymous-'.",
            )
        account = Account(id=name, plan=chosen, created_at=now)
        if not await self._accounts.add(account):
            raise InvalidField("name", f"There is an account {name!r} already.")
        return account

    async def list(self) -> Sequence[Account]:
        """All accounts but those of visitors."""
        return [account for account in await self._accounts.list() if not is_visitor(account.id)]

    async def get(self, name: str) -> Account:
        """Raises NotFound."""
        account = await self._accounts.get(name)
        if account is None:
            raise NotFound(f"There is no account {name!r}.")
        return account

    async def suspend(self, name: str, *, suspended: bool) -> None:
        """Lock the account out, or let it in again. Raises NotFound."""
        await self.get(name)
        await self._accounts.suspend(name, suspended=suspended)

    async def statement(self, account: Account, now: datetime) -> Statement:
        return await self._credits.statement(account, now)

    async def top_up(self, name: str, credits: int, reference: str, now: datetime) -> bool:
        """Add bought credits, once for each ``reference``; False when it had counted before.

        Raises NotFound, and InvalidField for an account whose plan has an allowance instead.
        """
        account = await self.get(name)
        if account.plan.allowance is not None:
            raise InvalidField("plan", self._without_bought_credits(account.plan.name))
        return await self._credits.top_up(name, credits, reference, now)

    async def create_token(self, name: str, now: datetime) -> str:
        """A new secret for the account, to be shown once. Raises NotFound."""
        await self.get(name)
        secret = domain.new_secret()
        await self._accounts.add_token(
            Token(
                digest=domain.digest(secret),
                shown=secret[: domain.SHOWN_CHARACTERS],
                account_id=name,
                created_at=now,
            )
        )
        return secret

    async def list_tokens(self, name: str) -> Sequence[Token]:
        """Raises NotFound for an unknown account."""
        await self.get(name)
        return await self._accounts.list_tokens(name)

    async def revoke_token(self, name: str, shown: str, now: datetime) -> Token:
        """Revoke the account's token that starts with ``shown``, as listed or whole.

        Raises NotFound when there is none, InvalidField when more than one starts so.
        """
        found = [
            token
            for token in await self.list_tokens(name)
            if token.revoked_at is None and (token.shown == shown or token.digest == domain.digest(shown))
        ]
        if not found:
            raise NotFound(f"The account {name!r} has no token {shown!r} that could be revoked.")
        if len(found) > 1:
            raise InvalidField("token", f"{len(found)} tokens start with {shown!r}: give the whole token.")
        await self._accounts.revoke_token(found[0].digest, now)
        return found[0]

    def _plan(self, name: str) -> Plan:
        if name == ANONYMOUS:
            raise InvalidField("plan", f"The plan '{name}' is for callers without a token alone.")
        if name not in self._plans.plans:
            known = ", ".join(self._plans.for_accounts)
            raise InvalidField("plan", f"There is no plan '{name}', but: {known}.")
        return self._plans.named(name)

    def _without_bought_credits(self, plan: str) -> str:
        bought = [name for name in self._plans.for_accounts if self._plans.named(name).allowance is None]
        others = f"only those on: {', '.join(bought)}" if bought else "and there is no plan that does"
        return f"Accounts on the plan '{plan}' do not buy credits, {others}."
