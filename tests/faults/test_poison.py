"""A page that kills every worker that reads it: given up after a few, and the job ends without it."""

import re
import secrets
import time

import psutil
import pytest

from tests import files
from tests.client import Client, Job, accepted
from tests.faults.node import Node
from tests.metrics import Metrics
from tests.pages import draw_sheet, numbered_pages, paragraphs
from tests.stack import Stack

PAGES = numbered_pages(3)
POISON = 1  # the page's index
# Ten seconds' reading: nobody is through with it before being killed.
LONG = draw_sheet(paragraphs(seed=7, count=12, words_each=300, columns=250), font_px=30)
PDF = files.scanned_pdf([PAGES[0].image, LONG.image, PAGES[1].image, PAGES[2].image], dpi=300)
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
    node, fronts, workers = Node(stack), Metrics(stack, "front"), workers_of(stack)
    with node.delivery_limit(MOST_RETURNS):
        job = read_but_for_the_poison(client)
        kill_whoever_reads(workers, times=1 + MOST_RETURNS)
        job = client.finished(job, LIMIT_S)
    assert job["status"] == "done"
    assert job["failed_pages"] == [{"index": POISON, "code": "poisoned"}]
    assert [bool(page["text"]) for page in job["pages"]] == [index != POISON for index in range(4)]
    assert job["pages"][POISON]["error"]["code"] == "poisoned"
    assert job["usage"] == {"pages": 3, "credits": 3}
    assert client.balance_becomes(balance - 3)
    assert fronts.grew_at_least("ocr_pages_poisoned_total", 1)
    dead = node.dead_letters()
    assert dead
    for letter in dead:
        assert job["uuid"] in letter["payload"] and f'"page_index":{POISON}' in letter["payload"]
    redrive_and_check(stack, client, job, balance - 3)


def redrive_and_check(stack: Stack, client: Client, job: Job, balance: int) -> None:
    """Asked for twice, the page is read in one new job, and charged once."""
    *_, row = stack.admin("dead", "list", "--queue", DEAD_LETTERS).splitlines()
    letter, queue, _, uuid, index, reason, *_ = row.split("\t")
    assert (queue, uuid, index, reason) == (DEAD_LETTERS, job["uuid"], str(POISON), "delivery_limit")
    assert f"redrive:\tpossible: dead redrive {letter}" in stack.admin("dead", "show", letter)
    said = stack.admin("dead", "redrive", "--job", job["uuid"])
    assert stack.admin("dead", "redrive", "--job", job["uuid"]) == "There are no dead letters.\n"
    (again,) = set(re.findall(r"Redriven as the job ([0-9a-f]{32})", said))
    found = client.finished(accepted(client.job(again)), LIMIT_S)
    assert (found["status"], found["usage"]) == ("done", {"pages": 1, "credits": 1})
    assert client.balance_becomes(balance - 1)
    assert stack.admin("ledger", "verify")


def read_but_for_the_poison(client: Client) -> Job:
    """The job once the poison is all that is left of it: it takes much longer than the other pages."""
    job = accepted(client.submit(PDF, "poison.pdf", language="en"))
    job = next(state for state in client.watched(job) if state["pages_done"] == len(PAGES))
    assert job["status"] == "processing"
    return job


def workers_of(stack: Stack) -> list[psutil.Process]:
    return [psutil.Process(process.pid) for process in stack.processes("ocr_cpu") if process.pid]


def kill_whoever_reads(workers: list[psutil.Process], times: int) -> None:
    """kill -9 of one worker after the other, as soon as its child is at work."""
    assert len(workers) >= times
    deadline = time.monotonic() + LIMIT_S
    for _ in range(times):
        while (reader := at_work(workers)) is None:
            assert time.monotonic() < deadline, "nobody reads the page"
        reader.kill()
        workers.remove(reader)


def at_work(workers: list[psutil.Process]) -> psutil.Process | None:
    """The one whose children have most to do, if any has."""
    before = {worker: seconds_of_children(worker) for worker in workers}
    time.sleep(LOOK_S)
    used = {worker: seconds_of_children(worker) - before[worker] for worker in workers}
    busiest = max(workers, key=lambda worker: used[worker])
    return busiest if used[busiest] >= BUSY_S else None


def seconds_of_children(worker: psutil.Process) -> float:
    times = [child.cpu_times() for child in worker.children(recursive=True)]
    return sum(time.user + time.system for time in times)
