"""Whatever happens to the worker that builds a file: the file comes, whole, or the answer says when."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import requests
from lxml import etree

from tests import files
from tests.client import Client, Job
from tests.faults.node import Node
from tests.faults.test_killed_processes import pids
from tests.pages import numbered_pages
from tests.stack import Stack
from tests.system.judging import check_problem
from tests.system.test_downloads_built import artefacts, exports
from tests.text_pdfs import long_pdf

IMAGE = files.png(numbered_pages(1)[0].image)
# A few seconds' work for the worker.
PAGE_COUNT = 120
LIMIT_S = 60
WORKER = "export"

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def stack(hasty_stack: Stack) -> Stack:
    return hasty_stack


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    return stack.client(stack.account(f"exports-{secrets.token_hex(4)}"))


@pytest.fixture(scope="module")
def long_job(client: Client) -> Job:
    return client.read(long_pdf(PAGE_COUNT), "long.pdf", LIMIT_S)


def test_a_worker_that_is_killed_amid_a_file_is_replaced_and_the_file_is_whole(
    stack: Stack, client: Client, long_job: Job
) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(when_it_is_there, client, long_job, "alto")
        victim, half_written = until_it_builds(stack)
        victim.kill()
        assert artefacts(stack, long_job) == []
        assert pages_of(answer.result().content) == PAGE_COUNT
    assert len(artefacts(stack, long_job)) == 1
    assert not half_written.exists()
    assert victim.pid not in pids(stack, WORKER)


def test_a_child_that_is_killed_amid_a_file_is_replaced_and_the_file_is_whole(
    stack: Stack, client: Client, long_job: Job
) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(when_it_is_there, client, long_job, "hocr")
        worker, _ = until_it_builds(stack)
        for child in worker.children(recursive=True):
            child.kill()
        assert pages_of(answer.result().content) == PAGE_COUNT
    assert worker.is_running(), "the worker died with its child"


def test_a_front_that_is_killed_while_it_holds_a_download_leaves_it_to_the_others(
    stack: Stack, client: Client
) -> None:
    job = client.read(IMAGE, language="en")
    [(victim, url), (_, other)] = zip(pids(stack, "front"), stack.urls, strict=True)
    with stack.without("export-1"), ThreadPoolExecutor(1) as pool:
        broken_off = pool.submit(client.at(url).download, job["uuid"], "csv")
        until(lambda: exports(stack, job) == 1)
        psutil.Process(victim).kill()
        assert isinstance(broken_off.exception(), requests.ConnectionError)
    assert job["text"] in when_it_is_there(client.at(other), job, "csv").text
    assert len(artefacts(stack, job)) == 1


def test_a_file_that_kills_every_worker_is_given_up_and_told(stack: Stack, client: Client) -> None:
    job = client.read(long_pdf(PAGE_COUNT), "deadly.pdf", LIMIT_S)
    with Node(stack).delivery_limit(1), ThreadPoolExecutor(1) as pool:
        answer = pool.submit(when_it_is_there, client, job, "alto")
        for _ in range(2):
            worker, _ = until_it_builds(stack)
            worker.kill()
            worker.wait(LIMIT_S)
        body = check_problem(answer.result(), 422, "export_crashed")
        assert "died" in body["error"]
    assert client.download(job["uuid"], "txt").text == job["text"]
    assert artefacts(stack, job) == []
    [letter] = Node(stack).take("ocr.export.documents.dead")
    assert job["uuid"] in letter["payload"] and job["text"].split("\n")[0] not in letter["payload"]


def test_without_a_worker_the_answer_says_when_to_ask_again_and_then_the_file_is_there(
    stack: Stack, client: Client
) -> None:
    job = client.read(IMAGE, language="en")
    with stack.without("export-1"):
        for _ in range(2):
            answer = client.download(job["uuid"], "csv")
            check_problem(answer, 503, "export_pending")
            assert int(answer.headers["Retry-After"]) > 0
    assert job["text"] in when_it_is_there(client, job, "csv").text
    assert len(artefacts(stack, job)) == 1


def test_a_job_that_is_deleted_while_its_file_is_waited_for_leaves_nothing(
    stack: Stack, client: Client
) -> None:
    job = client.read(IMAGE, language="en")
    with stack.without("export-1"), ThreadPoolExecutor(1) as pool:
        answer = pool.submit(client.download, job["uuid"], "csv")
        until(lambda: exports(stack, job) == 1)
        assert client.remove(job["uuid"]).status_code == 204
        check_problem(answer.result(), 404, "not_found")
    # What is asked for now is built after what was asked for before.
    other = client.read(IMAGE, language="en")
    assert when_it_is_there(client, other, "csv").status_code == 200
    assert artefacts(stack, job) == [] and exports(stack, job) == 0


def pages_of(content: bytes) -> int:
    """How many pages the XML has; it is not whole where this fails."""
    return len(etree.fromstring(content).xpath("//*[local-name() = 'Page' or @class = 'ocr_page']"))


def when_it_is_there(client: Client, job: Job, file_format: str) -> requests.Response:
    """The answer, asked for again as long as it says that the file is being built."""
    deadline = time.monotonic() + LIMIT_S
    while True:
        answer = client.download(job["uuid"], file_format)
        if answer.status_code != 503 or time.monotonic() > deadline:
            return answer
        check_problem(answer, 503, "export_pending")


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def until_it_builds(stack: Stack) -> tuple[psutil.Process, Path]:
    """The worker, and the file that a child of it is writing."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        for pid in pids(stack, WORKER):
            with suppress(psutil.NoSuchProcess):  # it was killed a moment ago
                worker = psutil.Process(pid)
                for path in opened_by(worker.children(recursive=True)):
                    return worker, path
        time.sleep(0.02)
    raise AssertionError("the worker builds nothing")


def opened_by(children: Sequence[psutil.Process]) -> Iterator[Path]:
    for child in children:
        yield from (Path(file.path) for file in child.open_files() if "/export." in file.path)
