"""Files on their way in, as ordinary clients send them: whole, too large, broken off, endless."""

import hashlib
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from common.errors import BadRequest, IdempotencyKeyInUse, OutOfCredits, StoreUnavailable
from front.http.multipart_form import MAX_FIELD_BYTES
from front.settings import FrontSettings
from tests.fakes.front import API, Front, eventually, running_front
from tests.fakes.samples import JOB_ID
from tests.fakes.services import FREE, PAID

MB = 1024 * 1024
FORM = "multipart/form-data; boundary=x"


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    settings = FrontSettings(front_port=0, spool_dir=tmp_path / "spool", inline_wait_s=0, body_timeout_s=2)
    with running_front(settings) as started:
        yield started
        assert started.spooled() == []


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """60 MB, more than the free plan takes."""
    return zeros(tmp_path / "large.pdf", 60)


def zeros(path: Path, size_mb: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size_mb * MB)
    return path


def curl(front: Front, *arguments: str, token: str = FREE) -> tuple[int, dict[str, object]]:
    """The status and the JSON of the answer to a submission by curl."""
    authorization = f"Authorization: Bearer {token}"
    done = subprocess.run(
        ["curl", "-sS", "-w", "\n%{http_code}", "-H", authorization, *arguments, front.url + API],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    body, _, status = done.stdout.rpartition("\n")
    assert done.returncode == 0, done.stderr
    return int(status), json.loads(body)


# --- what arrives -------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [("tier=cpu", "language=de", "file"), ("file", "tier=cpu", "language=de")])
def test_fields_may_come_before_or_after_the_file(
    front: Front, tmp_path: Path, order: tuple[str, ...]
) -> None:
    (tmp_path / "Größe 1.png").write_bytes(b"pixels")
    parts = [f"file=@{tmp_path}/Größe 1.png" if part == "file" else part for part in order]
    status, job = curl(front, *[argument for part in parts for argument in ("-F", part)])
    assert (status, job["filename"], job["status"]) == (202, "Größe 1.png", "pending")
    (received,) = front.services.submission.received
    assert (received.form.tier, received.form.language, received.form.pages) == ("cpu", "de", None)
    assert received.sha256 == hashlib.sha256(b"pixels").hexdigest()
    assert received.account.id == "free"


def test_the_answer_names_the_job(front: Front) -> None:
    assert front.submit().headers["Location"] == f"{API}{JOB_ID}/"


def test_an_unknown_field_makes_no_job_and_is_named(front: Front) -> None:
    for field_first in (True, False):
        parts = [("file", ("a.png", b"pixels")), ("langauge", (None, "de"))]
        answer = front.submit(files=parts[::-1] if field_first else parts)
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_field")
        assert answer.json()["field"] == "langauge"
        assert "did you mean 'language'?" in answer.json()["error"]
    assert front.services.submission.received == []
    assert front.spooled() == []


def test_empty_fields_and_unknown_parameters_of_the_query_do_no_harm(front: Front) -> None:
    form = {"colour": "", "retention": "3", "tier": "", "_charset_": "utf-8"}
    answer = front.ask("POST", f"{API}?colour=red", data=form, files={"file": ("a.png", b"pixels")})
    assert answer.status_code == 202
    assert front.services.submission.received[0].form.tier is None


def test_a_chunked_upload_arrives_whole(front: Front, tmp_path: Path) -> None:
    (tmp_path / "random").write_bytes(os.urandom(3 * MB))
    status, _ = curl(front, "-H", "Transfer-Encoding: chunked", "-F", f"file=@{tmp_path}/random")
    assert status == 202
    expected = hashlib.sha256((tmp_path / "random").read_bytes()).hexdigest()
    assert front.services.submission.received[0].sha256 == expected


def test_the_spool_is_empty_once_the_job_has_the_file(front: Front) -> None:
    assert front.submit().status_code == 202
    assert not front.services.submission.received[0].path.exists()


def test_a_submission_that_is_refused_leaves_nothing_behind(front: Front) -> None:
    for error, status in ((BadRequest("No."), 400), (StoreUnavailable(), 503), (KeyError(), 500)):
        front.services.submission.error = error
        assert front.submit().status_code == status
        assert front.spooled() == []


def test_memory_stays_flat_however_large_the_file(front: Front, tmp_path: Path) -> None:
    assert front.submit().status_code == 202
    before = psutil.Process().memory_info().rss
    status, _ = curl(front, "-F", f"file=@{zeros(tmp_path / 'huge', 200)}", token=PAID)
    assert status == 202
    received = front.services.submission.received[-1]
    assert received.size_bytes == 200 * MB
    assert received.rss - before < 20 * MB


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("expect", ["Expect:", "Expect: 100-continue", "Transfer-Encoding: chunked"])
def test_curl_reads_why_its_file_is_too_large(front: Front, large: Path, expect: str) -> None:
    status, problem = curl(front, "-H", expect, "-F", f"file=@{large}")
    assert (status, problem["code"]) == (400, "file_too_large")
    assert "25 MB" in str(problem["error"])


@pytest.mark.parametrize("chunked", [False, True])
def test_requests_reads_why_its_file_is_too_large(front: Front, large: Path, chunked: bool) -> None:
    sent = requests.Request("POST", front.url, files={"file": ("large.pdf", large.read_bytes())}).prepare()
    body = sent.body
    assert isinstance(body, bytes)
    pieces = (body[at : at + MB] for at in range(0, len(body), MB))
    headers = {"Content-Type": sent.headers["Content-Type"]}
    answer = front.submit(FREE, files=None, data=pieces if chunked else body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "file_too_large")


def test_requests_reads_the_answer_even_if_it_would_send_for_ever(front: Front) -> None:
    endless = (b"x" * MB for _ in range(2000))
    answer = front.submit("wrong", files=None, data=endless)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_a_client_that_reads_nothing_before_it_has_sent_all_gets_its_answer(front: Front) -> None:
    with front.socket() as client:
        client.sendall(head(60 * MB, FREE))
        client.sendall(bytes(60 * MB))
        assert b"file_too_large" in answered(client)


def test_one_that_sends_far_more_is_stopped_by_a_broken_pipe_and_can_read_its_answer(front: Front) -> None:
    with front.socket() as client:
        client.sendall(head(10**12, FREE))
        with pytest.raises(BrokenPipeError):
            for _ in range(2000):
                client.sendall(bytes(MB))
        assert b"file_too_large" in answered(client)


def test_nobody_unknown_gets_as_far_as_the_disk(front: Front, large: Path) -> None:
    for token in ("wrong", FREE):
        curl(front, "-H", "Expect:", "-F", f"file=@{large}", token=token)
        assert front.services.submission.received == []
        assert front.spooled() == []


def test_a_file_too_large_is_refused_before_it_is_sent(front: Front) -> None:
    with front.socket() as client:
        client.sendall(head(600 * MB, FREE))
        assert b"file_too_large" in answered(client)


def test_a_length_beyond_all_limits_is_refused_in_our_words(front: Front) -> None:
    with front.socket() as client:
        client.sendall(head(10**15))
        assert b"file_too_large" in answered(client)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"files": None}, "missing_file"),
        ({"files": None, "data": {"tier": "cpu"}}, "missing_file"),
        ({"files": None, "json": {"file": "x"}}, "missing_file"),
        ({"files": {"image": ("a.png", b"pixels")}}, "missing_file"),
        ({"files": [("file", ("a", b"x")), ("file", ("b", b"y"))]}, "bad_request"),
        ({"data": {"schema": "x" * (MAX_FIELD_BYTES + 1)}}, "invalid_field"),
        ({"data": [("tier", "cpu")] * 60}, "bad_request"),
        ({"files": None, "data": b"junk", "headers": {"Content-Type": FORM}}, "bad_request"),
    ],
)
def test_a_wrong_form_is_told_what_is_wrong(front: Front, options: dict[str, Any], code: str) -> None:
    answer = front.submit(**options)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert front.services.submission.received == []


def test_a_form_that_ends_too_early_is_told_so(front: Front) -> None:
    with front.socket() as client:
        client.sendall(head(len(PART)) + PART)
        assert b"broken off" in answered(client)


# --- what goes wrong ----------------------------------------------------------------------------

PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + b"pixels" * 1000


def head(length: int, token: str = PAID, *more: str) -> bytes:
    lines = (
        f"POST {API} HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {token}",
        f"Content-Length: {length}",
        f"Content-Type: {FORM}",
        *more,
    )
    return "\r\n".join((*lines, "", "")).encode()


def answered(client: socket.socket) -> bytes:
    """The whole of a short answer."""
    answer = b""
    while b"}" not in answer:
        received = client.recv(65536)
        assert received, "the connection was closed without an answer"
        answer += received
    return answer


def test_an_upload_that_is_given_up_leaves_nothing_behind(front: Front) -> None:
    for _ in range(3):
        client = front.socket()
        client.sendall(head(10 * MB) + PART)
        assert eventually(lambda: bool(front.spooled()))
        client.close()
        assert eventually(lambda: front.spooled() == [])
    assert front.services.submission.received == []
    assert front.submit().status_code == 202


def test_an_upload_that_stalls_is_ended(front: Front) -> None:
    with front.socket() as client:
        client.sendall(head(1000) + PART[:500])
        assert client.recv(100) == b""
    assert eventually(lambda: front.spooled() == [])


def test_a_client_that_sends_no_request_is_let_go(tmp_path: Path) -> None:
    settings = FrontSettings(front_port=0, spool_dir=tmp_path, idle_timeout_s=0.2)
    with running_front(settings) as front, front.socket() as client:
        client.sendall(b"GET /livez HTTP/1.1\r\n")
        assert client.recv(100) == b""


# --- room ---------------------------------------------------------------------------------------


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Front]:
    """One upload of an account at once, and room for 60 MB."""
    settings = FrontSettings(
        front_port=0, spool_dir=tmp_path / "narrow", inline_wait_s=0, uploads_per_account=1, spool_max_mb=60
    )
    with running_front(settings) as started:
        yield started


def test_an_account_sends_so_many_files_at_once(narrow: Front) -> None:
    with narrow.socket() as client:
        client.sendall(head(10 * MB, PAID) + PART)
        assert eventually(lambda: bool(narrow.spooled()))
        refused = narrow.submit(PAID)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_uploads")
        assert refused.headers["Retry-After"] == "5"
        assert narrow.submit(FREE).status_code == 202
    assert eventually(lambda: narrow.submit(PAID).status_code == 202), "its place is free again"
    assert [narrow.submit(PAID).status_code for _ in range(3)] == [202] * 3


def test_what_is_refused_gives_its_place_back(narrow: Front) -> None:
    assert [narrow.submit(PAID, files=None, data={"a": "b"}).status_code for _ in range(3)] == [400] * 3
    assert narrow.submit(PAID).status_code == 202


@pytest.mark.parametrize("is_announced", [True, False])
def test_a_file_for_which_there_is_no_room_is_refused_until_there_is(
    narrow: Front, large: Path, is_announced: bool
) -> None:
    with large.open("ab") as file:
        file.truncate(70 * MB)
    how = [] if is_announced else ["-H", "Transfer-Encoding: chunked"]
    status, body = curl(narrow, *how, "-F", f"file=@{large}", token=PAID)
    assert (status, body["code"]) == (503, "overloaded")
    assert eventually(lambda: narrow.spooled() == [])
    assert narrow.submit(PAID).status_code == 202


# --- idempotency keys and credits ---------------------------------------------------------------

KEYED = {"Idempotency-Key": "invoice-1"}


def test_a_key_is_taken_before_the_file_and_over_once_the_job_has_it(front: Front) -> None:
    assert front.submit(headers=KEYED).status_code == 202
    (hold,) = front.services.idempotency.holds
    assert (hold.account.id, hold.key, hold.is_over) == ("paid", "invoice-1", True)
    assert front.submit().status_code == 202
    assert len(front.services.idempotency.holds) == 1


def test_a_key_in_use_is_refused_before_the_file_is_received(front: Front) -> None:
    front.services.idempotency.error = IdempotencyKeyInUse()
    with front.socket() as client:
        client.sendall(head(10 * MB, PAID, "Idempotency-Key: invoice-1"))
        answer = answered(client)
    assert answer.startswith(b"HTTP/1.1 409 ") and b"Retry-After: 5" in answer
    assert b"idempotency_key_in_use" in answer


@pytest.mark.parametrize("wrong", [{"files": None}, {"data": {"schema": "x" * (MAX_FIELD_BYTES + 1)}}])
def test_a_form_that_is_refused_lets_its_key_go(front: Front, wrong: dict[str, Any]) -> None:
    assert front.submit(headers=KEYED, **{"data": {"tier": "cpu"}, **wrong}).status_code == 400
    assert eventually(lambda: all(hold.is_over for hold in front.services.idempotency.holds))


def test_an_upload_that_is_given_up_lets_its_key_go(front: Front) -> None:
    with front.socket() as client:
        client.sendall(head(10 * MB, PAID, "Idempotency-Key: invoice-1") + PART)
        assert eventually(lambda: bool(front.spooled()))
        (hold,) = front.services.idempotency.holds
        assert not hold.is_over
    assert eventually(lambda: hold.is_over)


def test_who_has_no_credits_is_told_so_before_the_file_is_sent(front: Front) -> None:
    front.services.submission.no_credits = OutOfCredits(balance=0, needed=1)
    with front.socket() as client:
        client.sendall(head(10 * MB, PAID, "Idempotency-Key: invoice-1"))
        answer = answered(client)
    assert answer.startswith(b"HTTP/1.1 402 ") and b'"balance":0' in answer
    assert eventually(lambda: front.services.idempotency.holds[0].is_over)


def test_who_has_no_credits_left_still_gets_the_job_of_a_key(front: Front) -> None:
    front.services.submission.no_credits = OutOfCredits(balance=0, needed=1)
    front.services.idempotency.has_job = True
    assert front.submit(headers=KEYED).status_code == 202
