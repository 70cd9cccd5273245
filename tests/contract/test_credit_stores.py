"""What every book-keeper must do, in memory or in a real database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from common.adapters.mongo_accounts import MongoAccountRepository
from common.adapters.mongo_connection import connect, database
from common.adapters.mongo_credits import MongoCreditStore
from common.domain.account import Account
from common.domain.credits import Settlement, Statement
from common.errors import OutOfCredits
from common.ports import CreditStore
from tests.fakes import plans
from tests.fakes.samples import NOW
from tests.fakes.stores import FakeCreditStore

PAID, FREE = Account("paid", plans.PAID, NOW), Account("free", plans.FREE, NOW)
NEXT_MONTH = datetime(2026, 12, 1, tzinfo=NOW.tzinfo)


@pytest.fixture(params=["fake", "mongo"])
async def books(request: pytest.FixtureRequest) -> AsyncIterator[CreditStore]:
    if request.param == "fake":
        yield FakeCreditStore()
        return
    client = connect(request.getfixturevalue("mongo_url"), "contract-tests")
    store = database(client, f"contract_{uuid4().hex}")
    accounts, books = MongoAccountRepository(store, plans.PLANS), MongoCreditStore(store)
    for account in (PAID, FREE):
        await accounts.add(account)
    await books.prepare()
    yield books
    await client.drop_database(store.name)
    client.close()


def settled(job_id: str, reserved: int, charged: int, account: Account = PAID) -> Settlement:
    return Settlement(job_id, account.id, reserved, charged, tuple(range(charged)), NOW)


async def balance(books: CreditStore) -> int | None:
    return (await books.statement(PAID, NOW)).balance


async def used(books: CreditStore, now: datetime = NOW) -> int | None:
    return (await books.statement(FREE, now)).used


async def outcomes(*calls: Awaitable[None]) -> list[BaseException | None]:
    return await asyncio.gather(*calls, return_exceptions=True)


async def test_a_new_account_stands_at_nothing(books: CreditStore) -> None:
    assert await books.statement(PAID, NOW) == Statement(balance=0)
    assert await books.statement(FREE, NOW) == Statement(used=0, cap=100, resets_at=NEXT_MONTH)


async def test_a_purchase_counts_once(books: CreditStore) -> None:
    references = ("invoice-1", "invoice-1", "invoice-2")
    counted = [await books.top_up(PAID.id, 10, reference, NOW) for reference in references]
    assert counted == [True, False, True]
    assert await balance(books) == 20


async def test_what_is_reserved_is_gone_and_what_was_not_used_comes_back(books: CreditStore) -> None:
    await books.top_up(PAID.id, 10, "invoice", NOW)
    await books.reserve(PAID, "job", 8, NOW)
    assert await balance(books) == 2
    await books.settle(settled("job", 8, 5))
    assert await balance(books) == 5


async def test_more_than_the_balance_is_refused_and_nothing_is_taken(books: CreditStore) -> None:
    await books.top_up(PAID.id, 10, "invoice", NOW)
    with pytest.raises(OutOfCredits) as refused:
        await books.reserve(PAID, "job", 11, NOW)
    assert refused.value.account == {"balance": 10, "needed": 11}
    assert await balance(books) == 10


async def test_a_job_reserves_once_and_is_settled_once(books: CreditStore) -> None:
    await books.top_up(PAID.id, 10, "invoice", NOW)
    await outcomes(*(books.reserve(PAID, "job", 4, NOW) for _ in range(5)))
    assert await balance(books) == 6
    await outcomes(*(books.settle(settled("job", 4, 1)) for _ in range(5)))
    assert await balance(books) == 9
    await books.settle(settled("job", 4, 4))  # the first settlement stays
    assert await balance(books) == 9


async def test_an_allowance_is_used_up_and_comes_anew(books: CreditStore) -> None:
    await books.reserve(FREE, "first", 60, NOW)
    with pytest.raises(OutOfCredits) as refused:
        await books.reserve(FREE, "second", 41, NOW)
    assert refused.value.account["used"] == 60 and refused.value.account["cap"] == 100
    await books.reserve(FREE, "third", 40, NOW)
    assert await used(books) == 100
    assert await used(books, NEXT_MONTH) == 0
    await books.reserve(FREE, "fourth", 100, NEXT_MONTH)
    assert await used(books, NEXT_MONTH) == 100


async def test_what_an_old_allowance_gets_back_does_not_lower_the_new_one(books: CreditStore) -> None:
    await books.reserve(FREE, "old", 50, NOW)
    await books.reserve(FREE, "new", 10, NEXT_MONTH)
    await books.settle(settled("old", 50, 0, FREE))
    assert await used(books, NEXT_MONTH) == 10


async def test_an_allowance_gets_back_what_was_not_used(books: CreditStore) -> None:
    await books.reserve(FREE, "job", 50, NOW)
    await books.settle(settled("job", 50, 20, FREE))
    assert await used(books) == 20


@pytest.mark.parametrize("account", [PAID, FREE], ids=["paid", "free"])
async def test_of_a_hundred_at_once_as_many_succeed_as_there_are_credits(
    books: CreditStore, account: Account
) -> None:
    await books.top_up(PAID.id, 100, "invoice", NOW)
    found = await outcomes(*(books.reserve(account, f"job-{index}", 10, NOW) for index in range(100)))
    assert found.count(None) == 10
    assert all(isinstance(one, OutOfCredits) for one in found if one is not None)
    stands = await books.statement(account, NOW)
    assert stands.balance == 0 if account is PAID else stands.used == 100


async def test_a_settlement_without_a_reservation_charges_nothing(books: CreditStore) -> None:
    await books.top_up(PAID.id, 10, "invoice", NOW)
    await books.settle(settled("unknown", 5, 5))
    assert await balance(books) == 10


async def test_reserving_and_settling_at_once_loses_nothing(books: CreditStore) -> None:
    await books.top_up(PAID.id, 1000, "invoice", NOW)

    async def one_job(index: int) -> None:
        await books.reserve(PAID, f"job-{index}", 7, NOW + timedelta(seconds=index))
        await books.settle(settled(f"job-{index}", 7, index % 8))

    assert set(await outcomes(*(one_job(index) for index in range(40)))) == {None}
    assert await balance(books) == 1000 - sum(index % 8 for index in range(40))
