"""What every store of idempotency keys must do, in memory or in a real database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from common.adapters.mongo_claims import MongoClaimStore
from common.adapters.mongo_connection import connect, database
from common.domain.claim import Claim
from common.ports import ClaimStore
from tests.fakes.samples import JOB_ID, NOW
from tests.fakes.stores import FakeClaimStore

LATER = NOW + timedelta(days=8000)  # so that no real clock has come to it


@pytest.fixture(params=["fake", "mongo"])
async def claims(request: pytest.FixtureRequest) -> AsyncIterator[ClaimStore]:
    if request.param == "fake":
        yield FakeClaimStore()
        return
    client = connect(request.getfixturevalue("mongo_url"), "contract-tests")
    store = database(client, f"contract_{uuid4().hex}")
    claims = MongoClaimStore(store)
    await claims.prepare()
    yield claims
    await client.drop_database(store.name)
    client.close()


def claim(**changes: object) -> Claim:
    made = Claim(account_id="demo", key="invoice:1", owner="first", held_until=NOW, expires_at=LATER)
    return replace(made, **changes)  # type: ignore[arg-type]


async def test_a_key_is_claimed_once_for_each_account(claims: ClaimStore) -> None:
    assert await claims.get("demo", "invoice:1") is None
    assert await claims.add(claim())
    assert not await claims.add(claim(owner="second"))
    assert await claims.add(claim(account_id="other", owner="third"))
    assert await claims.get("demo", "invoice:1") == claim()
    assert await claims.get("other", "invoice:1") == claim(account_id="other", owner="third")


async def test_of_many_at_once_one_gets_the_key(claims: ClaimStore) -> None:
    got = await asyncio.gather(*(claims.add(claim(owner=f"{number}")) for number in range(20)))
    assert got.count(True) == 1
    stored = await claims.get("demo", "invoice:1")
    assert stored is not None and stored.owner == f"{got.index(True)}"


async def test_of_many_who_take_a_key_over_one_gets_it(claims: ClaimStore) -> None:
    await claims.add(claim())
    tries = [claim(owner=f"{number}") for number in range(20)]
    got = await asyncio.gather(*(claims.save(one, before=claim()) for one in tries))
    assert got.count(True) == 1
    assert await claims.get("demo", "invoice:1") == tries[got.index(True)]


async def test_whoever_lost_a_key_can_neither_change_nor_free_it(claims: ClaimStore) -> None:
    await claims.add(claim())
    taken = claim(owner="second")
    assert await claims.save(taken, before=claim())
    assert not await claims.save(claim(job_id=JOB_ID), before=claim())
    assert not await claims.renew(claim(), LATER)
    await claims.remove(claim())
    assert await claims.get("demo", "invoice:1") == taken
    await claims.remove(taken)
    assert await claims.get("demo", "invoice:1") is None


async def test_a_key_that_got_its_job_meanwhile_is_not_taken_over(claims: ClaimStore) -> None:
    await claims.add(claim())
    assert await claims.save(claim(job_id=JOB_ID), before=claim())
    assert not await claims.save(claim(owner="second"), before=claim())
    assert await claims.save(claim(owner="second"), before=claim(job_id=JOB_ID))


async def test_renewing_changes_nothing_else(claims: ClaimStore) -> None:
    await claims.add(claim())
    bound = claim(job_id=JOB_ID, fingerprint="f" * 64)
    assert await claims.save(bound, before=claim())
    assert await claims.renew(claim(), LATER)
    assert await claims.get("demo", "invoice:1") == replace(bound, held_until=LATER)


async def test_a_key_that_is_not_there_is_neither_renewed_nor_saved(claims: ClaimStore) -> None:
    assert not await claims.renew(claim(), LATER)
    assert not await claims.save(claim(), before=claim())
    await claims.remove(claim())


async def test_the_keys_of_a_job_are_forgotten_with_it(claims: ClaimStore) -> None:
    for key, job_id in (("a", JOB_ID), ("b", JOB_ID), ("c", "f" * 32), ("d", None)):
        await claims.add(claim(key=key, job_id=job_id))
    await claims.forget(JOB_ID)
    left = [await claims.get("demo", key) is not None for key in "abcd"]
    assert left == [False, False, True, True]
