"""The secrets that stand for accounts: made, listed, replaced and revoked."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from common import logs
from common.domain import account as domain
from common.domain.account import Account, IssuedToken, Token
from common.errors import (
    AccountSuspended,
    InvalidField,
    LastToken,
    NotFound,
    TooManyTokens,
    Unauthorized,
    Unavailable,
)
from common.ports import AccountRepository
from front.services.sweeping import sweeping

MAX_TOKENS = 50
REVOKED_KEPT = timedelta(days=30)
_SWEEP_S = 3600

log = logs.get("tokens")


class Tokens:
    """Tokens are named by their first characters, as they are listed; an operator may give them whole."""

    def __init__(self, accounts: AccountRepository) -> None:
        self._accounts = accounts

    async def authenticate(self, secret: str | None, now: datetime) -> Account:
        """The account that ``secret`` stands for.

        Raises Unauthorized for none, an unknown or a revoked one, and AccountSuspended.
        """
        if not secret:
            raise Unauthorized()
        token = await self._accounts.token(domain.digest(secret))
        if token is None or not token.is_valid:
            raise Unauthorized("The token is not valid: check it, or ask the operator for a new one.")
        account = await self._accounts.get(token.account_id)
        if account is None:
            raise Unauthorized("The token is not valid: its account is gone.")
        if account.suspended:
            raise AccountSuspended()
        await self._note_use(token, now)
        return account

    async def create(self, account_id: str, now: datetime) -> IssuedToken:
        """A new token of the account. Raises NotFound and TooManyTokens.

        Counted again once it is there: of many requests at once none makes one too many that stays.
        """
        if len(await self.valid(account_id)) < MAX_TOKENS:
            issued = domain.issue_token(account_id, now)
            await self._accounts.add_token(issued.token)
            if len(await self.valid(account_id)) <= MAX_TOKENS:
                return issued
            await self._accounts.remove_token(issued.token.digest)
        raise TooManyTokens(f"The account has {MAX_TOKENS} valid tokens: revoke one that is not needed.")

    async def list(self, account_id: str) -> Sequence[Token]:
        """All, with those revoked in the last weeks, the oldest first. Raises NotFound for an unknown
        account.
        """
        if await self._accounts.get(account_id) is None:
            raise NotFound(f"There is no account {account_id!r}.")
        return await self._accounts.list_tokens(account_id)

    async def valid(self, account_id: str) -> Sequence[Token]:
        """Those that can be used, the oldest first. Raises NotFound for an unknown account."""
        if await self._accounts.get(account_id) is None:
            raise NotFound(f"There is no account {account_id!r}.")
        return await self._accounts.valid_tokens(account_id)

    async def revoke(self, account_id: str, named: str, now: datetime, *, may_be_last: bool = False) -> Token:
        """Make a token invalid, for good. Raises NotFound, InvalidField where more than one is called so,
        and LastToken: an account's owner who revoked that could not come in any more. Where the last two are
        revoked at once, both stay.
        """
        valid = await self.valid(account_id)
        token = _named(named, valid)
        if len(valid) == 1 and not may_be_last:
            raise LastToken()
        if not await self._accounts.revoke_token(token.digest, now):
            raise _missing(named)
        if not may_be_last and not await self._accounts.valid_tokens(account_id):
            await self._accounts.restore_token(token.digest, now)
            raise LastToken()
        return token

    async def rotate(self, account_id: str, named: str, now: datetime) -> IssuedToken:
        """A new token for one that is revoked. Raises NotFound and InvalidField as ``revoke`` does, NotFound
        also where somebody else revokes or replaces it at this moment, unless the others were revoked
        meanwhile because this new one was there.
        """
        old = _named(named, await self.valid(account_id))
        issued = domain.issue_token(account_id, now)
        await self._accounts.add_token(issued.token)
        if await self._accounts.revoke_token(old.digest, now):
            return issued
        await self._accounts.remove_token(issued.token.digest)
        if await self._accounts.valid_tokens(account_id):
            raise _missing(named)
        await self._accounts.add_token(issued.token)
        return issued

    async def run(self, now: Callable[[], datetime]) -> None:
        """Forget revoked ones again and again, until cancelled."""

        async def sweep() -> None:
            await self.forget_revoked(now())

        await sweeping(sweep, _SWEEP_S, log)

    async def forget_revoked(self, now: datetime) -> None:
        """Revoked tokens are kept for a while, so that an operator can see what became of them."""
        if count := await self._accounts.forget_revoked(now - REVOKED_KEPT):
            log.info("revoked_tokens_forgotten", tokens=count)

    async def _note_use(self, token: Token, now: datetime) -> None:
        """A use that could not be noted is none of the caller's business."""
        if not token.use_is_to_be_noted(now):
            return
        try:
            await self._accounts.note_use(token, now)
        except Unavailable as error:
            log.warning("use_not_noted", reason=error.message)


def _named(named: str, valid: Sequence[Token]) -> Token:
    found = [token for token in valid if token.shown == named or token.digest == domain.digest(named)]
    if not found:
        raise _missing(named)
    if len(found) > 1:
        raise InvalidField("token", f"{len(found)} tokens start with {named!r}: give the whole token.")
    return found[0]


def _missing(named: str) -> NotFound:
    shown = named[: domain.SHOWN_CHARACTERS]
    return NotFound(f"The account has no token {shown!r} that could be revoked.")
