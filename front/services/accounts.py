"""Accounts: made, put on plans, suspended, and how they stand."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from common.domain.account import Account
from common.domain.credits import Statement
from common.domain.plans import ANONYMOUS, Plan, Plans
from common.errors import InvalidField, NotFound
from common.ports import AccountRepository, CreditStore
from front.services.visitors import is_visitor

# Millions of such purchases are still a number that the database can add to.
MOST_CREDITS = 10**12

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Accounts:
    def __init__(self, repository: AccountRepository, credits: CreditStore, plans: Plans) -> None:
        self._accounts = repository
        self._credits = credits
        self._plans = plans

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

    async def list(self, *, with_visitors: bool = False) -> Sequence[Account]:
        accounts = await self._accounts.list()
        return [account for account in accounts if with_visitors or not is_visitor(account.id)]

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

        Raises NotFound, and InvalidField for an account whose plan has an allowance instead, and for more
        than ``MOST_CREDITS`` at once.
        """
        if not 1 <= credits <= MOST_CREDITS:
            raise InvalidField("credits", f"Add 1 to {MOST_CREDITS:,} credits at once, not {credits:,}.")
        account = await self.get(name)
        if account.plan.allowance is not None:
            raise InvalidField("plan", self._without_bought_credits(account.plan.name))
        return await self._credits.top_up(name, credits, reference, now)

    async def change_plan(self, name: str, plan: str) -> Account:
        """The account on another plan. Raises NotFound, and InvalidField for a plan that is none.

        Bought credits stay with the account and are there again on a plan that spends them; a job that
        was begun before is settled with what it was reserved from.
        """
        chosen = self._plan(plan)
        account = await self.get(name)
        if is_visitor(name):
            raise InvalidField("name", f"'{name}' are callers without a token: they have no other plan.")
        await self._accounts.change_plan(name, chosen)
        return replace(account, plan=chosen)

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
