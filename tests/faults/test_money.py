"""No credit is lost and none charged twice, whatever is killed, repeated or asked for at once."""

import os
import random
import secrets
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from pymongo import MongoClient

from tests import files
from tests.client import accepted
from tests.faults.money import Count, counted, orders, rush, until_settled
from tests.faults.repeater import everything_twice
from tests.faults.test_soak import kill_one
from tests.stack import Stack
from tests.system.judging import check_problem

Tell = Callable[[str, object], None]

PAGE = files.born_digital_pdf([["One page of a letter"]])
AT_ONCE, AFFORDED = 100, 10
FEW, MANY = 32, 400
# The kinds of processes that are back at once; a broker or a database takes seconds.
QUICK = ("front", "ocr_cpu")
BETWEEN_KILLS_S = (0.2, 1.5)
BETWEEN_AUDITS_S = 0.5
WHOLE_LIMIT_S = 180


@pytest.fixture(scope="module")
def stack(hasty_stack: Stack) -> Stack:
    return hasty_stack


def account(stack: Stack, plan: str = "paid", credits: int = 100_000) -> str:
    return stack.account(f"money-{secrets.token_hex(4)}", plan, credits)


def test_of_a_hundred_submissions_at_once_as_many_are_taken_as_can_be_paid(stack: Stack) -> None:
    client = stack.client(account(stack, credits=AFFORDED))

    def submit(_: int) -> int:
        answer = stack.client(client.token).submit(PAGE, "letter.pdf", language="en")
        if answer.status_code == 402:
            body = check_problem(answer, 402, "out_of_credits")
            assert (body["cap"], body["needed"]) == (AFFORDED, 1)
            assert body["used"] + body["balance"] == AFFORDED and body["balance"] < 1
        return answer.status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = Counter(pool.map(submit, range(AT_ONCE)))
    assert codes[200] + codes[202] == AFFORDED and codes[402] == AT_ONCE - AFFORDED
    assert client.account()["balance"] == 0
    jobs = [
        client.finished(accepted(client.job(job["uuid"]))) for job in client.jobs(limit=100).json()["jobs"]
    ]
    assert sum(job["usage"]["credits"] for job in jobs) == AFFORDED == len(jobs)


@pytest.mark.timeout(300)
def test_every_credit_is_found_again_after_a_rush_with_kills(
    stack: Stack, seed: int, record_property: Tell
) -> None:
    check_money(stack, seed, FEW, kills=2, tell=record_property)


@pytest.mark.soak
@pytest.mark.timeout(1_500)
@pytest.mark.parametrize("course", [1, 2])
def test_every_credit_is_found_again_after_many_jobs_and_kills(
    stack: Stack, course: int, record_property: Tell
) -> None:
    """In the first course every message comes twice; in the second, broker and database are killed, too."""
    check_money(stack, course, MANY, kills=15, tell=record_property, anything=course == 2)


def test_an_account_that_was_tampered_with_is_named(stack: Stack) -> None:
    name = f"money-{secrets.token_hex(4)}"
    stack.account(name, credits=10)
    with MongoClient[dict[str, int]](stack.mongo_url) as mongo:
        accounts = mongo["ocr_jobs"]["accounts"]
        accounts.update_one({"_id": name}, {"$inc": {"books.balance": 7}})  # type: ignore[dict-item]
        said = stack.admin("ledger", "verify", exit_code=3).splitlines()
        accounts.update_one({"_id": name}, {"$inc": {"books.balance": -7}})  # type: ignore[dict-item]
    assert said[0] == f"{name}: balance: the books say 17, the ledger makes it 10"
    assert said[-1] == f"They differ for 1 account: {name}"
    stack.admin("ledger", "verify")


def check_money(
    stack: Stack,
    course: int,
    jobs: int,
    kills: int,
    tell: Tell,
    *,
    anything: bool = False,
) -> None:
    chance = random.Random(course)
    # One that can pay for everything, one that runs out of money, one that runs out of its allowance.
    rich, others = account(stack), [account(stack, credits=jobs // 4), account(stack, "free")]
    tokens = [rich, *others]
    todo = orders([rich] * 4 + others, jobs, chance, keyed=0.5)
    repeating = nullcontext() if anything else everything_twice(stack.amqp_url)
    with repeating:
        found = rush(stack, todo, kills_and_audits(stack, chance, kills, anything=anything))
        stack.wait_until_whole(WHOLE_LIMIT_S)
        until_settled(stack, tokens)
    count = counted(stack, tokens, found)
    tell("told", f"Money, seed {course}: {in_words(count)}")
    assert count.accepted > jobs // 2 and count.refunded > 0
    assert (count.lost, count.double) == (0, 0)
    assert stack.admin("ledger", "verify").endswith("All of them agree.\n")


def kills_and_audits(
    stack: Stack, chance: random.Random, kills: int, *, anything: bool
) -> Iterator[Callable[[], None]]:
    """In turns: a front, which keeps the books, or another process is killed, at any moment; the books are
    looked at, which are always right.
    """
    for _ in range(kills):
        yield lambda: time.sleep(chance.uniform(*BETWEEN_KILLS_S))
        yield lambda: kill_front(stack, chance)
        yield lambda: audited(stack)
        yield lambda: kill_one(stack, chance, *(() if anything else QUICK))
        if anything:
            yield lambda: stack.wait_until_whole(WHOLE_LIMIT_S)
        yield lambda: audited(stack)
    while True:
        yield lambda: audited(stack)
        yield lambda: time.sleep(BETWEEN_AUDITS_S)


def kill_front(stack: Stack, chance: random.Random) -> None:
    running = [process.pid for process in stack.processes("front") if process.pid]
    if running:
        os.kill(chance.choice(running), signal.SIGKILL)


def audited(stack: Stack) -> None:
    stack.admin("ledger", "verify")


def in_words(count: Count) -> str:
    return (
        f"accepted {count.accepted}, refused {count.refused}, unanswered {count.unanswered}, "
        f"charged {count.charged}, refunded {count.refunded}, lost {count.lost}, double {count.double}"
    )
