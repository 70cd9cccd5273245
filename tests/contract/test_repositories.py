"""What every job, page and account repository must do, in memory or in a real database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from common.adapters.mongo_accounts import MongoAccountRepository
from common.adapters.mongo_connection import connect, database
from common.adapters.mongo_jobs import MongoJobRepository
from common.adapters.mongo_pages import MongoPageRepository
from common.contracts.tasks import Death, Tier
from common.domain.account import Account, Token
from common.domain.job import Job
from common.domain.job_changes import Accepted, DeleteRequested, DocumentAssembled, PagesSent, WindowOpened
from common.domain.job_parts import EXPRESS_PAGES, Correspondence, JobStatus
from common.errors import StoreUnavailable
from common.ports import AccountRepository, JobRepository, OpenJobs, PageBody, PageRepository, Place
from tests.fakes import plans
from tests.fakes.samples import JOB_ID, NOW, document, failed, job, page, recognized
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
    jobs, accounts = MongoJobRepository(jobs_database), MongoAccountRepository(jobs_database, plans.PLANS)
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


@pytest.mark.parametrize(
    "stored",
    [job(), job(2000), after_everything(), job(translated=(2, 0), credits_per_translation=3)],
    ids=["new", "large", "finished", "translated"],
)
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
    assert await jobs.count_active(Tier.CPU) == 3
    assert await jobs.count_active(Tier.VLM) == 0


async def test_requests_under_way_are_counted_by_partner_tier_and_length(
    stores: tuple[JobRepository, ...],
) -> None:
    jobs = stores[0]
    sent = Correspondence("r-1", "order 7", "partner.demo.answers")
    short, long = job(EXPRESS_PAGES, correspondence=sent), job(EXPRESS_PAGES + 1, correspondence=sent)
    kept = [
        short,
        long,
        replace(short, status=JobStatus.PROCESSING),
        replace(short, status=JobStatus.DRAFT),
        replace(short, status=JobStatus.DONE),
        replace(short, correspondence=None),
        replace(short, account_id="other"),
        replace(short, request=replace(short.request, tier=Tier.VLM)),
    ]
    for number, one in enumerate(kept):
        await jobs.add(replace(one, id=f"{number:032x}"))
    assert await jobs.count_requests(short.account_id, Tier.CPU) == (2, 1)
    assert await jobs.count_requests(short.account_id, Tier.VLM) == (1, 0)
    assert await jobs.count_requests("other", Tier.CPU) == (1, 0)
    stored = await jobs.get(f"{0:032x}")
    assert stored is not None and stored.correspondence == sent
    ended = replace(stored, status=JobStatus.CANCELED)
    assert await jobs.save(ended) is not None
    assert await jobs.count_requests(short.account_id, Tier.CPU) == (1, 1)


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
    zoe = Account("zoe", plans.PAID, NOW)
    assert await accounts.add(zoe)
    assert not await accounts.add(Account("zoe", plans.FREE, NOW))
    assert await accounts.add(Account("adam", plans.FREE, NOW, suspended=True))
    assert await accounts.get("zoe") == zoe
    assert await accounts.get("nobody") is None
    assert [account.id for account in await accounts.list()] == ["adam", "zoe"]

    first, second = Token("d1", "ocr_abc", "zoe", NOW), Token("d2", "ocr_def", "zoe", LATER)
    await accounts.add_token(second)
    await accounts.add_token(first)
    assert await accounts.token("d1") == first
    assert await accounts.token("d3") is None
    assert await accounts.list_tokens("zoe") == [first, second]
    assert await accounts.revoke_token("d1", LATER)
    assert not await accounts.revoke_token("d1", NOW)
    assert not await accounts.revoke_token("d3", NOW)
    assert await accounts.list_tokens("zoe") == [replace(first, revoked_at=LATER), second]
    assert await accounts.valid_tokens("zoe") == [second]
    await accounts.restore_token("d1", NOW)
    assert await accounts.valid_tokens("zoe") == [second]
    await accounts.restore_token("d1", LATER)
    assert await accounts.valid_tokens("zoe") == [first, second]
    await accounts.revoke_token("d1", LATER)
    assert await accounts.forget_revoked(LATER) == 0
    assert await accounts.forget_revoked(LATER + timedelta(seconds=1)) == 1
    assert await accounts.list_tokens("zoe") == [second]
    await accounts.remove_token("d2")
    assert await accounts.list_tokens("zoe") == []


async def test_a_database_that_is_away_is_told_in_our_words(unused_tcp_port: int) -> None:
    client = connect(f"mongodb://127.0.0.1:{unused_tcp_port}", "contract-tests", selection_limit_ms=200)
    with pytest.raises(StoreUnavailable):
        await MongoJobRepository(database(client, "away")).get("f" * 32)
    client.close()


# --- an account's jobs --------------------------------------------------------------------------


def made_at(at: datetime, number: int, **changes: Any) -> Job:
    return job(id=f"{number:032x}", created_at=at, **changes)


async def listed(jobs: JobRepository, limit: int = 100, before: Job | None = None) -> list[str]:
    place = Place(before.created_at, before.id) if before else None
    return [one.id for one in await jobs.of_account("demo", limit, before=place, now=NOW)]


async def test_jobs_of_an_account_are_listed_newest_first(stores: tuple[JobRepository, ...]) -> None:
    """Whenever they were made: long ago, at the same moment, or by a replica whose clock is ahead."""
    jobs = stores[0]
    backs = [timedelta(days=400), timedelta(hours=3), timedelta(0), timedelta(0), -timedelta(minutes=5)]
    made = [made_at(NOW - back, number) for number, back in enumerate(backs)]
    for one in made:
        await jobs.add(one)
    await jobs.add(made_at(NOW, 99, account_id="demo0"))
    newest_first = [one.id for one in reversed(made)]
    assert await listed(jobs) == newest_first
    assert await listed(jobs, limit=2) == newest_first[:2]
    for position, one in enumerate(reversed(made), start=1):
        assert await listed(jobs, before=one) == newest_first[position:]
        assert await listed(jobs, limit=1, before=one) == newest_first[position : position + 1]


async def test_drafts_and_tombstones_are_not_listed(stores: tuple[JobRepository, ...]) -> None:
    jobs = stores[0]
    await jobs.add(made_at(NOW, 1, status=JobStatus.DRAFT))
    await jobs.add(made_at(NOW, 2))
    await jobs.add(made_at(NOW, 3))
    await jobs.save(made_at(NOW, 3).apply(DeleteRequested(), NOW).job)
    assert await listed(jobs) == [f"{2:032x}"]
    await jobs.save(made_at(NOW, 1, status=JobStatus.DRAFT).apply(Accepted(), NOW).job)
    assert await listed(jobs) == [f"{2:032x}", f"{1:032x}"]


async def test_an_account_is_locked_out_and_let_in_again(
    stores: tuple[JobRepository, PageRepository, AccountRepository],
) -> None:
    accounts = stores[2]
    account = Account("zoe", plans.PAID, NOW)
    await accounts.add(account)
    for suspended in (True, True, False):
        await accounts.suspend("zoe", suspended=suspended)
        assert await accounts.get("zoe") == replace(account, suspended=suspended)
    await accounts.suspend("nobody", suspended=True)
    assert await accounts.get("nobody") is None


async def test_visitors_are_forgotten_in_time_unless_an_operator_has_said_something_of_them(
    stores: tuple[JobRepository, PageRepository, AccountRepository],
) -> None:
    accounts = stores[2]
    gone, back, suspended, raised = (
        Account(f"anonymous-{name}", plans.ANONYMOUS, NOW) for name in ("gone", "back", "suspended", "raised")
    )
    owner = Account("owner", plans.FREE, NOW)
    await accounts.add(owner)
    for visitor in (gone, back, suspended, raised):
        await accounts.lodge(visitor, NOW)
    await accounts.lodge(back, LATER)
    await accounts.suspend(suspended.id, suspended=True)
    await accounts.change_plan(raised.id, plans.FREE)
    assert await accounts.get(back.id) == back
    assert await accounts.forget_visitors(NOW) == 0
    assert await accounts.forget_visitors(NOW + timedelta(seconds=1)) == 1
    assert {one.id for one in await accounts.list()} == {back.id, suspended.id, raised.id, owner.id}


async def test_an_account_is_put_on_another_plan(
    stores: tuple[JobRepository, PageRepository, AccountRepository],
) -> None:
    accounts = stores[2]
    account = Account("zoe", plans.PAID, NOW, suspended=True)
    await accounts.add(account)
    await accounts.change_plan("zoe", plans.FREE)
    assert await accounts.get("zoe") == replace(account, plan=plans.FREE)
    await accounts.change_plan("nobody", plans.FREE)
    assert await accounts.get("nobody") is None


async def test_partners_are_the_accounts_that_were_made_some_and_still_are(
    stores: tuple[JobRepository, PageRepository, AccountRepository],
) -> None:
    accounts = stores[2]
    for name, since in (("zoe", None), ("globex", None), ("acme", NOW)):
        await accounts.add(Account(name, plans.PAID, NOW, partner_since=since))
    assert [partner.id for partner in await accounts.partners()] == ["acme"]
    await accounts.set_partner("globex", NOW + timedelta(hours=1))
    assert [partner.id for partner in await accounts.partners()] == ["acme", "globex"]
    assert await accounts.get("globex") == Account(
        "globex", plans.PAID, NOW, partner_since=NOW + timedelta(hours=1)
    )
    await accounts.set_partner("acme", None)
    await accounts.set_partner("nobody", NOW)
    assert [partner.id for partner in await accounts.partners()] == ["globex"]
    assert await accounts.get("acme") == Account("acme", plans.PAID, NOW)
    assert await accounts.get("nobody") is None


async def test_an_account_whose_plan_is_gone_is_still_there(
    stores: tuple[JobRepository, PageRepository, AccountRepository],
) -> None:
    accounts = stores[2]
    account = Account("zoe", plans.PLANS.named("gold"), NOW)
    await accounts.add(account)
    assert await accounts.get("zoe") == account
    assert list(await accounts.list()) == [account]


async def test_the_first_to_note_a_use_is_remembered(
    stores: tuple[JobRepository, PageRepository, AccountRepository],
) -> None:
    accounts = stores[2]
    token = Token("digest", "ocr_abcdef", "zoe", NOW)
    await accounts.add_token(token)
    for moment in (NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)):
        await accounts.note_use(token, moment)
    used = await accounts.token("digest")
    assert used == replace(token, last_used_at=NOW + timedelta(minutes=1))
    await accounts.note_use(used, NOW + timedelta(minutes=3))
    (listed,) = await accounts.list_tokens("zoe")
    assert listed.last_used_at == NOW + timedelta(minutes=3)


async def test_all_share_the_first_secret(
    stores: tuple[JobRepository, PageRepository, AccountRepository],
) -> None:
    accounts = stores[2]
    assert [await accounts.shared_secret(proposed) for proposed in ("first", "second")] == ["first"] * 2


async def test_open_jobs_are_counted_by_state_with_the_oldest_of_each(
    stores: tuple[JobRepository, ...],
) -> None:
    jobs = stores[0]
    assert await jobs.open() == {}
    states = [JobStatus.PENDING, JobStatus.PENDING, JobStatus.PROCESSING, JobStatus.DONE, JobStatus.DRAFT]
    for number, status in enumerate(states):
        made_at = NOW + timedelta(minutes=number)
        await jobs.add(job(1, id=f"{number:032x}", status=status, created_at=made_at))
    assert await jobs.open() == {
        JobStatus.PENDING: OpenJobs(2, NOW),
        JobStatus.PROCESSING: OpenJobs(1, NOW + timedelta(minutes=2)),
    }


async def test_what_pages_died_of_before_is_kept(
    stores: tuple[JobRepository, ...],
) -> None:
    jobs = stores[0]
    death = Death(job_id="f" * 32, page_index=7, queue="ocr.cpu.pages", reason="rejected", attempts=3, at=NOW)
    await jobs.add(job(2, deaths={1: (death,)}))
    found = await jobs.get(JOB_ID)
    assert found is not None and found.deaths == {1: (death,)}
