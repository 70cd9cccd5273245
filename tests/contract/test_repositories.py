"""What every job, page and account repository must do, in memory or in a real database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from common.adapters.mongo_accounts import MongoAccountRepository
from common.adapters.mongo_connection import connect, database
from common.adapters.mongo_jobs import MongoJobRepository
from common.adapters.mongo_pages import MongoPageRepository
from common.domain.account import Account, PlanName, Token
from common.domain.job import Job
from common.domain.job_changes import DocumentAssembled, PagesSent, WindowOpened
from common.errors import StoreUnavailable
from common.ports import AccountRepository, JobRepository, PageBody, PageRepository
from tests.fakes.samples import NOW, document, failed, job, page, recognized
from tests.fakes.stores import FakeAccountRepository, FakeJobRepository, FakePageRepository

LATER = NOW + timedelta(days=8)


@pytest.fixture(params=["fake", "mongo"])
async def stores(
    request: pytest.FixtureRequest,
) -> AsyncIterator[tuple[JobRepository, PageRepository, AccountRepository]]:
    if request.param == "fake":
        yield FakeJobRepository(), FakePageRepository(), FakeAccountRepository()
        return
    client = connect(request.getfixturevalue("mongo_url"), "contract-tests")
    jobs_database = database(client, f"contract_{uuid4().hex}")
    jobs, accounts = MongoJobRepository(jobs_database), MongoAccountRepository(jobs_database)
    await jobs.prepare()
    await accounts.prepare()
    yield jobs, MongoPageRepository(jobs_database), accounts
    await client.drop_database(jobs_database.name)
    client.close()


def after_everything() -> Job:
    """A job that has something in every field."""
    step = job(3, source_pages=(0, 4, 7)).apply_all(
        [WindowOpened(4), PagesSent((0, 1, 2)), recognized(2), failed(0), recognized(1)], NOW
    )
    return step.job.apply(DocumentAssembled(document()), NOW).job


@pytest.mark.parametrize("stored", [job(), job(2000), after_everything()], ids=["new", "large", "finished"])
async def test_a_job_comes_back_as_it_went_in(stores: tuple[JobRepository, ...], stored: Job) -> None:
    jobs = stores[0]
    await jobs.add(stored)
    assert await jobs.get(stored.id) == stored


async def test_an_unknown_job_is_none(stores: tuple[JobRepository, ...]) -> None:
    assert await stores[0].get("f" * 32) is None


async def test_adding_a_job_again_changes_nothing(stores: tuple[JobRepository, ...]) -> None:
    jobs = stores[0]
    await jobs.add(job())
    await jobs.add(job(account_id="somebody-else"))
    assert (await jobs.get(job().id)) == job()


async def test_saving_counts_the_version_up(stores: tuple[JobRepository, ...]) -> None:
    jobs = stores[0]
    await jobs.add(job())
    changed = job().apply(WindowOpened(4), NOW).job
    saved = await jobs.save(changed)
    assert saved == replace(changed, version=1)
    assert await jobs.get(job().id) == saved


async def test_of_two_who_read_the_same_version_one_saves(stores: tuple[JobRepository, ...]) -> None:
    jobs = stores[0]
    await jobs.add(job())
    tries = [job().apply(recognized(index), NOW).job for index in (0, 1, 2)]
    saved = await asyncio.gather(*(jobs.save(one) for one in tries))
    winners = [one for one in saved if one is not None]
    assert len(winners) == 1
    assert await jobs.get(job().id) == winners[0]


async def test_a_job_that_is_gone_is_not_saved(stores: tuple[JobRepository, ...]) -> None:
    assert await stores[0].save(job()) is None


async def test_active_jobs_are_counted(stores: tuple[JobRepository, ...]) -> None:
    jobs = stores[0]
    for index in range(3):
        await jobs.add(job(id=f"{index:032x}"))
    await jobs.add(replace(after_everything(), id="e" * 32))
    assert await jobs.count_active() == 3


async def test_jobs_that_are_not_at_rest_are_told_with_their_version(
    stores: tuple[JobRepository, ...],
) -> None:
    jobs = stores[0]
    owing = replace(after_everything(), id="e" * 32)
    assert owing.owed
    for one in (job(), owing, replace(owing, id="f" * 32, owed=frozenset())):
        await jobs.add(one)
    await jobs.save(job().apply(WindowOpened(4), NOW).job)
    assert await jobs.restless() == {job().id: 1, "e" * 32: 0}


async def test_the_first_body_of_a_page_stays(
    stores: tuple[JobRepository, PageRepository, AccountRepository],
) -> None:
    pages = stores[1]
    first = [PageBody("job", 1, page("one")), PageBody("job", 0, page("zero"))]
    await pages.add_many(first, expires_at=LATER)
    await pages.add_many(
        [PageBody("job", 1, page("other")), PageBody("job", 2, page("two"))], expires_at=LATER
    )
    found = await pages.read("job", [0, 1, 2, 3])
    assert found == [
        PageBody("job", 0, page("zero")),
        PageBody("job", 1, page("one")),
        PageBody("job", 2, page("two")),
    ]


async def test_discarding_takes_the_bodies_of_one_job_only(
    stores: tuple[JobRepository, PageRepository, AccountRepository],
) -> None:
    pages = stores[1]
    bodies = [PageBody(owner, index, page("x")) for owner in ("a", "b") for index in range(700)]
    await pages.add_many(bodies, expires_at=LATER)
    await pages.discard("a", 700)
    await pages.discard("a", 700)
    assert await pages.read("a", range(700)) == []
    assert len(await pages.read("b", range(700))) == 700


async def test_accounts_and_tokens(
    stores: tuple[JobRepository, PageRepository, AccountRepository],
) -> None:
    accounts = stores[2]
    zoe = Account("zoe", PlanName.PAID, NOW)
    assert await accounts.add(zoe)
    assert not await accounts.add(Account("zoe", PlanName.FREE, NOW))
    assert await accounts.add(Account("adam", PlanName.FREE, NOW, suspended=True))
    assert await accounts.get("zoe") == zoe
    assert await accounts.get("nobody") is None
    assert [account.id for account in await accounts.list()] == ["adam", "zoe"]

    first, second = Token("d1", "ocr_abc", "zoe", NOW), Token("d2", "ocr_def", "zoe", LATER)
    await accounts.add_token(second)
    await accounts.add_token(first)
    assert await accounts.token("d1") == first
    assert await accounts.token("d3") is None
    assert await accounts.list_tokens("zoe") == [first, second]
    await accounts.revoke_token("d1", LATER)
    await accounts.revoke_token("d1", NOW)
    assert await accounts.list_tokens("zoe") == [replace(first, revoked_at=LATER), second]


async def test_a_database_that_is_away_is_told_in_our_words(unused_tcp_port: int) -> None:
    client = connect(f"mongodb://127.0.0.1:{unused_tcp_port}", "contract-tests", selection_limit_ms=200)
    with pytest.raises(StoreUnavailable):
        await MongoJobRepository(database(client, "away")).get("f" * 32)
    client.close()
