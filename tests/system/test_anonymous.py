"""Callers without a token: a few pages a day for each address, and a job for whoever knows its uuid."""

import secrets
from collections.abc import Callable

import pytest

from tests import files
from tests.client import JOBS, Client, Job, accepted
from tests.pages import blank_page, numbered_pages
from tests.stack import Stack
from tests.system.judging import check_job, check_problem

PAGE = files.png(numbered_pages(1)[0].image)
ALLOWED_PAGES = 5


def pdf_of(pages: int) -> bytes:
    return files.scanned_pdf([blank_page((40, 40))] * pages)


@pytest.fixture
def visitor(stack: Stack) -> Client:
    """Asks from an address that has not asked today."""
    numbers = ".".join(str(1 + secrets.randbelow(254)) for _ in range(3))
    return Client(stack.url, address=f"127.{numbers}")


@pytest.fixture
def passer_by(stack: Stack) -> Client:
    numbers = ".".join(str(1 + secrets.randbelow(254)) for _ in range(3))
    return Client(stack.url, address=f"127.{numbers}")


@pytest.fixture(scope="module")
def owned(client: Client) -> Job:
    return client.read(PAGE, language="en")


def test_a_visitor_may_submit_see_download_and_delete(visitor: Client) -> None:
    job = visitor.read(PAGE, language="en")
    check_job(job)
    assert job["text"].split() == ["page", "one"]
    assert accepted(visitor.job(job["uuid"])) == job
    assert visitor.download(job["uuid"], "txt").text == job["text"]
    assert visitor.image(job["uuid"], 0, width=50).status_code == 200
    assert [event.kind for event in visitor.events(job["uuid"])] == ["page", "done"]
    assert visitor.remove(job["uuid"]).status_code == 204
    check_problem(visitor.job(job["uuid"]), 404, "not_found")


def test_the_uuid_is_the_key_from_any_address(visitor: Client, passer_by: Client) -> None:
    job = visitor.read(PAGE, language="en")
    assert accepted(passer_by.job(job["uuid"])) == job
    check_problem(passer_by.cancel(job["uuid"]), 409, "job_already_finished")
    assert passer_by.remove(job["uuid"]).status_code == 204


def test_an_address_has_so_many_pages_a_day(visitor: Client, passer_by: Client) -> None:
    accepted(visitor.submit(pdf_of(4)))
    body = check_problem(visitor.submit(pdf_of(2)), 402, "out_of_credits")
    assert (body["used"], body["cap"], body["needed"]) == (4, ALLOWED_PAGES, 2)
    assert body["resets_at"].endswith("T00:00:00Z")
    accepted(visitor.submit(pdf_of(1)))
    check_problem(visitor.submit(pdf_of(1)), 402, "out_of_credits")
    accepted(passer_by.submit(pdf_of(1)))


def test_a_file_may_have_so_many_pages(visitor: Client) -> None:
    check_problem(visitor.submit(pdf_of(6)), 400, "too_many_pages")


def test_an_invented_address_gives_no_other_allowance(visitor: Client) -> None:
    accepted(visitor.submit(pdf_of(5)))
    visitor.session.headers["X-Forwarded-For"] = "192.0.2.7"
    check_problem(visitor.submit(pdf_of(1)), 402, "out_of_credits")


def test_an_account_s_job_takes_its_token(visitor: Client, owned: Job) -> None:
    uuid = owned["uuid"]
    for answer in (
        visitor.job(uuid),
        visitor.download(uuid, "txt"),
        visitor.image(uuid, 0),
        visitor.get(f"{JOBS}{uuid}/events/"),
        visitor.cancel(uuid),
        visitor.remove(uuid),
    ):
        check_problem(answer, 401, "unauthorized")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", [JOBS, "/api/v1/account/"])
def test_lists_and_accounts_take_a_token(visitor: Client, path: str) -> None:
    check_problem(visitor.get(path), 401, "unauthorized")


@pytest.mark.parametrize("path", ["/api/v1/tools/", "/api/v1/plans/", "/livez", "/readyz"])
def test_what_is_public_takes_none(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 200


def test_an_account_does_not_see_a_visitor_s_job(visitor: Client, client: Client) -> None:
    job = visitor.read(PAGE, language="en")
    check_problem(client.job(job["uuid"]), 404, "not_found")


def test_a_suspended_account_is_refused(stack: Stack, new_account: Callable[[str], Client]) -> None:
    name = f"suspended-{secrets.token_hex(4)}"
    client = stack.client(stack.account(name, "free"))
    job = client.read(PAGE, language="en")
    stack.admin("account", "suspend", name)
    for answer in (client.job(job["uuid"]), client.submit(PAGE), client.get("/api/v1/account/")):
        check_problem(answer, 403, "account_suspended")
    stack.admin("account", "resume", name)
    assert accepted(client.job(job["uuid"])) == job
