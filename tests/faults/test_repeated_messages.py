"""Every task and every event comes twice: no page is there twice, and none is charged twice."""

import time
from collections.abc import Callable

from tests import files
from tests.client import Client, accepted
from tests.faults.long_job import LIMIT_S, PAGE_COUNT, begun_job, check_all_pages
from tests.faults.repeater import Repeater, everything_twice
from tests.pages import numbered_pages
from tests.stack import Stack
from tests.system.test_downloads_built import artefacts

IMAGE = files.png(numbered_pages(1)[0].image)
TASKS, RESULTS = "ocr.cpu.pages.priority", "page.recognized"


def test_every_message_comes_twice(stack: Stack, new_account: Callable[[str], Client]) -> None:
    client = new_account("paid")
    balance = client.account()["balance"]
    with everything_twice(stack.amqp_url) as repeater:
        job = client.finished(begun_job(client), LIMIT_S)
        check_all_pages(job)
        until_all_is_read_twice(repeater)
    assert repeater.repeated[TASKS] == PAGE_COUNT
    # What is told of this job waits behind all that was told of the first.
    assert client.read(IMAGE, language="en")["status"] == "done"
    assert accepted(client.job(job["uuid"])) == job
    assert client.account()["balance"] == balance - PAGE_COUNT - 1
    told = [event.kind for event in client.events(job["uuid"])]
    assert told == ["page"] * PAGE_COUNT + ["done"]


def test_a_file_that_is_built_twice_is_stored_once(stack: Stack, client: Client) -> None:
    job = client.read(IMAGE, language="en")
    with everything_twice(stack.amqp_url) as repeater:
        first = client.download(job["uuid"], "csv")
        assert first.status_code == 200
        until(lambda: repeater.repeated["document.exported"] == 2)
    until(lambda: len(artefacts(stack, job)) == 1)
    assert client.download(job["uuid"], "csv").content == first.content


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def until_all_is_read_twice(repeater: Repeater) -> None:
    """Until as many results have come as there were tasks with their repetitions, each twice again."""
    until(lambda: repeater.repeated[RESULTS] >= 2 * PAGE_COUNT)
