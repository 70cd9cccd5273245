"""``Idempotency-Key``: what is sent again gives the same job, at any front, and is charged once."""

import os
import secrets
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import requests

from tests import files
from tests.client import JOBS, Client, accepted
from tests.pages import numbered_pages
from tests.stack import Stack
from tests.system.judging import check_problem

PAGE = files.png(numbered_pages(1)[0].image)
CREDITS = 1_000_000  # of each new account
OTHER_PAGE = files.png(numbered_pages(2)[1].image)


@pytest.fixture
def key() -> str:
    return f"key:{secrets.token_hex(8)}"


@pytest.fixture
def payer(new_account: Callable[[str], Client]) -> Client:
    """An account of its own, so that what it was charged can be told."""
    return new_account("paid")


def send(client: Client, key: str, data: bytes = PAGE, **fields: str) -> requests.Response:
    return client.post(
        JOBS,
        files={"file": ("page.png", data)},
        data={"language": "en", **fields},
        headers={"Idempotency-Key": key},
    )


class HalfSent:
    """A submission whose body never comes to its end."""

    def __init__(self, client: Client, key: str) -> None:
        address = urlsplit(client.url)
        assert address.hostname and address.port
        self.socket = socket.create_connection((address.hostname, address.port), timeout=30)
        self.socket.sendall(
            (
                f"POST {JOBS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n"
                f"Idempotency-Key: {key}\r\nContent-Length: 100000\r\n"
                "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
                '--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nbytes'
            ).encode()
        )

    def is_answered(self) -> bool:
        return bool(select.select([self.socket], [], [], 0)[0])


@contextmanager
def being_received(client: Client, key: str, asking: Client) -> Iterator[requests.Response]:
    """While a first request is still being received: what a second with that key is told.

    A probe that comes first makes the first request the second, which is answered; then all begins anew.
    """
    deadline = time.monotonic() + 20
    first = HalfSent(client, key)
    while (answer := send(asking, key, b"no picture")).status_code != 409:
        assert time.monotonic() < deadline
        if first.is_answered():
            first.socket.close()
            first = HalfSent(client, key)
    yield answer
    first.socket.close()


def until_free(client: Client, key: str, limit_s: float) -> requests.Response:
    deadline = time.monotonic() + limit_s
    while (answer := send(client, key)).status_code == 409:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return answer


def test_what_is_sent_again_gives_the_same_job_and_is_charged_once(payer: Client, key: str) -> None:
    first = accepted(send(payer, key))
    assert first["status"] == "done"
    again = send(payer, key)
    assert again.status_code == 200 and again.json() == first
    assert again.headers["Location"] == f"{JOBS}{first['uuid']}/"
    assert payer.account()["balance"] == CREDITS - 1


def test_without_a_key_each_is_a_job_of_its_own(payer: Client) -> None:
    one, two = (accepted(payer.submit(PAGE, language="en")) for _ in range(2))
    assert one["uuid"] != two["uuid"]


@pytest.mark.parametrize(("data", "fields"), [(OTHER_PAGE, {}), (PAGE, {"pages": "1"})])
def test_other_content_under_the_same_key_is_refused(
    client: Client, key: str, data: bytes, fields: dict[str, str]
) -> None:
    accepted(send(client, key))
    check_problem(send(client, key, data, **fields), 422, "idempotency_key_reused")


def test_keys_of_others_do_not_matter(client: Client, stranger: Client, key: str) -> None:
    assert accepted(send(client, key))["uuid"] != accepted(send(stranger, key, OTHER_PAGE))["uuid"]


@pytest.mark.parametrize("wrong", ["with blank", "x" * 256, "\u00fc"])
def test_a_key_that_is_no_key_is_refused(client: Client, wrong: str) -> None:
    answer = client.post(
        JOBS, files={"file": ("page.png", PAGE)}, headers={"Idempotency-Key": wrong.encode("latin-1")}
    )
    check_problem(answer, 400, "invalid_field")


def test_a_refused_request_leaves_its_key_free(client: Client, key: str) -> None:
    check_problem(send(client, key, b"no picture"), 400, "unsupported_type")
    assert accepted(send(client, key))["status"] == "done"


def test_while_the_first_is_being_received_the_second_is_told_to_wait(client: Client, key: str) -> None:
    with being_received(client, key, client) as answer:
        check_problem(answer, 409, "idempotency_key_in_use")
        assert int(answer.headers["Retry-After"]) > 0
    assert accepted(until_free(client, key, limit_s=10))["status"] == "done"


def test_a_key_is_free_once_its_job_was_deleted(client: Client, key: str) -> None:
    first = accepted(send(client, key))
    assert client.delete(f"{JOBS}{first['uuid']}/").status_code == 204
    assert accepted(send(client, key, OTHER_PAGE))["uuid"] != first["uuid"]


# --- several fronts -------------------------------------------------------------------------------


def test_of_many_at_once_at_all_fronts_there_is_one_job(stack: Stack, payer: Client, key: str) -> None:
    start = threading.Barrier(10)

    def ask(number: int) -> requests.Response:
        client = payer.at(stack.urls[number % len(stack.urls)])
        start.wait()
        return send(client, key)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(ask, range(10)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    uuids = {answer.json()["uuid"] for answer in answers if answer.status_code == 200}
    assert len(uuids) == 1
    assert accepted(send(payer, key))["uuid"] in uuids
    assert payer.account()["balance"] == CREDITS - 1


def test_a_key_whose_front_was_killed_is_free_before_long(stack: Stack, client: Client, key: str) -> None:
    [victim] = stack.processes("front-1")
    assert victim.pid
    with being_received(client.at(stack.urls[0]), key, client.at(stack.urls[-1])):
        os.kill(victim.pid, signal.SIGKILL)
        assert accepted(until_free(client.at(stack.urls[-1]), key, limit_s=60))["status"] == "done"
    stack.wait_until_whole()
