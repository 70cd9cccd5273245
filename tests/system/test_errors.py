"""Errors and health: the same form everywhere, and a name for every request."""

import pytest

from tests import files
from tests.client import JOBS, Client
from tests.pages import numbered_pages
from tests.stack import Stack
from tests.system.judging import check_problem

IMAGE = files.png(numbered_pages(1)[0].image)


def test_every_answer_carries_a_request_id_of_its_own(stack: Stack, client: Client) -> None:
    job = client.read(IMAGE, language="en")
    answers = [
        client.submit(IMAGE, language="en"),
        client.submit(b""),
        client.job(job["uuid"]),
        client.job("nope"),
        client.download(job["uuid"], "txt"),
        client.download(job["uuid"], "exe"),
        client.get("/nothing"),
        client.get("/livez"),
        client.get("/readyz"),
        stack.client(None).job(job["uuid"]),
    ]
    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert all(ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    "path", ["/", "/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/ocr/", "/favicon.ico"]
)
def test_an_unknown_path_is_a_problem(client: Client, path: str) -> None:
    check_problem(client.get(path), 404, "not_found")


@pytest.mark.parametrize(("method", "path"), [("PUT", JOBS), ("PATCH", JOBS), ("POST", "/livez")])
def test_a_method_that_is_not_there_is_a_problem(client: Client, method: str, path: str) -> None:
    answer = client.session.request(method, client.url + path, timeout=60)
    check_problem(answer, 405, "method_not_allowed")


def test_an_error_is_no_job_for_a_client_that_reads_no_status_code(client: Client) -> None:
    """Existing clients look at ``status`` and ``uuid`` of whatever comes back."""
    for answer in (client.submit(b""), client.submit(IMAGE, tier="gpu"), client.job("nope")):
        body = answer.json()
        assert body["status"] not in ("pending", "processing", "done", "failed", "canceled")
        assert "uuid" not in body and "markdown" not in body


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/livez/", "/readyz/"])
def test_health_needs_no_token(stack: Stack, path: str) -> None:
    assert stack.client(None).get(path).status_code == 200
