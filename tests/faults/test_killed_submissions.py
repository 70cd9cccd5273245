"""kill -9 of a front while it takes a file in: what was promised is kept, what was not costs nothing."""

import random
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import psutil
import pytest
import requests

from tests import files
from tests.client import Client, Job, accepted, words
from tests.pages import numbered_pages
from tests.stack import Stack

SHEETS = numbered_pages(8)
PDF = files.scanned_pdf([sheet.image for sheet in SHEETS])
ROUNDS = 12
LATEST_KILL_S = 0.3
LIMIT_S = 60


@pytest.fixture(scope="module")
def stack(hasty_stack: Stack) -> Stack:
    return hasty_stack


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_a_front_is_killed_at_any_moment_of_a_submission(stack: Stack) -> None:
    client = stack.client(stack.account(f"killed-{secrets.token_hex(4)}"))
    balance = client.account()["balance"]
    promised = [job for _ in range(ROUNDS) for job in submitted_and_killed(stack, client)]
    jobs = [client.finished(accepted(client.job(uuid)), LIMIT_S) for uuid in listed(client)]
    assert {job["uuid"] for job in promised} <= {job["uuid"] for job in jobs}
    for job in jobs:
        check_pages(job)
    until_balance_is(client, balance - len(SHEETS) * len(jobs))


def submitted_and_killed(stack: Stack, client: Client) -> Iterator[Job]:
    """The job, if the front that was asked could still promise it before it was killed."""
    fronts = list(zip(stack.urls, stack.processes("front"), strict=True))
    url, process = stack.chance.choice(fronts)
    victim = psutil.Process(process.pid)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(client.at(url).submit, PDF, "killed.pdf", language="en")
        time.sleep(moment(stack.chance))
        victim.kill()
        yield from answered(answer)
    victim.wait(LIMIT_S)
    stack.wait_until_whole()


def moment(chance: random.Random) -> float:
    return chance.uniform(0, LATEST_KILL_S)


def answered(answer: Future[requests.Response]) -> Iterator[Job]:
    try:
        yield accepted(answer.result(LIMIT_S))
    except requests.ConnectionError:
        return


def listed(client: Client) -> list[str]:
    return [job["uuid"] for job in client.jobs(limit=100).json()["jobs"]]


def check_pages(job: Job) -> None:
    assert job["status"] == "done", job["error"]
    assert [words(page["text"]) for page in job["pages"]] == [words(sheet.text) for sheet in SHEETS]
    assert job["usage"] == {"pages": len(SHEETS), "credits": len(SHEETS)}


def until_balance_is(client: Client, balance: int) -> None:
    """Reserved credits are not in it, so that it is reached only when no reservation is left."""
    deadline = time.monotonic() + LIMIT_S
    while (now := client.account()["balance"]) != balance:
        assert time.monotonic() < deadline, f"{now} instead of {balance}"
        time.sleep(0.1)
