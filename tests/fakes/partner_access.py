"""A broker's users of partners and their intakes, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from common.ports import IntakeQueue


@dataclass
class User:
    password: str
    is_allowed: bool = False
    connections: int = 0


@dataclass
class FakePartnerAccess:
    """``fails``: the name of a call that an interruption meets, once."""

    users: dict[str, User] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=dict)
    fails: str | None = None

    async def accounts(self) -> Sequence[str]:
        return sorted(self.users)

    async def identify(self, account: str, password: str) -> None:
        self._meet("identify")
        self.users.setdefault(account, User(password)).password = password

    async def allow(self, account: str) -> None:
        self._meet("allow")
        self.users[account].is_allowed = True

    async def renew(self, account: str, password: str) -> None:
        self.users[account] = User(password)

    async def shut_out(self, account: str) -> bool:
        return self.users.pop(account, None) is not None

    async def clear(self, account: str) -> int:
        self._meet("clear")
        return self.own.pop(account, 0)

    def _meet(self, call: str) -> None:
        if self.fails == call:
            self.fails = None
            raise InterruptedError(call)


@dataclass
class FakeIntakeQueues:
    """``looked`` is called before each look, as fronts go on meanwhile."""

    queues: dict[str, IntakeQueue] = field(default_factory=dict)
    looked: Callable[[], None] = lambda: None

    async def make(self, account: str) -> bool:
        is_new = account not in self.queues
        self.queues.setdefault(account, IntakeQueue(0, 0))
        return is_new

    async def look(self, account: str) -> IntakeQueue | None:
        self.looked()
        return self.queues.get(account)

    async def remove(self, account: str) -> int:
        found = self.queues.pop(account, None)
        return found.waiting if found else 0
