"""Callers without a token: whose account they have, and which jobs they may have."""

from datetime import timedelta

import pytest

from common.domain.account import Account
from common.domain.job_changes import DeleteRequested
from common.domain.job_parts import JobStatus
from common.errors import AccountSuspended, NotFound, Unauthorized
from front.services.jobs import Jobs
from front.services.live_feed import LiveFeed
from front.services.visitors import KEPT_FOR, Visitors, is_visitor
from tests.fakes import plans
from tests.fakes.samples import JOB_ID, NOW, job
from tests.fakes.stores import FakeAccountRepository, FakeBlobStore, FakeJobRepository, held

VISITOR, OTHER_VISITOR = "anonymous-0123456789abcdef", "anonymous-fedcba9876543210"
UNKNOWN_ID = "f" * 32


def visitors(repository: FakeAccountRepository, secret: str = "secret") -> Visitors:
    return Visitors(repository, plans.PLANS, secret, lambda: NOW)


async def test_a_network_has_one_account_at_every_replica() -> None:
    accounts = FakeAccountRepository()
    here, there = visitors(accounts), visitors(accounts)
    account = await here.account("192.0.2.7")
    assert account == await there.account("192.0.2.7")
    assert account.plan is plans.ANONYMOUS
    assert is_visitor(account.id)
    assert account.id != (await here.account("192.0.2.8")).id


async def test_the_name_tells_nothing_of_the_network_to_whoever_lacks_the_secret() -> None:
    accounts = FakeAccountRepository()
    name = (await visitors(accounts).account("192.0.2.7")).id
    assert "192" not in name
    assert name != (await visitors(accounts, "another secret").account("192.0.2.7")).id


async def test_an_account_is_stored_when_it_is_welcomed_and_not_before() -> None:
    accounts = FakeAccountRepository()
    account = await visitors(accounts).account("192.0.2.7")
    assert accounts.accounts == {}
    await visitors(accounts).welcome(account)
    await visitors(accounts).welcome(account)
    assert accounts.accounts == {account.id: account}


async def test_a_visitor_who_stays_away_is_forgotten_and_one_who_comes_again_is_not() -> None:
    accounts = FakeAccountRepository()
    now = NOW
    made = Visitors(accounts, plans.PLANS, "secret", lambda: now)
    gone, back = await made.account("192.0.2.7"), await made.account("192.0.2.8")
    await made.welcome(gone)
    await made.welcome(back)
    now = NOW + KEPT_FOR
    await made.welcome(back)
    await made.forget()
    assert set(accounts.accounts) == {gone.id, back.id}, "its last period is not over for long enough"
    now += timedelta(days=1)
    await made.forget()
    assert set(accounts.accounts) == {back.id}


async def test_others_are_not_stored_by_a_welcome() -> None:
    accounts = FakeAccountRepository()
    await visitors(accounts).welcome(Account("acme", plans.PAID, NOW))
    assert accounts.accounts == {}


async def test_a_network_can_be_locked_out() -> None:
    accounts = FakeAccountRepository()
    account = await visitors(accounts).account("192.0.2.7")
    await visitors(accounts).welcome(account)
    await accounts.suspend(account.id, suspended=True)
    with pytest.raises(AccountSuspended):
        await visitors(accounts).account("192.0.2.7")


# --- jobs ---------------------------------------------------------------------------------------


async def found(of: str, by: str, **changes: object) -> str:
    jobs = FakeJobRepository()
    await jobs.add(job(account_id=of, **changes))
    account = Account(by, plans.ANONYMOUS if is_visitor(by) else plans.PAID, NOW)
    return (await Jobs(jobs, held(FakeBlobStore()), LiveFeed(), lambda: NOW).find(JOB_ID, account)).id


@pytest.mark.parametrize("by", [VISITOR, OTHER_VISITOR])
async def test_a_visitor_finds_every_visitor_s_job_by_its_id(by: str) -> None:
    assert await found(of=VISITOR, by=by) == JOB_ID


async def test_a_visitor_needs_a_token_for_an_account_s_job() -> None:
    with pytest.raises(Unauthorized):
        await found(of="acme", by=VISITOR)


async def test_an_account_does_not_find_a_visitor_s_job() -> None:
    with pytest.raises(NotFound):
        await found(of=VISITOR, by="acme")


@pytest.mark.parametrize("status", [JobStatus.DRAFT, JobStatus.DELETED])
@pytest.mark.parametrize("owner", [VISITOR, "acme"])
async def test_drafts_and_tombstones_are_not_there(owner: str, status: JobStatus) -> None:
    with pytest.raises(NotFound):
        await found(of=owner, by=owner, status=status)


async def test_a_visitor_is_told_the_same_of_a_job_that_never_was_and_of_an_account_s() -> None:
    jobs = FakeJobRepository()
    await jobs.add(job(account_id="acme"))
    reading = Jobs(jobs, held(FakeBlobStore()), LiveFeed(), lambda: NOW)
    messages = set()
    for job_id in (JOB_ID, UNKNOWN_ID):
        with pytest.raises(Unauthorized) as refused:
            await reading.find(job_id, Account(VISITOR, plans.ANONYMOUS, NOW))
        messages.add(refused.value.message)
    await jobs.save(job(account_id="acme").apply(DeleteRequested(), NOW).job)
    with pytest.raises(Unauthorized):
        await reading.find(JOB_ID, Account(VISITOR, plans.ANONYMOUS, NOW))
    assert len(messages) == 1


async def test_what_cannot_be_an_id_is_nobody_s() -> None:
    with pytest.raises(NotFound):
        await Jobs(FakeJobRepository(), held(FakeBlobStore()), LiveFeed(), lambda: NOW).find(
            "nope", Account(VISITOR, plans.ANONYMOUS, NOW)
        )
