"""How often each account and each client address may ask, at this replica.

Every quota is counted in this process's memory: a replica more gives as many more. To count them
together, each request would cost a write to a database that all replicas share, which is the slowest
thing that a request does; what costs money is guarded there exactly, by credits and jobs under way.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from common.domain.account import Account, digest
from common.domain.rates import Quota, Standing
from common.errors import (
    AccountSuspended,
    BadRequest,
    NotFound,
    RateLimited,
    TooManyWrongTokens,
    Unauthorized,
)
from common.ports import Rates
from front.services.visitors import is_visitor

# A job may be looked at so often whatever else its account asks: every 2 s is 30 a minute.
LOOKS = Quota("job", 1_200)
_TOKENS_REMEMBERED = 10_000


class Kind(StrEnum):
    """What is counted for an account, by the name that its quota is told under."""

    REQUESTS = "requests"
    QUESTIONS = "questions"


class RateLimits:
    """``accounts``, ``addresses`` with their visitors, and ``looks`` at jobs are counted apart, so that no
    flood of one makes what was counted of another forgotten. ``per_address``: requests a minute without an
    account; ``wrong_tokens``: a minute, from one address.
    """

    def __init__(
        self, accounts: Rates, addresses: Rates, looks: Rates, *, per_address: int, wrong_tokens: int
    ) -> None:
        self._accounts = accounts
        self._addresses = addresses
        self._looks = looks
        self._per_address = Quota("address", per_address)
        self._wrong_tokens = Quota("wrong-tokens", wrong_tokens)
        self._right_tokens = OrderedDict[str, None]()

    def check(self, account: Account, kind: Kind) -> Standing:
        """Count one of the account's requests or questions. Raises RateLimited."""
        plan = account.plan
        per_minute = plan.questions_per_minute if kind is Kind.QUESTIONS else plan.requests_per_minute
        counted = self._addresses if is_visitor(account.id) else self._accounts
        return _unless_refused(counted.take(Quota(kind.value, per_minute), account.id))

    @contextmanager
    def looking(self, account: Account) -> Iterator[None]:
        """For finding a job: to look for one that is not there, or not this caller's, or to ask for what
        cannot be told of it, is a request like any other.
        """
        try:
            yield
        except (NotFound, Unauthorized, BadRequest):
            self.check(account, Kind.REQUESTS)
            raise

    def look(self, account: Account, job_id: str) -> Standing:
        """Count a look at a job that is there. Raises RateLimited."""
        return _unless_refused(self._looks.take(LOOKS, f"{account.id}/{job_id}"))

    def check_address(self, network: str) -> Standing:
        """Count a request of nobody's. Raises RateLimited."""
        return _unless_refused(self._addresses.take(self._per_address, network))

    @contextmanager
    def admitting(self, network: str) -> Iterator[None]:
        """For finding out who asks: a refusal to who is locked out is counted for the address."""
        try:
            yield
        except AccountSuspended:
            self.check_address(network)
            raise

    @contextmanager
    def guessing(self, secret: str, network: str) -> Iterator[None]:
        """For finding out whom ``secret`` stands for.

        Raises TooManyWrongTokens for an address from which too many came: nothing is looked up then, so
        nothing can be guessed. Tokens that were right before are not held up by a neighbour's wrong ones.
        """
        token = digest(secret)
        if token not in self._right_tokens:
            self._check_wrong_tokens(network)
        try:
            yield
        except Unauthorized:
            self._right_tokens.pop(token, None)
            self._addresses.take(self._wrong_tokens, network)
            raise
        self._right_tokens[token] = None
        self._right_tokens.move_to_end(token)
        if len(self._right_tokens) > _TOKENS_REMEMBERED:
            self._right_tokens.popitem(last=False)

    def _check_wrong_tokens(self, network: str) -> None:
        standing = self._addresses.left(self._wrong_tokens, network)
        if standing.is_refused:
            raise TooManyWrongTokens(retry_after_s=_wait_s(standing))


_OF = {
    Kind.REQUESTS: "requests of this account",
    Kind.QUESTIONS: "questions of this account",
    LOOKS.policy: "looks at this job",
    "address": "requests from this address",
}


def _unless_refused(standing: Standing) -> Standing:
    if not standing.is_refused:
        return standing
    quota, wait_s = standing.quota, _wait_s(standing)
    raise RateLimited(
        f"There were too many {_OF[quota.policy]}: {quota.per_minute} a minute are answered. "
        f"Ask again in {wait_s} s.",
        wait_s,
        policy=quota.policy,
        per_minute=quota.per_minute,
    )


def _wait_s(standing: Standing) -> int:
    return max(1, standing.reset_s)
