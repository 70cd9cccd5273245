"""What an operator can do, each returning the lines to print."""

from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from common.domain.account import Account, Token
from common.domain.credits import Statement, in_words
from front.services.accounts import Accounts

Command = Callable[[Accounts, Namespace], Awaitable[Sequence[str]]]


async def create_account(accounts: Accounts, given: Namespace) -> Sequence[str]:
    account = await accounts.create(given.name, given.plan, _now())
    return [f"The account '{account.id}' is made, on the plan '{account.plan.name}'."]


async def list_accounts(accounts: Accounts, given: Namespace) -> Sequence[str]:
    return [_account_line(account) for account in await accounts.list()]


async def show_account(accounts: Accounts, given: Namespace) -> Sequence[str]:
    account = await accounts.get(given.name)
    statement = await accounts.statement(account, _now())
    return [f"{_account_line(account)}\t{_standing(statement)}"]


async def top_up_account(accounts: Accounts, given: Namespace) -> Sequence[str]:
    """Without a reference of the operator's, each call counts."""
    reference = given.reference or uuid4().hex
    is_new = await accounts.top_up(given.name, given.credits, reference, _now())
    statement = await accounts.statement(await accounts.get(given.name), _now())
    known = [] if is_new else [f"The reference '{reference}' has counted before: nothing was added."]
    return [*known, f"The account '{given.name}' has {_standing(statement)}."]


async def suspend_account(accounts: Accounts, given: Namespace) -> Sequence[str]:
    await accounts.suspend(given.name, suspended=True)
    return [f"The account '{given.name}' is suspended: its requests are refused."]


async def resume_account(accounts: Accounts, given: Namespace) -> Sequence[str]:
    await accounts.suspend(given.name, suspended=False)
    return [f"The account '{given.name}' is active again."]


async def create_token(accounts: Accounts, given: Namespace) -> Sequence[str]:
    """The last line is the token and nothing else."""
    secret = await accounts.create_token(given.name, _now())
    return [f"A token of the account '{given.name}'. Keep it: it is not shown again.", secret]


async def list_tokens(accounts: Accounts, given: Namespace) -> Sequence[str]:
    return [_token_line(token) for token in await accounts.list_tokens(given.name)]


async def revoke_token(accounts: Accounts, given: Namespace) -> Sequence[str]:
    token = await accounts.revoke_token(given.name, given.prefix, _now())
    return [f"The token {token.shown}… of the account '{given.name}' is no longer valid."]


def _account_line(account: Account) -> str:
    state = "suspended" if account.suspended else "active"
    return f"{account.id}\t{account.plan.name}\t{state}\t{_moment(account.created_at)}"


def _standing(statement: Statement) -> str:
    if statement.balance is not None:
        return f"{in_words(statement.balance)} left"
    until = f" until {_moment(statement.resets_at)}" if statement.resets_at else ""
    return f"{statement.left} of {statement.cap} credits left{until}"


def _token_line(token: Token) -> str:
    state = f"revoked {_moment(token.revoked_at)}" if token.revoked_at else "valid"
    return f"{token.shown}\tmade {_moment(token.created_at)}\t{state}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _now() -> datetime:
    return datetime.now(UTC)
