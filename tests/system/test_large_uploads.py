"""Large uploads: through the disk and not through memory, and refused as soon as they are too large."""

import json
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from tests import files
from tests.client import JOBS, Client
from tests.pages import numbered_pages
from tests.stack import Stack

MEGABYTE = 1024 * 1024
PAID_LIMIT = 500 * MEGABYTE
FREE_LIMIT = 25 * MEGABYTE
BOUNDARY = "a-boundary"
HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="large.png"\r\n'
    "Content-Type: image/png\r\n\r\n"
).encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_GROWTH = 64 * MEGABYTE


class Upload:
    """A request whose body is sent by hand, so that the answer may come before its end."""

    def __init__(self, client: Client, token: str | None, content_length: int | None) -> None:
        address = urlsplit(client.url)
        assert address.hostname and address.port
        self.socket = socket.create_connection((address.hostname, address.port), timeout=120)
        length = (
            "Transfer-Encoding: chunked" if content_length is None else f"Content-Length: {content_length}"
        )
        self._is_chunked = content_length is None
        self.socket.sendall(
            (
                f"POST {JOBS} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n{length}\r\n\r\n"
            ).encode()
        )

    def send(self, data: bytes) -> None:
        if self._is_chunked:
            data = f"{len(data):x}\r\n".encode() + data + b"\r\n"
        self.socket.sendall(data)

    def is_answered(self) -> bool:
        return bool(select.select([self.socket], [], [], 0)[0])

    def answer(self) -> tuple[int, dict[str, Any]]:
        response = HTTPResponse(self.socket, method="POST")
        response.begin()
        return response.status, json.loads(response.read())


@pytest.fixture
def upload() -> Iterator[Callable[..., Upload]]:
    opened: list[Upload] = []

    def begin(client: Client, token: str | None, content_length: int | None = None) -> Upload:
        opened.append(Upload(client, token, content_length))
        return opened[-1]

    yield begin
    for one in opened:
        one.socket.close()


@contextmanager
def watched_memory(stack: Stack) -> Iterator[Callable[[], int]]:
    """Yields what tells by how much any front has grown at most, whenever it was asked."""
    before = {
        process: process.memory_info().rss
        for process in (psutil.Process(front.pid) for front in stack.processes("front"))
    }
    most = 0

    def growth() -> int:
        nonlocal most
        most = max(most, *(process.memory_info().rss - rss for process, rss in before.items()))
        return most

    yield growth


def test_half_a_gigabyte_passes_through_the_front_without_staying_in_its_memory(
    stack: Stack, client: Client, upload: Callable[..., Upload]
) -> None:
    for url in stack.urls:  # so that everything is loaded
        client.at(url).read(files.png(numbered_pages(1)[0].image), language="en")
    file_bytes = PAID_LIMIT - MEGABYTE
    with watched_memory(stack) as growth:
        request = upload(client, client.token, len(HEAD) + file_bytes + len(TAIL))
        request.send(HEAD + PNG_SIGNATURE)
        for number, piece in enumerate(zeros(file_bytes - len(PNG_SIGNATURE))):
            request.send(piece)
            if number % 16 == 0:
                growth()
        request.send(TAIL)
        status, body = request.answer()
        grown = growth()
    assert (status, body["code"]) == (400, "corrupt_file")
    assert grown < MOST_GROWTH, f"{grown / MEGABYTE:.0f} MB"


def test_a_file_that_is_announced_as_too_large_is_refused_before_it_is_sent(
    client: Client, upload: Callable[..., Upload]
) -> None:
    request = upload(client, client.token, PAID_LIMIT + 64 * MEGABYTE)
    request.send(HEAD)
    status, body = request.answer()
    assert (status, body["code"]) == (400, "file_too_large")
    assert "500 MB" in body["error"]


def test_a_file_that_turns_out_to_be_too_large_is_refused_while_it_is_being_sent(
    free_client: Client, upload: Callable[..., Upload]
) -> None:
    request = upload(free_client, free_client.token)
    request.send(HEAD + PNG_SIGNATURE)
    sent = 0
    for piece in zeros(3 * FREE_LIMIT):
        if request.is_answered():
            break
        request.send(piece)
        sent += len(piece)
    status, body = request.answer()
    assert (status, body["code"]) == (400, "file_too_large")
    assert FREE_LIMIT - MEGABYTE < sent < 3 * FREE_LIMIT


def test_a_wrong_token_is_refused_before_the_file_is_sent(
    client: Client, upload: Callable[..., Upload]
) -> None:
    request = upload(client, "ocr_wrong", PAID_LIMIT)
    status, body = request.answer()
    assert (status, body["code"]) == (401, "unauthorized")


def test_an_upload_that_is_broken_off_leaves_no_file_behind(
    stack: Stack, client: Client, upload: Callable[..., Upload]
) -> None:
    request = upload(client, client.token, 50 * MEGABYTE)
    request.send(HEAD + PNG_SIGNATURE + bytes(MEGABYTE))
    wait_until(lambda: bool(spooled(stack)), "no upload was seen in the spool: a wrong place?")
    request.socket.close()
    wait_until(lambda: not spooled(stack), "the file of an upload that was broken off is still there")
    assert client.submit(files.png(numbered_pages(1)[0].image), language="en").status_code == 200


def spooled(stack: Stack) -> list[str]:
    """Files in the fronts' spool: those with a name, and those that are only held open."""
    spool = stack.state / "spool"
    held = [path for front in stack.processes("front") for path in open_files(front.pid)]
    return [*map(str, spool.iterdir()), *(path for path in held if path.startswith(str(spool.resolve())))]


def open_files(pid: int | None) -> Iterator[str]:
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            yield str(entry.readlink())


def wait_until(is_so: Callable[[], bool], otherwise: str, limit_s: float = 20) -> None:
    deadline = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def zeros(count: int) -> Iterator[bytes]:
    piece = bytes(MEGABYTE)
    for _ in range(count // MEGABYTE):
        yield piece
    yield bytes(count % MEGABYTE)
