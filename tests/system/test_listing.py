"""All jobs of an account, newest first, in parts."""

from collections.abc import Callable

import pytest

from tests import files
from tests.client import Client, Job
from tests.pages import blank_page
from tests.system.judging import check_job, check_problem

BLANK = files.png(blank_page((40, 40)))
COUNT = 5


@pytest.fixture(scope="module")
def lister(new_account: Callable[[str], Client]) -> Client:
    return new_account("paid")


@pytest.fixture(scope="module")
def jobs(lister: Client) -> list[Job]:
    """In the order in which they were made."""
    return [lister.read(BLANK, f"{number}.png", language="en") for number in range(COUNT)]


def test_jobs_are_listed_newest_first(lister: Client, jobs: list[Job]) -> None:
    answer = lister.jobs().json()
    assert [job["filename"] for job in answer["jobs"]] == [f"{number}.png" for number in (4, 3, 2, 1, 0)]
    assert answer["next_cursor"] is None


def test_a_listed_job_is_the_job_without_what_was_found(lister: Client, jobs: list[Job]) -> None:
    for listed, job in zip(lister.jobs().json()["jobs"], reversed(jobs), strict=True):
        assert listed.keys() == job.keys()
        assert {**job, "text": None, "markdown": None, "pages": []} == listed


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_a_cursor_leads_from_part_to_part(lister: Client, jobs: list[Job], limit: int) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        part = lister.jobs(limit=limit, cursor=cursor).json()
        assert len(part["jobs"]) == limit or part["next_cursor"] is None
        seen += [job["uuid"] for job in part["jobs"]]
        cursor = part["next_cursor"]
    assert seen == [job["uuid"] for job in reversed(jobs)]


def test_a_running_job_is_listed_as_it_is(new_account: Callable[[str], Client]) -> None:
    client = new_account("paid")
    client.submit(files.scanned_pdf([blank_page((40, 40))] * 30), "thirty.pdf", language="en")
    (listed,) = client.jobs().json()["jobs"]
    assert listed["page_count"] == 30
    if listed["status"] != "done":
        check_job(listed)


def test_nobody_sees_the_jobs_of_others(jobs: list[Job], new_account: Callable[[str], Client]) -> None:
    assert new_account("free").jobs().json() == {"jobs": [], "next_cursor": None}


@pytest.mark.parametrize(("name", "value"), [("limit", "0"), ("limit", "101"), ("cursor", "mine")])
def test_what_cannot_be_is_refused(lister: Client, name: str, value: str) -> None:
    assert check_problem(lister.jobs(**{name: value}), 400, "invalid_field")["field"] == name


def test_a_cursor_does_not_open_another_account(
    lister: Client, jobs: list[Job], new_account: Callable[[str], Client]
) -> None:
    cursor = lister.jobs(limit=1).json()["next_cursor"]
    assert new_account("free").jobs(cursor=cursor).json()["jobs"] == []
