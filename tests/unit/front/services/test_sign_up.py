"""Signing up: only where it is allowed, and only so often from one network."""

from datetime import timedelta

import pytest

from common.errors import AccountSuspended, SignUpClosed, TooManySignUps
from front.services.accounts import Accounts
from front.services.sign_up import SignUp
from front.services.tokens import Tokens
from front.services.visitors import Visitors
from tests.fakes import plans
from tests.fakes.samples import NOW
from tests.fakes.stores import FakeAccountRepository, FakeCreditStore, FakeSignUpStore

HERE, THERE = "192.0.2.1", "192.0.2.2"


class Place:
    def __init__(self) -> None:
        self.repository = FakeAccountRepository()
        self.counts = FakeSignUpStore()
        self.tokens = Tokens(self.repository)
        self.visitors = Visitors(self.repository, plans.PLANS, "secret", lambda: self.now)
        self.now = NOW

    def opened(self, *, is_open: bool = True) -> SignUp:
        accounts = Accounts(self.repository, FakeCreditStore(), plans.PLANS)
        return SignUp(
            accounts,
            self.tokens,
            self.visitors,
            self.counts,
            lambda: self.now,
            is_open=is_open,
            per_day=2,
        )


@pytest.fixture
def place() -> Place:
    return Place()


async def test_who_signs_up_has_an_account_on_the_default_plan_and_a_token(place: Place) -> None:
    account, issued = await place.opened().sign_up(HERE)
    assert account.plan is plans.FREE
    assert await place.tokens.authenticate(issued.secret, NOW) == account


async def test_where_it_is_closed_nobody_signs_up(place: Place) -> None:
    with pytest.raises(SignUpClosed):
        await place.opened(is_open=False).sign_up(HERE)
    assert not place.repository.accounts


async def test_a_network_makes_so_many_accounts_a_day(place: Place) -> None:
    sign_up = place.opened()
    for _ in range(2):
        await sign_up.sign_up(HERE)
    with pytest.raises(TooManySignUps):
        await sign_up.sign_up(HERE)
    await sign_up.sign_up(THERE)
    assert len(place.repository.accounts) == 3
    place.now += timedelta(days=1)
    await sign_up.sign_up(HERE)


async def test_no_address_is_kept(place: Place) -> None:
    await place.opened().sign_up(HERE)
    assert HERE not in repr(place.counts.counts) + repr(place.repository.accounts)


async def test_a_network_that_is_locked_out_does_not_sign_up(place: Place) -> None:
    visitor = await place.visitors.account(HERE)
    await place.visitors.welcome(visitor)
    await place.repository.suspend(visitor.id, suspended=True)
    with pytest.raises(AccountSuspended):
        await place.opened().sign_up(HERE)
