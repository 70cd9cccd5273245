"""How much of one kind an account may hold open at once, at this replica."""

import contextlib
from collections import Counter
from collections.abc import Iterator

from common.errors import TooManyRequests


class Places:
    """``per_account`` of them; ``refusal`` is what one more is told."""

    def __init__(self, per_account: int, refusal: type[TooManyRequests]) -> None:
        self._per_account = per_account
        self._refusal = refusal
        self._taken = Counter[str]()

    @contextlib.contextmanager
    def taken(self, account_id: str) -> Iterator[None]:
        """One of the account's places, for as long as the context is open. Raises ``refusal``."""
        if self._taken[account_id] >= self._per_account:
            raise self._refusal()
        self._taken[account_id] += 1
        try:
            yield
        finally:
            self._taken[account_id] -= 1
            if not self._taken[account_id]:
                del self._taken[account_id]
