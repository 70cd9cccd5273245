"""One kill -9 after another, anywhere, until a long job ends: run with ``--soak``."""

import random

import psutil
import pytest

from tests.client import Client, Job, accepted
from tests.faults.long_job import begun_job, check_all_pages
from tests.stack import Stack

PAGE_COUNT = 150
MOST_KILLS = 15
LIMIT_S = 900


@pytest.mark.soak
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("course", [1, 2])
def test_whatever_is_killed_every_page_is_read_once(stack: Stack, client: Client, course: int) -> None:
    chance = random.Random(course)
    job = begun_job(client, PAGE_COUNT)
    for _ in range(MOST_KILLS):
        kill_one(stack, chance)
        job = seen_again(stack, client, job)
        if job["status"] == "done":
            break
    check_all_pages(client.finished(job, LIMIT_S), PAGE_COUNT)


def kill_one(stack: Stack, chance: random.Random, *kinds: str) -> None:
    """A process of the stack, of one of those kinds if some are named, or a child of it."""
    found = [process for process in stack.processes() if process.name.startswith(kinds or "")]
    roots = [psutil.Process(process.pid) for process in found if process.pid]
    victim = chance.choice(roots)
    chance.choice([victim, *victim.children(recursive=True)]).kill()


def seen_again(stack: Stack, client: Client, job: Job) -> Job:
    """The job once the service answers again and a few more pages are done, or all."""
    stack.wait_until_whole()
    job = accepted(client.job(job["uuid"]))
    wanted = min(job["pages_done"] + 4, PAGE_COUNT)
    return next(state for state in client.watched(job, LIMIT_S) if state["pages_done"] >= wanted)
