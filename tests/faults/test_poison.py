"""A page that kills every worker that reads it: given up after a few, and the job ends without it."""

import secrets
import time

import psutil
import pytest

from tests import files
from tests.client import Client, Job, accepted
from tests.faults.node import Node
from tests.metrics import Metrics
from tests.pages import numbered_pages, scan
from tests.stack import Stack

PAGES = numbered_pages(3)
POISON = 1  # the page's index
PDF = files.scanned_pdf([PAGES[0].image, scan(seed=7).image, PAGES[1].image, PAGES[2].image])
MOST_RETURNS = 1
DEAD_LETTERS = "ocr.cpu.pages.express.dead"
LIMIT_S = 60
# A child that used so much time between two looks reads a page.
LOOK_S, BUSY_S = 0.2, 0.05


@pytest.fixture(scope="module")
def stack(hasty_stack: Stack) -> Stack:
    return hasty_stack


@pytest.mark.timeout(300)
def test_a_page_that_kills_its_workers_fails_alone_and_is_not_charged(stack: Stack) -> None:
    client = stack.client(stack.account(f"poisoned-{secrets.token_hex(4)}"))
    balance = client.account()["balance"]
    node, fronts = Node(stack), Metrics(stack, "front")
    with node.delivery_limit(MOST_RETURNS):
        job = read_but_for_the_poison(client)
        kill_whoever_reads(stack, times=1 + MOST_RETURNS)
        job = client.finished(job, LIMIT_S)
    assert job["status"] == "done"
    assert job["failed_pages"] == [{"index": POISON, "code": "poisoned"}]
    assert [bool(page["text"]) for page in job["pages"]] == [index != POISON for index in range(4)]
    assert job["pages"][POISON]["error"]["code"] == "poisoned"
    assert job["usage"] == {"pages": 3, "credits": 3}
    assert client.account()["balance"] == balance - 3
    assert fronts.grew("ocr_pages_poisoned_total", 1)
    [dead] = node.take(DEAD_LETTERS)
    assert job["uuid"] in dead["payload"] and f'"page_index":{POISON}' in dead["payload"]


def read_but_for_the_poison(client: Client) -> Job:
    """The job once the poison is all that is left of it: it takes much longer than the other pages."""
    job = accepted(client.submit(PDF, "poison.pdf", language="en"))
    job = next(state for state in client.watched(job) if state["pages_done"] == len(PAGES))
    assert job["status"] == "processing"
    return job


def kill_whoever_reads(stack: Stack, times: int) -> None:
    """kill -9 of one worker after the other, as soon as its child is at work."""
    workers = {psutil.Process(process.pid) for process in stack.processes("ocr_cpu") if process.pid}
    assert len(workers) >= times
    deadline = time.monotonic() + LIMIT_S
    for _ in range(times):
        while not (readers := at_work(workers)):
            assert time.monotonic() < deadline, "nobody reads the page"
        readers[0].kill()
        workers.remove(readers[0])


def at_work(workers: set[psutil.Process]) -> list[psutil.Process]:
    before = {worker: seconds_of_children(worker) for worker in workers}
    time.sleep(LOOK_S)
    return [worker for worker in workers if seconds_of_children(worker) - before[worker] >= BUSY_S]


def seconds_of_children(worker: psutil.Process) -> float:
    times = [child.cpu_times() for child in worker.children(recursive=True)]
    return sum(time.user + time.system for time in times)
