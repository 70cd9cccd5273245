"""The model's server is away, for a while or for good: pages wait, and none is lost or paid for nothing."""

import os
import signal
import time
from collections.abc import Callable

import psutil
import pytest

from tests import files
from tests.client import Client, Job, accepted, words
from tests.faults.ends import Logs, check_ended
from tests.faults.other_worker import vlm_worker
from tests.messages_server.server import MessagesServer
from tests.pages import numbered_pages
from tests.stack import Stack

SHEETS = numbered_pages(6)
PDF = files.scanned_pdf([sheet.image for sheet in SHEETS])
PRICE = 5
PROBE_S = 1  # of the stack's worker
LIMIT_S = 60
# A connection that fails opens the breaker at the third failure; its siblings under way may fail too.
_UNTIL_OPEN = len(SHEETS)

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def payer(new_account: Callable[[str], Client]) -> Client:
    return new_account("paid")


def begun(client: Client) -> Job:
    """More pages than are waited for, so the answer comes at once."""
    return accepted(client.submit(PDF, "long.pdf", tier="vlm", language="en"))


def check_whole(client: Client, job: Job) -> None:
    """Every page is there once, and was charged once."""
    job = client.finished(job, LIMIT_S)
    assert (job["status"], job["failed_pages"]) == ("done", [])
    assert [words(page["text"]) for page in job["pages"]] == [sheet.text for sheet in SHEETS]
    assert job["usage"]["credits"] == len(SHEETS) * PRICE
    assert client.balance_becomes(1_000_000 - len(SHEETS) * PRICE)
    told = [event.kind for event in client.events(job["uuid"])]
    assert told == ["page"] * len(SHEETS) + ["done"]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_pages_wait_for_a_server_that_is_down_at_first(
    payer: Client, messages_server: MessagesServer
) -> None:
    with messages_server.down():
        job = begun(payer)
        time.sleep(4)
        waiting = accepted(payer.job(job["uuid"]))
        assert (waiting["finished_at"], waiting["pages_done"]) == (None, 0)
    check_whole(payer, job)


def test_pages_wait_for_a_server_that_dies_in_the_middle(
    payer: Client, messages_server: MessagesServer
) -> None:
    messages_server.delay(0.5)
    job = begun(payer)
    until(lambda: messages_server.transcript.active >= 2)
    with messages_server.down():
        time.sleep(2)
    check_whole(payer, job)


def test_an_overloaded_server_is_asked_once_in_a_while(
    payer: Client, messages_server: MessagesServer
) -> None:
    messages_server.misbehave("overloaded", times=None)
    begin = time.monotonic()
    job = begun(payer)
    time.sleep(10)
    asked, lasted_s = messages_server.transcript.total, time.monotonic() - begin
    assert accepted(payer.job(job["uuid"]))["failed_pages"] == []
    assert 2 <= asked <= _UNTIL_OPEN + lasted_s / PROBE_S + 1, messages_server.transcript.outcomes
    messages_server.behave()
    check_whole(payer, job)


def test_an_outage_that_lasts_fails_the_pages_and_gives_their_credits_back(
    stack: Stack, payer: Client, messages_server: MessagesServer
) -> None:
    with vlm_worker(stack, OCR_MODEL_OUTAGE_S="3"), messages_server.down():
        job = payer.finished(begun(payer), LIMIT_S)
    assert (job["status"], job["error_code"]) == ("failed", "model_unavailable")
    assert {page["code"] for page in job["failed_pages"]} == {"model_unavailable"}
    assert len(job["failed_pages"]) == len(SHEETS)
    assert job["usage"]["credits"] == 0
    assert payer.balance_becomes(1_000_000)


def test_a_worker_is_killed_while_its_pages_wait_for_the_model(
    stack: Stack, payer: Client, messages_server: MessagesServer
) -> None:
    messages_server.delay(3)
    job = begun(payer)
    until(lambda: messages_server.transcript.active >= 4)
    killed = worker_of(stack)
    os.kill(killed.pid, signal.SIGKILL)
    messages_server.delay(0)
    check_whole(payer, job)
    stack.wait_until_whole()
    assert worker_of(stack).pid != killed.pid


def test_a_worker_that_is_told_to_end_finishes_what_is_with_the_model(
    stack: Stack, payer: Client, messages_server: MessagesServer
) -> None:
    messages_server.delay(3)
    job = begun(payer)
    until(lambda: messages_server.transcript.active >= 4)
    logs, ended = Logs(stack), worker_of(stack)
    ended.send_signal(signal.SIGTERM)
    check_ended(logs, [ended])
    check_whole(payer, job)
    assert messages_server.transcript.total == len(SHEETS), "no page was asked for twice"


def worker_of(stack: Stack) -> psutil.Process:
    [process] = stack.processes("ocr_vlm")
    return psutil.Process(process.pid)
