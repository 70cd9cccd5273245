"""How much at once: jobs, requests, and what waits; whoever is within the limits notices nothing of them."""

import io
import re
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pytest
import requests

from tests import files
from tests.client import Client, Job, accepted
from tests.pages import numbered_pages
from tests.stack import Stack
from tests.system.judging import check_problem

PAGE = files.png(numbered_pages(1)[0].image)
PLACES = 3
AT_ONCE = 50
ALLOWED = 6  # requests a minute, at each replica
_FIELD = re.compile(r'"[a-z-]+"(;[a-z]+=[0-9]+){2}')
_LIMIT_S = 30


def pages(count: int) -> bytes:
    """A scan of so many pages, in which the picture is once."""
    with pikepdf.open(io.BytesIO(files.scanned_pdf([numbered_pages(1)[0].image]))) as document:
        for _ in range(count - 1):
            document.pages.append(document.pages[0])
        saved = io.BytesIO()
        document.save(saved)
    return saved.getvalue()


@pytest.fixture
def long_jobs() -> Iterator[Callable[[Client], requests.Response]]:
    """Submits jobs that take longer than a test, and cancels them."""
    begun: list[tuple[Client, Job]] = []

    def submit(client: Client) -> requests.Response:
        answer = client.submit(LONG, "long.pdf", language="en")
        if answer.ok:
            begun.append((client, answer.json()))
        return answer

    yield submit
    for client, job in begun:
        client.cancel(job["uuid"])


LONG = pages(100)


def account_on(stack: Stack, plan: str) -> Client:
    return stack.client(stack.account(f"{plan}-{secrets.token_hex(4)}", plan))


def becomes(answered: Callable[[], requests.Response], status: int) -> requests.Response:
    """The first answer with that status, before long."""
    deadline = time.monotonic() + _LIMIT_S
    while (answer := answered()).status_code != status:
        assert time.monotonic() < deadline, f"still {answer.status_code}: {answer.text[:300]}"
        time.sleep(0.2)
    return answer


def test_of_fifty_jobs_at_once_at_all_replicas_as_many_are_taken_as_the_plan_says(
    stack: Stack, long_jobs: Callable[[Client], requests.Response]
) -> None:
    client = account_on(stack, "few-jobs")
    token = client.token
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: long_jobs(stack.client(token)), range(AT_ONCE)))
    taken = [answer.json() for answer in answers if answer.status_code == 202]
    assert len(taken) == PLACES
    for refused in (answer for answer in answers if answer.status_code != 202):
        assert f"{PLACES} at once" in check_problem(refused, 429, "too_many_jobs")["error"]
        assert int(refused.headers["Retry-After"]) >= 1
    assert client.account()["used"] == PLACES * 100
    client.cancel(taken[0]["uuid"])
    becomes(lambda: client.submit(PAGE), 200)


def test_too_many_requests_are_refused_and_a_job_is_told_all_the_same(stack: Stack) -> None:
    client = account_on(stack, "few-requests").at(stack.urls[0])
    begin = time.monotonic()
    job = client.read(PAGE, language="en")
    answers = [client.jobs() for _ in range(2 * ALLOWED)]
    allowed = sum(answer.status_code == 200 for answer in answers)
    comes_back = (time.monotonic() - begin) * ALLOWED / 60
    assert ALLOWED - 1 <= allowed <= ALLOWED + comes_back
    check_problem(answers[-1], 429, "rate_limited")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60 // ALLOWED
    check_problem(client.submit(PAGE), 429, "rate_limited")
    looks = [client.job(job["uuid"]) for _ in range(30)]
    assert {look.status_code for look in looks} == {200}
    for answer in (*answers, *looks):
        assert _FIELD.fullmatch(answer.headers["RateLimit-Policy"])
        assert _FIELD.fullmatch(answer.headers["RateLimit"])


def test_while_much_waits_the_plans_that_come_last_are_turned_away_and_paid_ones_are_not(
    stack: Stack, client: Client, long_jobs: Callable[[Client], requests.Response]
) -> None:
    last = account_on(stack, "last")
    accepted(long_jobs(account_on(stack, "few-jobs")))
    refused = becomes(lambda: long_jobs(last), 503)
    check_problem(refused, 503, "overloaded")
    assert int(refused.headers["Retry-After"]) >= 1
    assert long_jobs(client).status_code == 202
    assert last.submit(PAGE, language="en").status_code == 200, "nothing waits in the lane of short jobs"
