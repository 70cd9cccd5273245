"""Who may ask: tokens in the header and in the query, and each account for its own jobs alone."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests import files
from tests.client import JOBS, Client, Job, accepted
from tests.pages import numbered_pages
from tests.stack import Stack
from tests.system.judging import check_problem

IMAGE = files.png(numbered_pages(1)[0].image)
WRONG_TOKEN = "ocr_" + "x" * 43


@pytest.fixture(scope="module")
def job(client: Client) -> Job:
    return client.read(IMAGE, "mine.png", language="en")


@pytest.fixture
def nobody(stack: Stack) -> Client:
    return stack.client(token=None)


def test_the_token_may_be_in_the_query(nobody: Client, client: Client, job: Job) -> None:
    token = {"api_token": str(client.token)}
    sent = nobody.post(JOBS, params=token, files={"file": ("page.png", IMAGE)})
    assert accepted(sent)["status"] == "done"
    assert accepted(nobody.get(f"{JOBS}{job['uuid']}/", params=token))["uuid"] == job["uuid"]
    download = nobody.get(f"{JOBS}{job['uuid']}/download/", params={**token, "format": "txt"})
    assert download.text == job["text"]


def test_the_header_wins_over_the_query(stack: Stack, client: Client, job: Job) -> None:
    path = f"{JOBS}{job['uuid']}/"
    assert client.get(path, params={"api_token": WRONG_TOKEN}).status_code == 200
    wrong = stack.client(WRONG_TOKEN).get(path, params={"api_token": client.token})
    check_problem(wrong, 401, "unauthorized")


def test_the_scheme_may_be_written_in_any_case(nobody: Client, client: Client, job: Job) -> None:
    answer = nobody.get(f"{JOBS}{job['uuid']}/", headers={"Authorization": f"bearer {client.token}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("token", [WRONG_TOKEN, "", "ocr_", "ü", "a b", "x" * 5000])
def test_with_a_wrong_token_nothing_is_told(stack: Stack, job: Job, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}".encode()}
    asker = stack.client(token=None)
    path = f"{JOBS}{job['uuid']}/"
    answers = [
        asker.get(path, headers=headers),
        asker.get(f"{path}download/", params={"format": "txt"}, headers=headers),
        asker.post(JOBS, files={"file": ("page.png", IMAGE)}, headers=headers),
    ]
    for answer in answers:
        check_problem(answer, 401, "unauthorized")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_token_in_the_query_is_refused(nobody: Client, job: Job) -> None:
    answer = nobody.get(f"{JOBS}{job['uuid']}/", params={"api_token": WRONG_TOKEN})
    check_problem(answer, 401, "unauthorized")


def test_a_revoked_token_is_refused_at_once_and_another_of_the_account_is_not(stack: Stack) -> None:
    name = f"revoked-{secrets.token_hex(4)}"
    first, second = stack.account(name), stack.token(name)
    job = stack.client(first).read(IMAGE, language="en")
    stack.admin("token", "revoke", name, first[:10])
    check_problem(stack.client(first).job(job["uuid"]), 401, "unauthorized")
    assert stack.client(second).job(job["uuid"]).status_code == 200


def test_a_job_of_another_account_looks_like_none(client: Client, stranger: Client, job: Job) -> None:
    missing = "0" * 32
    for path in ("{}/", "{}/download/?format=txt", "{}/download/?format=docx"):
        theirs = stranger.get(JOBS + path.format(job["uuid"]))
        none = stranger.get(JOBS + path.format(missing))
        bodies = [check_problem(answer, 404, "not_found") for answer in (theirs, none)]
        for body in bodies:
            del body["request_id"]
        assert bodies[0] == bodies[1]
    assert client.job(job["uuid"]).status_code == 200


@pytest.mark.parametrize(
    "uuid", ["nope", "0" * 31, "0" * 33, "g" * 32, "%00" * 32, "..%2f..%2fetc", "$ne", "ü" * 32]
)
def test_a_malformed_uuid_is_no_job(client: Client, uuid: str) -> None:
    check_problem(client.get(f"{JOBS}{uuid}/"), 404, "not_found")
    check_problem(client.get(f"{JOBS}{uuid}/download/?format=txt"), 404, "not_found")


def test_a_uuid_in_capitals_is_no_job(client: Client, job: Job) -> None:
    check_problem(client.job(job["uuid"].upper()), 404, "not_found")


def test_tokens_and_text_are_in_no_log(stack: Stack, client: Client, nobody: Client) -> None:
    in_query = {"api_token": str(client.token)}
    secret = f"{secrets.token_hex(6)}.png"
    sheet = numbered_pages(1, first=77)[0]
    sent = nobody.post(JOBS, params=in_query, files={"file": (secret, files.png(sheet.image))})
    job = accepted(sent)
    nobody.get(f"{JOBS}{job['uuid']}/", params=in_query)
    nobody.get(f"{JOBS}{job['uuid']}/", params={"api_token": WRONG_TOKEN})
    nobody.get(f"{JOBS}nope/", params=in_query)
    logs = "".join(log_texts(stack))
    assert job["uuid"] in logs, "the logs were looked for in the wrong place"
    for hidden in (str(client.token), WRONG_TOKEN, "api_token=", secret, "seventy seven"):
        assert hidden not in logs


def test_a_token_is_not_echoed(client: Client, nobody: Client) -> None:
    answers: list[requests.Response] = [
        nobody.get("/api/v1/nothing/", params={"api_token": str(client.token)}),
        nobody.get(f"{JOBS}nope/", params={"api_token": str(client.token)}),
        nobody.post(JOBS, params={"api_token": str(client.token)}),
    ]
    for answer in answers:
        assert answer.status_code >= 400
        assert str(client.token) not in answer.text + str(answer.headers)


def log_texts(stack: Stack) -> Iterator[str]:
    for folder in {process.log.parent for process in stack.processes()}:
        for log in Path(folder).iterdir():
            yield log.read_text(errors="replace")
