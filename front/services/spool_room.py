"""How many bytes of uploads may lie in the spool of this front, and whose."""

from collections import Counter

from common.domain.account import Account
from common.errors import Overloaded, TooManyUploads

_SHARE = 4


class SpoolRoom:
    """``max_bytes`` in all. One account may fill a quarter of them, or have one file as large as its plan
    allows, so that it leaves room for others.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._taken = Counter[str]()

    @property
    def taken_bytes(self) -> int:
        return self._taken.total()

    def check(self, account: Account, size_bytes: int) -> None:
        """Whether so much more would fit now. Raises TooManyUploads and Overloaded."""
        if self.taken_bytes + size_bytes > self._max_bytes:
            raise Overloaded("There is no room for more files now: send this one again in a while.")
        own_share = max(self._max_bytes // _SHARE, account.plan.max_bytes)
        if self._taken[account.id] + size_bytes > own_share:
            raise TooManyUploads()

    def take(self, account: Account, size_bytes: int) -> None:
        """Raises as ``check`` does, and then nothing is taken."""
        self.check(account, size_bytes)
        self._taken[account.id] += size_bytes

    def give_back(self, account: Account, size_bytes: int) -> None:
        self._taken[account.id] -= size_bytes
        if self._taken[account.id] <= 0:
            del self._taken[account.id]
