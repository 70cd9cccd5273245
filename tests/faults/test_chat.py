"""Whatever fails while a question is answered: one answer, charged once, or a refusal and no charge."""

import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest
import requests

from tests import files
from tests.client import Client, Job
from tests.conversing import ask, history, streamed
from tests.messages_server.server import MessagesServer
from tests.stack import Stack
from tests.system.judging import check_problem

LEASE = files.born_digital_pdf([["The tenant is Ms Harriet Vale.", "The monthly rent is 940 pounds."]])
QUESTION = "How much is the monthly rent?"
BOUGHT = 1_000_000
COST = 2  # of an answer, in this stack
LIMIT_S = 60

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def payer(new_account: Callable[[str], Client]) -> Client:
    return new_account("paid")


@pytest.fixture
def lease(payer: Client) -> Job:
    return payer.read(LEASE, "lease.pdf", language="en")


@pytest.fixture
def answering(
    payer: Client, lease: Job, messages_server: MessagesServer
) -> Iterator[Callable[[], requests.Response]]:
    """A question whose answer is being made, slowly; gives what becomes of it."""
    messages_server.misbehave("none", pause_s=0.5)
    with ThreadPoolExecutor(1) as pool:
        response = pool.submit(ask, payer, lease, QUESTION)
        until(lambda: len(messages_server.requests) == 1)
        yield lambda: response.result(LIMIT_S)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def answered_in_history(client: Client, job: Job) -> list[dict[str, Any]]:
    """The messages, once the last of them is an answer."""

    def is_there() -> bool:
        messages = history(client, job)["messages"]
        return bool(messages) and messages[-1]["role"] == "assistant"

    until(is_there)
    messages: list[dict[str, Any]] = history(client, job)["messages"]
    return messages


def check_charged_once(client: Client, job: Job) -> None:
    """For the page, and for the one answer that there is."""
    assert [one["role"] for one in history(client, job)["messages"]] == ["user", "assistant"]
    assert client.balance_becomes(BOUGHT - 1 - COST)


def killed(stack: Stack, kind: str) -> None:
    for process in stack.processes(kind):
        assert process.pid
        psutil.Process(process.pid).kill()


def test_a_worker_that_is_killed_amid_an_answer_is_replaced(
    stack: Stack,
    payer: Client,
    lease: Job,
    messages_server: MessagesServer,
    answering: Callable[[], requests.Response],
) -> None:
    killed(stack, "chat")
    answer = answering()
    assert answer.status_code == 200, answer.text
    assert "940 pounds" in answer.json()["message"]["content"]
    assert len(messages_server.requests) == 2
    check_charged_once(payer, lease)


def test_fronts_that_are_killed_leave_the_answer_in_the_history(
    stack: Stack, payer: Client, lease: Job, answering: Callable[[], requests.Response]
) -> None:
    killed(stack, "front")
    with pytest.raises(requests.ConnectionError):
        answering()
    stack.wait_until_whole()
    answered_in_history(payer, lease)
    check_charged_once(payer, lease)


def test_a_broker_that_is_killed_amid_an_answer_costs_nothing_twice(
    stack: Stack, payer: Client, lease: Job, answering: Callable[[], requests.Response]
) -> None:
    killed(stack, "rabbitmq")
    assert answering().status_code == 200
    check_charged_once(payer, lease)


def test_a_model_that_is_away_is_told_and_not_charged(
    payer: Client, lease: Job, messages_server: MessagesServer
) -> None:
    """While it is known to be away questions are refused at once, and told when to be asked again: until one
    of them has found out that it is back."""
    with messages_server.down():
        check_refused_for_now(ask(payer, lease, QUESTION))
    assert payer.balance_becomes(BOUGHT - 1)
    deadline = time.monotonic() + LIMIT_S
    while (answer := ask(payer, lease, QUESTION)).status_code != 200:
        check_refused_for_now(answer)
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert "940 pounds" in answer.json()["message"]["content"]
    assert payer.balance_becomes(BOUGHT - 1 - COST)


def check_refused_for_now(response: requests.Response) -> None:
    check_problem(response, 503, "answer_unavailable")
    assert int(response.headers["Retry-After"]) > 0


def test_who_goes_away_from_a_stream_is_not_charged(
    payer: Client, lease: Job, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("none", pause_s=1.0)
    with streamed(payer, lease, QUESTION) as events:
        next(events)
        assert payer.account()["balance"] == BOUGHT - 1 - COST
    assert payer.balance_becomes(BOUGHT - 1)


def test_who_has_too_few_credits_is_told(stack: Stack, messages_server: MessagesServer) -> None:
    poor = stack.client(stack.account(f"poor-{secrets.token_hex(4)}", credits=2))
    job = poor.read(LEASE, "lease.pdf", language="en")
    body = check_problem(ask(poor, job, QUESTION), 402, "out_of_credits")
    assert (body["balance"], body["needed"]) == (1, COST)
    assert history(poor, job)["messages"] == []
    assert messages_server.requests == []
