"""A broker that hangs or takes no messages: callers are told in time, and all goes on after it."""

import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import psutil
import pytest
import requests

from tests import files
from tests.client import Client, Job, accepted
from tests.faults.ends import Logs, check_ended
from tests.faults.long_job import LIMIT_S, PAGE_COUNT, begun_job, check_all_pages
from tests.faults.node import Node
from tests.pages import numbered_pages
from tests.stack import Stack
from tests.system.judging import check_problem

IMAGE = files.png(numbered_pages(1)[0].image)
# Every answer of a service that knows that its broker is stuck.
ANSWER_LIMIT_S = 10
# Until it knows: it asks every five seconds, waits ten for an answer, and ten more for its probe to be taken.
NOTICE_LIMIT_S = 40

Fault = Callable[[Node], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def stack(hasty_stack: Stack) -> Stack:
    return hasty_stack


@pytest.fixture
def client(stack: Stack) -> Client:
    return stack.client(stack.account(f"stuck-{secrets.token_hex(4)}"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("fault", "page_count"),
    # An alarm takes a command that takes its time to start, while pages are being read.
    [(Node.frozen, PAGE_COUNT), (Node.short_of_memory, 2 * PAGE_COUNT)],
    ids=["frozen", "short_of_memory"],
)
def test_a_stuck_broker_is_told_in_time_and_a_running_job_ends_after_it(
    stack: Stack, client: Client, fault: Fault, page_count: int
) -> None:
    node, ended = Node(stack), client.read(IMAGE, language="en")
    running = begun_job(client, page_count)
    with fault(node):
        assert accepted(client.job(running["uuid"]))["status"] == "processing", "too late for a fault"
        for url in stack.urls:
            until_not_ready(url)
        for url in stack.urls:
            check_answers_in_time(client.at(url), ended, running)
    stack.wait_until_whole()
    check_all_pages(client.finished(accepted(client.job(running["uuid"])), LIMIT_S), page_count)
    assert client.finished(accepted(client.submit(IMAGE, language="en")))["status"] == "done"


def check_answers_in_time(client: Client, ended: Job, running: Job) -> None:
    answer = timed(client.submit(IMAGE, language="en"))
    check_problem(answer, 503, "broker_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    check_problem(timed(client.get("/readyz")), 503, "broker_unavailable")
    assert timed(client.get("/livez")).status_code == 200
    assert accepted(timed(client.job(ended["uuid"]))) == ended
    assert accepted(timed(client.job(running["uuid"])))["status"] == "processing"
    assert timed(client.download(ended["uuid"], "txt")).text == ended["text"]


def timed(answer: requests.Response) -> requests.Response:
    assert answer.elapsed.total_seconds() < ANSWER_LIMIT_S, f"{answer.url}: {answer.elapsed}"
    return answer


def until_not_ready(url: str) -> None:
    deadline = time.monotonic() + NOTICE_LIMIT_S
    while requests.get(f"{url}/readyz", timeout=ANSWER_LIMIT_S).status_code != 503:
        assert time.monotonic() < deadline, "ready without a broker that takes messages"
        time.sleep(0.1)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_processes_that_are_told_to_end_while_the_broker_hangs_end_by_themselves(
    stack: Stack, client: Client
) -> None:
    node, logs = Node(stack), Logs(stack)
    victims = [
        psutil.Process(process.pid) for kind in ("front", "ocr_cpu") for process in stack.processes(kind)
    ]
    running = begun_job(client)
    with node.frozen():
        for victim in victims:
            victim.terminate()
        check_ended(logs, victims)
    stack.wait_until_whole()
    check_all_pages(client.finished(accepted(client.job(running["uuid"])), LIMIT_S))
