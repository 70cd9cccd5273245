"""How long an answer is held: until a short job has ended, and not when nobody waits or the server stops."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from common.errors import StoreUnavailable
from front.settings import FrontSettings
from tests.fakes.front import API, Front, eventually, running_front
from tests.fakes.samples import JOB_ID
from tests.fakes.services import PAID, TEXT, done_job

LONG_S = 60
TEXT_PATH = f"{API}{JOB_ID}/download/?format=txt"
GET_TEXT = f"GET {TEXT_PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {PAID}\r\n\r\n".encode()


@contextmanager
def front_with(folder: Path, **settings: float) -> Iterator[Front]:
    with running_front(FrontSettings(front_port=0, spool_dir=folder, **settings)) as started:  # type: ignore[arg-type]
        started.services.jobs.jobs[JOB_ID] = done_job()
        yield started


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Front]:
    """A front that waits long for a job, and long for its requests when it stops."""
    with front_with(tmp_path, inline_wait_s=LONG_S, drain_s=LONG_S) as started:
        yield started


@pytest.fixture
def meanwhile() -> Iterator[Callable[..., "Future[requests.Response]"]]:
    """Does something beside the test."""
    with ThreadPoolExecutor() as pool:
        yield pool.submit


Meanwhile = Callable[..., "Future[requests.Response]"]


def stop(front: Front) -> None:
    front.in_loop(front.stopping.set)
    assert eventually(lambda: is_closed(front))


def is_closed(front: Front) -> bool:
    try:
        front.socket().close()
    except ConnectionError:  # refused; or reset, when the listener closed in between
        return True
    return False


def rest_of(client: socket.socket) -> bytes:
    received = b""
    while chunk := client.recv(1 << 20):
        received += chunk
    return received


# --- the inline wait ----------------------------------------------------------------------------


def test_a_short_job_is_answered_when_it_has_ended(patient: Front, meanwhile: Meanwhile) -> None:
    answer = meanwhile(patient.submit)
    patient.wait_for(patient.services.jobs.asked)
    assert not answer.done()
    patient.in_loop(patient.services.jobs.ends.set)
    assert answer.result().status_code == 200
    assert (answer.result().json()["status"], answer.result().json()["text"]) == ("done", TEXT)


def test_the_file_is_gone_before_the_wait(patient: Front, meanwhile: Meanwhile) -> None:
    answer = meanwhile(patient.submit)
    patient.wait_for(patient.services.jobs.asked)
    assert patient.spooled() == []
    patient.in_loop(patient.services.jobs.ends.set)
    answer.result()


def test_a_short_job_that_takes_too_long_is_answered_as_it_is(tmp_path: Path) -> None:
    with front_with(tmp_path, inline_wait_s=0.1) as front:
        answer = front.submit()
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")


@pytest.mark.parametrize("read_bytes", [0, 100_000, 900_000])
def test_a_job_that_has_ended_but_cannot_be_read_now_was_promised_all_the_same(
    patient: Front, read_bytes: int
) -> None:
    patient.in_loop(patient.services.jobs.ends.set)
    patient.services.jobs.chunks = [b"{", b"x" * read_bytes]
    patient.services.jobs.error = StoreUnavailable()
    answer = patient.submit()
    assert (answer.status_code, answer.json()["status"]) == (202, "processing")
    assert answer.headers["Location"] == f"{API}{answer.json()['uuid']}/"
    assert (answer.json()["text"], answer.json()["pages"], answer.json()["finished_at"]) == (None, [], None)
    patient.services.jobs.error = patient.services.jobs.chunks = None
    assert patient.get(answer.headers["Location"]).json()["status"] == "done"


def test_a_long_job_is_answered_at_once(patient: Front) -> None:
    patient.services.submission.page_count = 6
    answer = patient.submit()
    assert (answer.status_code, answer.json()["page_count"]) == (202, 6)
    assert not patient.services.jobs.asked.is_set()


def test_nobody_is_waited_for_who_has_gone(patient: Front) -> None:
    client = patient.socket()
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\npixels\r\n--x--\r\n'
    client.sendall(
        f"POST {API} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {PAID}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode()
        + body
    )
    patient.wait_for(patient.services.jobs.asked)
    client.close()
    patient.wait_for(patient.services.jobs.left)


# --- the orderly end ----------------------------------------------------------------------------


def test_a_server_that_stops_ends_the_wait_early(patient: Front, meanwhile: Meanwhile) -> None:
    answer = meanwhile(patient.submit)
    patient.wait_for(patient.services.jobs.asked)
    stop(patient)
    assert (answer.result().status_code, answer.result().json()["status"]) == (202, "pending")
    assert patient.is_drained.wait(LONG_S)


def test_a_server_that_stops_finishes_what_it_has_begun(patient: Front, meanwhile: Meanwhile) -> None:
    patient.services.jobs.opens.clear()
    answer = meanwhile(patient.get, TEXT_PATH)
    patient.wait_for(patient.services.jobs.asked)
    stop(patient)
    assert not patient.is_drained.is_set()
    patient.in_loop(patient.services.jobs.opens.set)
    assert answer.result().content.decode() == TEXT
    assert patient.is_drained.wait(LONG_S)


def test_a_server_that_stops_sends_a_slow_reader_the_whole_answer(patient: Front) -> None:
    patient.services.jobs.chunks = [b'{"pages":[],"text":"'] + [b"x" * 100_000] * 200 + [b'","markdown":""}']
    with patient.socket() as client:
        client.sendall(GET_TEXT.replace(b"download/?format=txt", b""))
        begun = client.recv(100)
        stop(patient)
        assert not patient.is_drained.is_set()
        received = begun + rest_of(client)
    assert received.count(b"x") >= 20_000_000
    assert received.endswith(b"0\r\n\r\n")


def test_a_server_that_stops_is_not_ready_and_asks_to_connect_elsewhere(patient: Front) -> None:
    patient.services.jobs.opens.clear()
    with patient.socket() as kept, patient.socket() as busy:
        kept.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert kept.recv(65536).startswith(b"HTTP/1.1 200")
        busy.sendall(GET_TEXT)
        patient.wait_for(patient.services.jobs.asked)
        stop(patient)
        kept.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = rest_of(kept)
        patient.in_loop(patient.services.jobs.opens.set)
        assert TEXT.encode() in rest_of(busy)
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"Connection: close" in answer


def test_a_server_that_stops_waits_no_longer_than_it_may(tmp_path: Path) -> None:
    with front_with(tmp_path, drain_s=0.1) as front:
        front.services.jobs.opens.clear()
        with front.socket() as client:
            client.sendall(GET_TEXT)
            front.wait_for(front.services.jobs.asked)
            front.in_loop(front.stopping.set)
            assert front.is_drained.wait(LONG_S)
            assert rest_of(client) == b""
