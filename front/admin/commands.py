"""What an operator can do, each returning the lines to print."""

import csv
import io
from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from uuid import uuid4

from common.domain.account import Account, Token
from common.domain.credits import Statement, in_words
from common.domain.usage import Days
from front.admin.desk import Desk
from front.services.timestamps import now, to_the_second

Command = Callable[[Desk, Namespace], Awaitable[Sequence[str]]]


async def create_account(desk: Desk, given: Namespace) -> Sequence[str]:
    account = await desk.accounts.create(given.name, given.plan, now())
    return [f"The account '{account.id}' is made, on the plan '{account.plan.name}'."]


async def list_accounts(desk: Desk, given: Namespace) -> Sequence[str]:
    return [_account_line(account) for account in await desk.accounts.list()]


async def show_account(desk: Desk, given: Namespace) -> Sequence[str]:
    account = await desk.accounts.get(given.name)
    statement = await desk.accounts.statement(account, now())
    return [f"{_account_line(account)}\t{_standing(statement)}"]


async def top_up_account(desk: Desk, given: Namespace) -> Sequence[str]:
    """Without a reference of the operator's, each call counts."""
    reference = given.reference or uuid4().hex
    is_new = await desk.accounts.top_up(given.name, given.credits, reference, now())
    statement = await desk.accounts.statement(await desk.accounts.get(given.name), now())
    known = [] if is_new else [f"The reference '{reference}' has counted before: nothing was added."]
    return [*known, f"The account '{given.name}' has {_standing(statement)}."]


async def change_plan(desk: Desk, given: Namespace) -> Sequence[str]:
    account = await desk.accounts.change_plan(given.name, given.plan)
    statement = await desk.accounts.statement(account, now())
    return [f"The account '{account.id}' is on the plan '{account.plan.name}': {_standing(statement)}."]


async def suspend_account(desk: Desk, given: Namespace) -> Sequence[str]:
    await desk.accounts.suspend(given.name, suspended=True)
    return [f"The account '{given.name}' is suspended: its requests are refused."]


async def resume_account(desk: Desk, given: Namespace) -> Sequence[str]:
    await desk.accounts.suspend(given.name, suspended=False)
    return [f"The account '{given.name}' is active again."]


async def create_token(desk: Desk, given: Namespace) -> Sequence[str]:
    """The last line is the token and nothing else."""
    issued = await desk.tokens.create(given.name, now())
    return [f"A token of the account '{given.name}'. Keep it: it is not shown again.", issued.secret]


async def list_tokens(desk: Desk, given: Namespace) -> Sequence[str]:
    return [_token_line(token) for token in await desk.tokens.list(given.name)]


async def revoke_token(desk: Desk, given: Namespace) -> Sequence[str]:
    token = await desk.tokens.revoke(given.name, given.prefix, now(), may_be_last=True)
    return [f"The token {token.shown}… of the account '{given.name}' is no longer valid."]


async def export_usage(desk: Desk, given: Namespace) -> Sequence[str]:
    """CSV with a header: a row for each account, day (UTC) and kind of thing that was charged."""
    days = _days(given.since, given.until)
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["account", "day", "kind", "entries", "pages", "credits"])
    async for one in desk.usage.entries(await _exported(desk, given.account), days):
        rows.writerow([one.account_id, one.day, one.kind.value, one.entries, one.pages, one.credits])
    return out.getvalue().splitlines()


async def _exported(desk: Desk, name: str | None) -> Sequence[str]:
    """One account, or all with those of visitors: whoever is charged, pays."""
    if name is not None:
        return [(await desk.accounts.get(name)).id]
    return [account.id for account in await desk.accounts.list(with_visitors=True)]


def _days(since: date | None, until: date | None) -> Days:
    """This month's, where nothing else is said."""
    today = now().date()
    last = until or today
    return Days(since or last.replace(day=1), last)


def _account_line(account: Account) -> str:
    state = "suspended" if account.suspended else "active"
    if not account.plan.is_offered:
        state += ", no such plan"
    return f"{account.id}\t{account.plan.name}\t{state}\t{to_the_second(account.created_at)}"


def _standing(statement: Statement) -> str:
    if statement.balance is not None:
        return f"{in_words(statement.balance)} left"
    until = f" until {to_the_second(statement.resets_at)}" if statement.resets_at else ""
    return f"{statement.left} of {statement.cap} credits left{until}"


def _token_line(token: Token) -> str:
    state = f"revoked {to_the_second(token.revoked_at)}" if token.revoked_at else "valid"
    used = f"used {to_the_second(token.last_used_at)}" if token.last_used_at else "never used"
    return f"{token.shown}\tmade {to_the_second(token.created_at)}\t{used}\t{state}"
