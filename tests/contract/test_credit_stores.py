"""What every book-keeper must do, in memory or in a real database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from common.adapters.mongo_accounts import MongoAccountRepository
from common.adapters.mongo_connection import connect, database
from common.adapters.mongo_credits import MongoCreditStore
from common.adapters.mongo_ledger import MongoLedger
from common.domain.account import Account
from common.domain.books import Audit, Auditor, Row
from common.domain.credits import Charge, Kind, Period, Settlement, Statement
from common.domain.plans import Allowance
from common.errors import OutOfCredits, TooManyJobs
from common.ports import CreditStore, Ledger
from tests.fakes import plans
from tests.fakes.samples import NOW
from tests.fakes.stores import FakeCreditStore

PAID, FREE = Account("paid", plans.PAID, NOW), Account("free", plans.FREE, NOW)
NEXT_MONTH = datetime(2026, 12, 1, tzinfo=NOW.tzinfo)
NEXT_DAY = NOW + timedelta(days=1)
DAILY = plans.FREE.model_copy(update={"allowance": Allowance(credits=5, period=Period.DAY)})


class Both:
    """A store of credits, and the ledger under it."""

    def __init__(self, credits: CreditStore, ledger: Ledger) -> None:
        self.credits, self.ledger = credits, ledger

    async def audits(self) -> dict[str, Audit]:
        """By account: nothing holds anything up meanwhile."""
        found = {}
        async for books in self.ledger.books():
            auditor = Auditor(books)
            for row in await self.rows(books.account_id):
                auditor.add(row)
            found[books.account_id] = auditor.result()
        return found

    async def rows(self, account_id: str) -> list[Row]:
        return [row async for row in self.ledger.rows(account_id)]


@pytest.fixture(params=["fake", "mongo"])
async def both(request: pytest.FixtureRequest) -> AsyncIterator[Both]:
    """Whatever a test does, the ledger bears out every account at its end."""
    if request.param == "fake":
        fake = FakeCreditStore()
        yield (made := Both(fake, fake))
        await check_ledger(made)
        return
    client = connect(request.getfixturevalue("mongo_url"), "contract-tests")
    store = database(client, f"contract_{uuid4().hex}")
    accounts, books = MongoAccountRepository(store, plans.PLANS), MongoCreditStore(store)
    for account in (PAID, FREE):
        await accounts.add(account)
    await books.prepare()
    yield (made := Both(books, MongoLedger(store)))
    await check_ledger(made)
    await client.drop_database(store.name)
    client.close()


@pytest.fixture
def books(both: Both) -> CreditStore:
    return both.credits


async def check_ledger(both: Both) -> None:
    assert [audit.differences for audit in (await both.audits()).values() if audit.differences] == []


def settled(id: str, reserved: int, charged: int, account: Account = PAID) -> Settlement:
    charge = Charge(Kind.PAGES, charged, tuple(range(charged)))
    return Settlement(id, account.id, reserved, (charge,), NOW)


async def balance(books: CreditStore) -> int | None:
    return (await books.statement(PAID, NOW)).balance


async def used(books: CreditStore, now: datetime = NOW) -> int | None:
    return (await books.statement(FREE, now)).used


async def outcomes(*calls: Awaitable[None]) -> list[BaseException | None]:
    return await asyncio.gather(*calls, return_exceptions=True)


async def unsettled(books: CreditStore, before: datetime) -> list[tuple[str, str, datetime]]:
    return sorted([found async for found in books.open_since(before)])


async def test_a_new_account_stands_at_nothing(books: CreditStore) -> None:
    assert await books.statement(PAID, NOW) == Statement(used=0, cap=0, balance=0)
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
    assert refused.value.account == {"used": 0, "cap": 10, "balance": 10, "needed": 11}
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


async def test_a_statement_tells_what_was_bought_and_what_is_gone_of_it(books: CreditStore) -> None:
    await books.top_up(PAID.id, 10, "one", NOW)
    await books.top_up(PAID.id, 20, "two", NOW)
    await books.reserve(PAID, "job", 8, NOW)
    assert await books.statement(PAID, NOW) == Statement(used=8, cap=30, balance=22)


async def test_a_question_is_charged_by_its_id_beside_the_job_that_it_is_about(both: Both) -> None:
    await both.credits.top_up(PAID.id, 10, "invoice", NOW)
    for id, kind, pages in (
        ("job", Kind.PAGES, (0, 2)),
        ("question", Kind.CHAT, ()),
        ("unanswered", Kind.CHAT, ()),
    ):
        await both.credits.reserve(PAID, id, 2, NOW)
        charged = 0 if id == "unanswered" else 2
        await both.credits.settle(Settlement(id, PAID.id, 2, (Charge(kind, charged, pages),), NOW))
    assert await balance(both.credits) == 6
    charges = [row for row in await both.rows(PAID.id) if row.kind is not Kind.TOP_UP]
    assert {(row.id, row.kind, row.credits, row.pages) for row in charges} == {
        ("job", Kind.PAGES, -2, (0, 2)),
        ("question", Kind.CHAT, -2, ()),
        ("unanswered", Kind.CHAT, 0, ()),
    }


async def test_each_kind_of_work_has_a_row_of_its_own_with_its_pages(both: Both) -> None:
    await both.credits.top_up(PAID.id, 20, "invoice", NOW)
    await both.credits.reserve(PAID, "job", 12, NOW)
    charges = (Charge(Kind.PAGES, 4, (0, 1, 3, 4)), Charge(Kind.TRANSLATION, 6, (0, 1, 3)))
    settlement = Settlement("job", PAID.id, 12, charges, NOW)
    await outcomes(*(both.credits.settle(settlement) for _ in range(5)))
    assert await balance(both.credits) == 10
    rows = {row.kind: (row.credits, row.pages) for row in await both.rows(PAID.id) if row.id == "job"}
    assert rows == {Kind.PAGES: (-4, (0, 1, 3, 4)), Kind.TRANSLATION: (-6, (0, 1, 3))}


async def test_what_is_reserved_after_its_job_was_given_up_comes_back_whole(books: CreditStore) -> None:
    await books.top_up(PAID.id, 10, "invoice", NOW)
    await books.settle(settled("job", 8, 0))
    await books.reserve(PAID, "job", 8, NOW)
    assert await balance(books) == 2
    await books.settle(settled("job", 8, 0))
    assert await balance(books) == 10


async def test_what_costs_nothing_is_written_down_all_the_same(both: Both) -> None:
    await both.credits.reserve(PAID, "job", 0, NOW)
    await both.credits.settle(Settlement("job", PAID.id, 0, (Charge(Kind.PAGES, 0, (0, 1)),), NOW))
    (row,) = await both.rows(PAID.id)
    assert (row.credits, row.pages) == (0, (0, 1))
    assert await balance(both.credits) == 0


async def test_a_job_is_charged_to_the_month_that_it_was_taken_in(both: Both) -> None:
    await both.credits.reserve(FREE, "job", 50, NEXT_MONTH - timedelta(milliseconds=1))
    late = replace(settled("job", 50, 20, FREE), at=NEXT_MONTH + timedelta(hours=1))
    await both.credits.settle(late)
    assert await used(both.credits, NOW) == 20
    assert await used(both.credits, NEXT_MONTH) == 0
    (row,) = await both.rows(FREE.id)
    assert (row.period, row.credits, row.at) == ("2026-11", -20, late.at)


async def test_clocks_that_differ_at_midnight_mix_no_months_up(books: CreditStore) -> None:
    before, after = NEXT_MONTH - timedelta(seconds=2), NEXT_MONTH + timedelta(seconds=2)
    for round in range(3):
        await books.reserve(FREE, f"early-{round}", 30, after)
        await books.reserve(FREE, f"late-{round}", 30, before)
    for now in (before, after):
        with pytest.raises(OutOfCredits):
            await books.reserve(FREE, "more", 11, now)
        assert await used(books, now) == 90
    await books.settle(settled("late-0", 30, 0, FREE))
    assert (await used(books, before), await used(books, after)) == (60, 90)


async def test_months_long_gone_are_forgotten_but_for_what_is_still_set_aside(both: Both) -> None:
    months = [datetime(2026, month, 2, tzinfo=NOW.tzinfo) for month in (1, 2, 3, 4, 5, 6)]
    for month in months:
        await both.credits.reserve(FREE, f"job-{month.month}", 10, month)
        if month.month != 2:
            await both.credits.settle(settled(f"job-{month.month}", 10, 10, FREE))
    (books,) = [books async for books in both.ledger.books() if books.account_id == FREE.id]
    if isinstance(both.credits, MongoCreditStore):
        assert set(books.used) == {"2026-02", "2026-05", "2026-06"}
    await both.credits.settle(settled("job-2", 10, 4, FREE))
    assert await used(both.credits, months[1]) == 4


async def test_an_allowance_of_days_and_one_of_months_are_counted_apart(books: CreditStore) -> None:
    """The account's plan is changed, and changed back."""
    daily = replace(FREE, plan=DAILY)
    await books.reserve(FREE, "monthly", 60, NOW)
    await books.reserve(daily, "daily", 5, NOW)
    with pytest.raises(OutOfCredits):
        await books.reserve(daily, "daily-too-many", 1, NOW)
    await books.reserve(daily, "tomorrow", 5, NEXT_DAY)
    with pytest.raises(OutOfCredits):
        await books.reserve(FREE, "monthly-too-many", 41, NEXT_DAY)
    await books.settle(settled("daily", 5, 1, FREE))
    assert (await books.statement(daily, NOW)).used == 1
    assert await used(books) == 60


async def test_what_was_bought_comes_back_as_that_whatever_the_plan_is_by_then(books: CreditStore) -> None:
    await books.top_up(PAID.id, 10, "invoice", NOW)
    await books.reserve(PAID, "bought", 8, NOW)
    changed = replace(PAID, plan=plans.FREE)
    await books.reserve(changed, "allowed", 30, NOW)
    await books.settle(settled("bought", 8, 1))
    assert (await books.statement(changed, NOW)).used == 30
    await books.settle(settled("allowed", 30, 10))
    assert (await books.statement(changed, NOW)).used == 10
    assert await balance(books) == 9


async def test_purchases_at_once_count_each_once(both: Both) -> None:
    calls = [both.credits.top_up(PAID.id, 1, f"invoice-{index % 10}", NOW) for index in range(30)]
    assert False not in {isinstance(one, bool) for one in await asyncio.gather(*calls)}
    assert await both.credits.statement(PAID, NOW) == Statement(used=0, cap=10, balance=10)
    assert len(await both.rows(PAID.id)) == 10


async def test_what_is_set_aside_and_not_settled_can_be_found(books: CreditStore) -> None:
    await books.top_up(PAID.id, 10, "invoice", NOW)
    await books.reserve(PAID, "early", 1, NOW)
    await books.reserve(FREE, "early-too", 1, NOW)
    await books.reserve(PAID, "settled", 1, NOW)
    await books.settle(settled("settled", 1, 1))
    await books.reserve(PAID, "late", 1, NEXT_DAY)
    assert await unsettled(books, NEXT_DAY) == [("free", "early-too", NOW), ("paid", "early", NOW)]


async def test_the_ledger_bears_out_the_books_at_every_moment(both: Both) -> None:
    """An audit while jobs are reserved and settled: it may see anything but a difference."""
    await both.credits.top_up(PAID.id, 1000, "invoice", NOW)
    done = asyncio.Event()

    async def work(index: int) -> None:
        await both.credits.reserve(PAID, f"job-{index}", 7, NOW)
        await both.credits.reserve(FREE, f"free-{index}", 2, NOW)
        await both.credits.settle(settled(f"job-{index}", 7, index % 8))
        await both.credits.settle(settled(f"free-{index}", 2, index % 3, FREE))

    async def look() -> int:
        looks = 0
        while not done.is_set():
            await check_ledger(both)
            looks += 1
            await asyncio.sleep(0)
        return looks

    looking = asyncio.create_task(look())
    assert set(await outcomes(*(work(index) for index in range(40)))) == {None}
    done.set()
    assert await looking > 0
    audit = (await both.audits())[PAID.id]
    assert (audit.bought, audit.charged) == (1000, sum(index % 8 for index in range(40)))
    assert (audit.reservations, audit.reserved, audit.waiting) == (0, 0, 0)


# --- jobs under way ---------------------------------------------------------------------------------


@pytest.mark.parametrize("account", [PAID, FREE], ids=["paid", "free"])
async def test_of_fifty_jobs_at_once_as_many_are_taken_as_the_plan_has_places(
    books: CreditStore, account: Account
) -> None:
    await books.top_up(PAID.id, 100, "invoice", NOW)
    narrow = with_places(account, 3)
    found = await outcomes(*(books.reserve(narrow, f"job-{n}", 1, NOW, is_job=True) for n in range(50)))
    assert found.count(None) == 3
    assert all(isinstance(one, TooManyJobs) for one in found if one is not None)
    stands = await books.statement(narrow, NOW)
    assert (stands.jobs, stands.left) == (3, 97), "who got no place pays nothing"


async def test_a_place_is_free_again_once_and_for_one_job(books: CreditStore) -> None:
    narrow = with_places(PAID, 1)
    await books.top_up(PAID.id, 100, "invoice", NOW)
    await books.reserve(narrow, "first", 1, NOW, is_job=True)
    await books.reserve(narrow, "first", 1, NOW, is_job=True)
    with pytest.raises(TooManyJobs, match="1 jobs of this account are under way"):
        await books.reserve(narrow, "second", 1, NOW, is_job=True)
    await outcomes(*(books.settle(settled("first", 1, 1)) for _ in range(5)))
    await books.reserve(narrow, "second", 1, NOW, is_job=True)
    assert (await books.statement(narrow, NOW)).jobs == 1


@pytest.mark.parametrize("account", [PAID, FREE], ids=["paid", "free"])
async def test_a_job_that_costs_nothing_has_its_place_all_the_same(
    books: CreditStore, account: Account
) -> None:
    narrow = with_places(account, 1)
    await books.reserve(narrow, "first", 0, NOW, is_job=True)
    with pytest.raises(TooManyJobs):
        await books.reserve(narrow, "second", 0, NOW, is_job=True)
    await books.settle(settled("first", 0, 0, account))
    await books.reserve(narrow, "second", 0, NOW, is_job=True)


async def test_what_costs_nothing_is_taken_though_the_allowance_became_smaller(books: CreditStore) -> None:
    await books.reserve(FREE, "first", 60, NOW)
    smaller = replace(
        FREE, plan=DAILY.model_copy(update={"allowance": Allowance(credits=5, period=Period.MONTH)})
    )
    assert (await books.statement(smaller, NOW)).left == 0
    with pytest.raises(OutOfCredits):
        await books.reserve(smaller, "second", 1, NOW)
    await books.reserve(smaller, "third", 0, NOW, is_job=True)


async def test_questions_take_no_places_of_jobs(books: CreditStore) -> None:
    narrow = with_places(PAID, 1)
    await books.top_up(PAID.id, 100, "invoice", NOW)
    await books.reserve(narrow, "question", 1, NOW)
    await books.reserve(narrow, "job", 1, NOW, is_job=True)
    await books.reserve(narrow, "another question", 1, NOW)
    await books.settle(settled("question", 1, 1))
    assert (await books.statement(narrow, NOW)).jobs == 1


def with_places(account: Account, max_active_jobs: int) -> Account:
    return replace(account, plan=account.plan.model_copy(update={"max_active_jobs": max_active_jobs}))
