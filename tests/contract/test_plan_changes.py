"""What becomes of credits when an account is put on another plan while something is under way."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

from common.adapters.mongo_accounts import MongoAccountRepository
from common.adapters.mongo_connection import connect, database
from common.adapters.mongo_credits import MongoCreditStore
from common.domain.account import Account
from common.domain.credits import Charge, Kind, Period, Settlement
from common.domain.plans import Allowance
from common.errors import OutOfCredits
from common.ports import CreditStore
from tests.fakes import plans
from tests.fakes.samples import NOW
from tests.fakes.stores import FakeCreditStore

PAID = Account("acme", plans.PAID, NOW)
FREE = replace(PAID, plan=plans.FREE)
DAILY = replace(
    PAID, plan=plans.FREE.model_copy(update={"allowance": Allowance(credits=10, period=Period.DAY)})
)
GONE = replace(PAID, plan=plans.PLANS.named("gold"))


@pytest.fixture(params=["fake", "mongo"])
async def books(request: pytest.FixtureRequest) -> AsyncIterator[CreditStore]:
    if request.param == "fake":
        yield FakeCreditStore()
        return
    client = connect(request.getfixturevalue("mongo_url"), "contract-tests")
    store = database(client, f"contract_{uuid4().hex}")
    await MongoAccountRepository(store, plans.PLANS).add(PAID)
    books = MongoCreditStore(store)
    await books.prepare()
    yield books
    await client.drop_database(store.name)
    client.close()


@pytest.fixture
async def topped_up(books: CreditStore) -> CreditStore:
    await books.top_up(PAID.id, 100, "invoice", NOW)
    return books


async def settle(books: CreditStore, job_id: str, reserved: int, charged: int) -> None:
    await books.settle(Settlement(job_id, PAID.id, reserved, (Charge(Kind.PAGES, charged),), NOW))


async def balance(books: CreditStore) -> int | None:
    return (await books.statement(PAID, NOW)).balance


async def used(books: CreditStore, account: Account = FREE) -> int | None:
    return (await books.statement(account, NOW)).used


async def test_what_was_reserved_of_bought_credits_goes_back_to_them(topped_up: CreditStore) -> None:
    await topped_up.reserve(PAID, "job", 30, NOW)
    await topped_up.reserve(FREE, "another", 50, NOW)
    await settle(topped_up, "job", 30, 10)
    assert (await balance(topped_up), await used(topped_up)) == (90, 50)


async def test_what_was_reserved_of_an_allowance_goes_back_to_it(topped_up: CreditStore) -> None:
    await topped_up.reserve(FREE, "job", 30, NOW)
    await topped_up.reserve(PAID, "another", 50, NOW)
    await settle(topped_up, "job", 30, 10)
    assert (await balance(topped_up), await used(topped_up)) == (50, 10)


async def test_a_job_that_was_begun_before_is_not_reserved_again(topped_up: CreditStore) -> None:
    await topped_up.reserve(PAID, "job", 30, NOW)
    await topped_up.reserve(FREE, "job", 30, NOW)
    assert (await balance(topped_up), await used(topped_up)) == (70, 0)


async def test_a_smaller_allowance_counts_what_was_used_of_the_larger(topped_up: CreditStore) -> None:
    smaller = plans.FREE.model_copy(update={"allowance": Allowance(credits=20, period=Period.MONTH)})
    await topped_up.reserve(FREE, "job", 15, NOW)
    with pytest.raises(OutOfCredits):
        await topped_up.reserve(replace(PAID, plan=smaller), "another", 6, NOW)


async def test_an_allowance_by_the_day_follows_one_by_the_month(topped_up: CreditStore) -> None:
    await topped_up.reserve(FREE, "job", 90, NOW)
    await topped_up.reserve(DAILY, "another", 10, NOW)
    with pytest.raises(OutOfCredits):
        await topped_up.reserve(DAILY, "a-third", 1, NOW)
    await settle(topped_up, "job", 90, 0)
    assert await used(topped_up, DAILY) == 10, "what the month gets back is not the day's"


async def test_a_balance_outlives_a_plan_that_is_gone(topped_up: CreditStore) -> None:
    await topped_up.reserve(PAID, "job", 30, NOW)
    await settle(topped_up, "job", 30, 10)
    assert (await topped_up.statement(GONE, NOW)).balance == 90
