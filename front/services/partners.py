"""Partners: accounts whose requests come through the broker, too, each as a user of the broker."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from common.contracts.partner_topology import RESERVED, intake_queue
from common.domain.account import Account
from common.errors import InvalidField, NotFound, RequestsWait
from common.ports import AccountRepository, IntakeQueue, IntakeQueues, PartnerAccess
from front.services.accounts import Accounts
from front.services.visitors import is_visitor

_PASSWORD_BYTES = 24
_POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class Admission:
    """What was there already and what is new; the ``password`` where there is a new one, told this once."""

    account: Account
    is_new_account: bool
    was_partner: bool
    is_new_intake: bool
    password: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Removal:
    """What there was to remove: the broker user, requests in the intake, queues and exchanges of its own."""

    had_user: bool
    requests: int
    own: int


@dataclass(frozen=True, slots=True)
class Partner:
    account: Account
    has_user: bool
    intake: IntakeQueue | None


class Partners:
    """Every step may be repeated, so whatever was interrupted is finished by asking for it again.

    That the account is a partner's is noted last, when somebody is about to be told the password, and
    forgotten only when no request of the partner can be in its intake any more: fronts empty the intakes of
    those that are noted.
    """

    def __init__(
        self,
        repository: AccountRepository,
        accounts: Accounts,
        access: PartnerAccess,
        intakes: IntakeQueues,
        *,
        release_limit_s: float = 60,
    ) -> None:
        """Fronts let go of an intake within ``release_limit_s``."""
        self._repository = repository
        self._accounts = accounts
        self._access = access
        self._intakes = intakes
        self._release_limit_s = release_limit_s

    async def add(self, name: str, plan: str | None, now: datetime) -> Admission:
        """An account that is there already becomes the partner's.

        Raises InvalidField for a name or a plan that cannot be, and where ``plan`` is not the account's.
        """
        _require_possible(name)
        has_user = name in await self._access.accounts()
        found = await self._repository.get(name)
        account = self._on_plan(found, plan) if found else await self._accounts.create(name, plan, now)
        is_new_intake = await self._intakes.make(name)
        was_partner = account.partner_since is not None
        # An interrupted one may have given a password that nobody was told.
        password = None if has_user and was_partner else _new_password()
        if password:
            await self._access.identify(name, password)
        await self._access.allow(name)
        if not was_partner:
            await self._repository.set_partner(name, now)
        return Admission(account, found is None, was_partner, is_new_intake, password)

    async def remove(self, name: str, now: datetime, *, drop: bool) -> Removal:
        """The account stays. Raises NotFound, and RequestsWait for those in the intake unless ``drop``."""
        account = await self._accounts.get(name)
        had_user = await self._access.shut_out(name)
        own = await self._access.clear(name)
        if not drop:
            await self._require_drained(account, now)
        await self._repository.set_partner(name, None)
        return Removal(had_user, await self._intakes.remove(name), own)

    async def new_password(self, name: str) -> str:
        """In place of the one that was, and of whatever is connected with that. Raises NotFound."""
        account = await self._accounts.get(name)
        if account.partner_since is None or name not in await self._access.accounts():
            raise NotFound(f"{name!r} is no partner, or not wholly: 'partner add {name}' makes it one.")
        password = _new_password()
        await self._access.renew(name, password)
        await self._access.allow(name)
        return password

    async def list(self) -> Sequence[Partner]:
        """Those that are noted, and those of interrupted commands: who still or already has a broker user."""
        users = set(await self._access.accounts())
        noted = {account.id: account for account in await self._repository.partners()}
        others = [await self._repository.get(name) for name in users - noted.keys()]
        accounts = [*noted.values(), *(account for account in others if account)]
        return [
            Partner(account, account.id in users, await self._intakes.look(account.id))
            for account in sorted(accounts, key=lambda account: account.id)
        ]

    def _on_plan(self, account: Account, plan: str | None) -> Account:
        if plan is not None and plan != account.plan.name:
            raise InvalidField(
                "plan",
                f"There is an account {account.id!r} on the plan '{account.plan.name}': leave --plan out to "
                f"make it the partner's, or first 'account plan {account.id} {plan}'.",
            )
        return account

    async def _require_drained(self, account: Account, now: datetime) -> None:
        """Nobody can send any more. What fronts have taken and not settled is not seen until they let go."""
        try:
            await self._require_none_waiting(account)
            await self._repository.set_partner(account.id, None)
            await self._released(account)
            await self._require_none_waiting(account)
        except BaseException:
            await self._repository.set_partner(account.id, account.partner_since or now)
            raise

    async def _require_none_waiting(self, account: Account) -> None:
        intake = await self._intakes.look(account.id)
        if intake and intake.waiting:
            many = intake.waiting > 1
            raise RequestsWait(
                f"{intake.waiting} request{'s' * many} still wait{'s' * (not many)} in "
                f"'{intake_queue(account.id).name}' and will be served. The partner's user is gone already; "
                "ask again when they are done, or with --drop to do away with them."
            )

    async def _released(self, account: Account) -> None:
        deadline = time.monotonic() + self._release_limit_s
        while (intake := await self._intakes.look(account.id)) and intake.readers:
            if time.monotonic() > deadline:
                raise RequestsWait(
                    f"A request of '{account.id}' is still being taken in. The partner's user is gone "
                    "already; ask again in a while, or with --drop."
                )
            await asyncio.sleep(_POLL_S)


def _require_possible(name: str) -> None:
    """What else a name must not be is known to who makes accounts."""
    if name in RESERVED:
        raise InvalidField("name", f"{name!r} cannot be a partner's name: the broker uses it itself.")
    if is_visitor(name):
        raise InvalidField("name", f"'{name}' are callers without a token: they are no partners.")


def _new_password() -> str:
    """Letters, digits, hyphens and underscores, which stand for themselves in a URL."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)
