"""Forms as different clients build them."""

import http.client
import uuid
from urllib.parse import urlsplit

import pytest

from tests import files
from tests.client import JOBS, Client, accepted, words
from tests.pages import numbered_pages
from tests.system.judging import check_problem

IMAGE = files.png(numbered_pages(1)[0].image)
TIER, LANGUAGE = ("tier", (None, "cpu")), ("language", (None, "en"))
FILE = ("file", ("page.png", IMAGE))


@pytest.mark.parametrize(
    "parts",
    [[TIER, LANGUAGE, FILE], [FILE, TIER, LANGUAGE], [TIER, FILE, LANGUAGE]],
    ids=["before", "after", "around"],
)
def test_fields_may_come_before_and_after_the_file(client: Client, parts: list[tuple[str, object]]) -> None:
    job = client.finished(accepted(client.post(JOBS, files=parts)))
    assert job["language"] == "en"
    assert words(job["text"]) == "page one"


def test_a_misspelled_field_is_named_and_nothing_is_charged(client: Client) -> None:
    before = client.account()
    for sent, meant in (("langauge", "language"), ("page", "pages")):
        body = check_problem(client.submit(IMAGE, **{sent: "1"}), 400, "unknown_field")
        assert body["field"] == sent and f"did you mean '{meant}'" in body["error"]
    assert client.account() == before


def test_empty_fields_count_as_left_out(client: Client) -> None:
    job = client.read(IMAGE, tier="", language="", tool="")
    assert (job["tier"], job["language"], job["tool"]) == ("cpu", "auto", None)


def test_paths_are_served_without_their_last_slash_too(client: Client) -> None:
    sent = client.post("/api/v1/ocr", files=[FILE, LANGUAGE], allow_redirects=False)
    job = client.finished(accepted(sent))
    path = f"/api/v1/ocr/{job['uuid']}"
    assert client.get(path, allow_redirects=False).json() == job
    text = client.get(f"{path}/download", params={"format": "txt"}, allow_redirects=False)
    assert text.text == job["text"]
    assert client.get("/api/v1/tools", allow_redirects=False).status_code == 200


def test_a_body_of_unknown_length_is_read(client: Client) -> None:
    """Transfer-Encoding: chunked, as clients send that do not know the size in advance."""
    boundary, body = form(IMAGE)
    pieces = (body[start : start + 100] for start in range(0, len(body), 100))
    answer = client.post(
        JOBS, data=pieces, headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}
    )
    assert "Content-Length" not in answer.request.headers
    assert words(client.finished(accepted(answer))["text"]) == "page one"


@pytest.mark.parametrize("quoted", [True, False])
def test_the_boundary_may_be_quoted(client: Client, quoted: bool) -> None:
    boundary, body = form(IMAGE)
    mark = '"' if quoted else ""
    content_type = f"multipart/form-data; charset=utf-8; boundary={mark}{boundary}{mark}"
    answer = client.post(JOBS, data=body, headers={"Content-Type": content_type})
    assert words(client.finished(accepted(answer))["text"]) == "page one"


def test_a_client_that_asks_before_it_sends_is_told_to_go_on(client: Client) -> None:
    """Expect: 100-continue, which curl sends with larger files."""
    boundary, body = form(IMAGE)
    connection = http.client.HTTPConnection(str(urlsplit(client.url).netloc), timeout=60)
    connection.putrequest("POST", JOBS)
    for name, value in {
        "Authorization": f"Bearer {client.token}",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(len(body)),
        "Expect": "100-continue",
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    interim = b""
    while not interim.endswith(b"\r\n\r\n"):
        interim += connection.sock.recv(1)
    assert interim.startswith(b"HTTP/1.1 100")
    connection.send(body)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()


@pytest.mark.parametrize("cut", ["in the file", "before the last boundary"])
def test_a_form_that_was_broken_off_is_refused(client: Client, cut: str) -> None:
    boundary, body = form(IMAGE)
    end = body.index(IMAGE) + 100 if cut == "in the file" else body.rindex(f"--{boundary}".encode())
    answer = client.post(
        JOBS, data=body[:end], headers={"Content-Type": f"multipart/form-data; boundary={boundary}"}
    )
    assert answer.status_code == 400
    assert "uuid" not in answer.json()


def test_the_same_file_twice_makes_two_jobs(client: Client) -> None:
    first, second = (client.read(IMAGE, language="en") for _ in range(2))
    assert first["uuid"] != second["uuid"]
    assert first["text"] == second["text"]


def form(data: bytes) -> tuple[str, bytes]:
    """A boundary, and a form with the file, in English."""
    boundary = uuid.uuid4().hex
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="language"\r\n\r\nen\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="page.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    return boundary, head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
