"""What every store beside the accounts must do, in memory or in a real database: usage, sign-ups."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from common.adapters.mongo_accounts import MongoAccountRepository
from common.adapters.mongo_connection import Database, connect, database
from common.adapters.mongo_credits import MongoCreditStore
from common.adapters.mongo_ledger import MongoLedger
from common.adapters.mongo_sign_ups import MongoSignUpStore
from common.adapters.mongo_usage import MongoUsageStore
from common.domain.account import Account
from common.domain.credits import Charge, Kind, Settlement
from common.domain.usage import Usage
from common.ports import SignUpStore
from front.services.ledger_audit import LedgerAudit
from tests.fakes import plans
from tests.fakes.samples import NOW
from tests.fakes.stores import FakeSignUpStore

DAY = timedelta(days=1)


@pytest.fixture
async def store(mongo_url: str) -> AsyncIterator[Database]:
    client = connect(mongo_url, "contract-tests")
    store = database(client, f"contract_{uuid4().hex}")
    yield store
    await client.drop_database(store.name)
    client.close()


@pytest.fixture(params=["fake", "mongo"])
async def sign_ups(request: pytest.FixtureRequest, store: Database) -> SignUpStore:
    if request.param == "fake":
        return FakeSignUpStore()
    made = MongoSignUpStore(store)
    await made.prepare()
    return made


async def test_of_many_at_once_as_many_count_as_there_may_be(sign_ups: SignUpStore) -> None:
    counted = await asyncio.gather(*(sign_ups.count("here", 3, expires_at=NOW + DAY) for _ in range(20)))
    assert sum(counted) == 3
    assert not await sign_ups.count("here", 3, expires_at=NOW + DAY)
    assert await sign_ups.count("there", 3, expires_at=NOW + DAY)


async def test_a_visitor_of_whom_something_is_set_aside_is_not_forgotten(store: Database) -> None:
    accounts, books = MongoAccountRepository(store, plans.PLANS), MongoCreditStore(store)
    visitor = Account("anonymous-0123456789abcdef", plans.ANONYMOUS, NOW)
    await asyncio.gather(*(accounts.lodge(visitor, NOW) for _ in range(5)))
    await books.reserve(visitor, "job", 1, NOW, is_job=True)
    assert await accounts.forget_visitors(NOW + DAY) == 0
    await books.settle(Settlement("job", visitor.id, 1, (Charge(Kind.PAGES, 1, (0,)),), NOW))
    assert await accounts.forget_visitors(NOW + DAY) == 1
    assert await accounts.get(visitor.id) is None


async def test_a_visitor_who_comes_back_has_books_that_the_ledger_bears_out(store: Database) -> None:
    accounts, books = MongoAccountRepository(store, plans.PLANS), MongoCreditStore(store)
    visitor = Account("anonymous-0123456789abcdef", plans.ANONYMOUS, NOW)
    for job, at in (("first", NOW), ("second", NOW + DAY)):
        await accounts.lodge(visitor, at)
        await books.reserve(visitor, job, 2, at, is_job=True)
        await books.settle(Settlement(job, visitor.id, 2, (Charge(Kind.PAGES, 2, (0, 1)),), at))
        (audit,) = [one async for one in LedgerAudit(MongoLedger(store)).accounts()]
        assert audit.differences == ()
        assert await accounts.forget_visitors(at + timedelta(seconds=1)) == 1


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("balance", {"balance": (94, 93)}),
        ("row missing", {"balance": (93, 100)}),
        ("row twice", {"balance": (93, 86)}),
        ("purchase missing", {"bought credits": (100, 0), "balance": (93, -7)}),
        ("reservation put in", {"balance": (93, 88), "jobs under way": (0, 1)}),
        ("reservation taken out", {"balance": (88, 93), "jobs under way": (1, 0)}),
    ],
)
async def test_books_that_somebody_changed_by_hand_differ_from_the_ledger(
    store: Database, damage: str, found: dict[str, tuple[int, int]]
) -> None:
    accounts, books = MongoAccountRepository(store, plans.PLANS), MongoCreditStore(store)
    acme = Account("acme", plans.PAID, NOW)
    await accounts.add(acme)
    await books.top_up("acme", 100, "invoice", NOW)
    await books.reserve(acme, "job", 10, NOW, is_job=True)
    await books.settle(Settlement("job", "acme", 10, (Charge(Kind.PAGES, 7, tuple(range(7))),), NOW))
    assert await differences(store) == {}
    planted = "books.reservations.none"
    match damage:
        case "balance":
            await store["accounts"].update_one({}, {"$inc": {"books.balance": 1}})
        case "row missing":
            await store["ledger"].delete_one({"id": "job"})
        case "row twice":
            row = await store["ledger"].find_one({"id": "job"}) or {}
            await store["ledger"].insert_one({**row, "_id": "job:pages:2"})
        case "purchase missing":
            await store["ledger"].delete_one({"reference": "invoice"})
        case "reservation put in":
            reservation = {"credits": 5, "period": None, "at": NOW, "is_job": True}
            await store["accounts"].update_one({}, {"$set": {planted: reservation}})
        case "reservation taken out":
            await books.reserve(acme, "none", 5, NOW, is_job=True)
            await store["accounts"].update_one({}, {"$unset": {planted: ""}})
    assert await differences(store) == found


async def differences(store: Database) -> dict[str, tuple[int, int]]:
    """Of the one account there is: what its books say, and what the ledger makes it."""
    (audit,) = [one async for one in LedgerAudit(MongoLedger(store)).accounts()]
    return {one.what: (one.said, one.found) for one in audit.differences}


async def test_usage_is_what_the_ledger_charged_by_day(store: Database) -> None:
    accounts, books = MongoAccountRepository(store, plans.PLANS), MongoCreditStore(store)
    for job, account, charged, at in [
        ("a", "acme", 3, NOW),
        ("b", "acme", 2, NOW),
        ("c", "acme", 1, NOW + DAY),
        ("d", "other", 7, NOW),
        ("e", "acme", 9, NOW - 2 * DAY),
    ]:
        who = Account(account, plans.PAID, NOW)
        if await accounts.add(who):
            await books.top_up(account, 1000, "invoice", NOW)
        await books.reserve(who, job, 10, at)
        charge = Charge(Kind.PAGES, charged, tuple(range(charged)))
        await books.settle(Settlement(job, account, 10, (charge, Charge(Kind.CHAT, 1)), at))
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    today, tomorrow = NOW.date(), (NOW + DAY).date()
    assert await MongoUsageStore(store).by_day("acme", midnight, midnight + 2 * DAY) == [
        Usage("acme", today, Kind.CHAT, entries=2, pages=0, credits=2),
        Usage("acme", today, Kind.PAGES, entries=2, pages=5, credits=5),
        Usage("acme", tomorrow, Kind.CHAT, entries=1, pages=0, credits=1),
        Usage("acme", tomorrow, Kind.PAGES, entries=1, pages=1, credits=1),
    ]
