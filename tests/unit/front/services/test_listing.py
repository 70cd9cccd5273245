"""An account's jobs in parts that follow each other."""

import base64
from datetime import timedelta

import pytest

from common.domain.account import Account
from common.domain.job_changes import DeleteRequested
from common.domain.job_parts import JobStatus
from common.errors import InvalidField
from front.services.listing import Listing
from tests.fakes import plans
from tests.fakes.samples import NOW, job
from tests.fakes.stores import FakeJobRepository

ACCOUNT = Account("demo", plans.PAID, NOW)


async def of_jobs(count: int) -> tuple[Listing, FakeJobRepository]:
    """Three jobs a millisecond, each made after the one before."""
    jobs = FakeJobRepository()
    for number in range(count):
        at = NOW + timedelta(milliseconds=number // 3)
        await jobs.add(job(id=f"{number:032x}", created_at=at))
    return Listing(jobs, lambda: NOW), jobs


async def all_parts(listing: Listing, limit: int) -> list[list[int]]:
    parts, cursor = [], None
    while True:
        part = await listing.part(ACCOUNT, limit, cursor)
        parts.append([int(one.id, 16) for one in part.jobs])
        cursor = part.next_cursor
        if cursor is None:
            return parts


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 9, 10, 100])
async def test_the_parts_make_up_the_whole(limit: int) -> None:
    listing, _ = await of_jobs(10)
    parts = await all_parts(listing, limit)
    assert [number for part in parts for number in part] == list(reversed(range(10)))
    assert [len(part) for part in parts[:-1]] == [limit] * (len(parts) - 1)
    assert parts[-1]


async def test_an_account_without_jobs_has_an_empty_list() -> None:
    listing, _ = await of_jobs(0)
    assert await all_parts(listing, 5) == [[]]


async def test_what_comes_or_goes_meanwhile_moves_no_other_job() -> None:
    listing, jobs = await of_jobs(6)
    first = await listing.part(ACCOUNT, 2, None)
    await jobs.add(job(id="f" * 32, created_at=NOW + timedelta(days=1)))
    await jobs.save(job(id=f"{4:032x}", created_at=NOW).apply(DeleteRequested(), NOW).job)
    await jobs.save(job(id=f"{3:032x}", created_at=NOW).apply(DeleteRequested(), NOW).job)
    second = await listing.part(ACCOUNT, 9, first.next_cursor)
    assert [int(one.id, 16) for one in second.jobs] == [2, 1, 0]


async def test_only_the_account_s_own_promised_jobs_are_listed() -> None:
    listing, jobs = await of_jobs(1)
    await jobs.add(job(id="a" * 32, account_id="somebody-else"))
    await jobs.add(job(id="b" * 32, status=JobStatus.DRAFT))
    assert await all_parts(listing, 5) == [[0]]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "ü",
        "=",
        "A" * 5000,
        base64.urlsafe_b64encode(b"1.2").decode(),
        base64.urlsafe_b64encode(b"-5." + b"0" * 32).decode(),
        base64.urlsafe_b64encode(b"9" * 400 + b"." + b"0" * 32).decode(),
        base64.urlsafe_b64encode(b'{"$gt": ""}').decode(),
    ],
)
async def test_a_cursor_of_somebody_s_own_making_is_refused(cursor: str) -> None:
    listing, _ = await of_jobs(1)
    with pytest.raises(InvalidField, match="cursor"):
        await listing.part(ACCOUNT, 5, cursor)
