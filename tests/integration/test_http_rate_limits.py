"""What a client is told of its quotas, and what it gets once they are used up."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from prometheus_client import REGISTRY

from common.errors import Overloaded, TooManyJobs
from front.settings import FrontSettings
from tests.fakes import plans
from tests.fakes.front import API, Front, running_front
from tests.fakes.samples import JOB_ID
from tests.fakes.services import ACCOUNTS, FREE, PAID, SUSPENDED, done_job

ALLOWED = 6  # so that the next one comes back after ten seconds
NARROW = replace(ACCOUNTS[FREE], plan=plans.FREE.model_copy(update={"requests_per_minute": ALLOWED}))
JOB = f"{API}{JOB_ID}/"


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    monkeypatch.setitem(ACCOUNTS, FREE, NARROW)
    settings = FrontSettings(
        front_port=0, spool_dir=tmp_path, requests_per_address=3, wrong_tokens_per_address=2
    )
    with running_front(settings) as started:
        started.services.jobs.jobs[JOB_ID] = done_job(account_id="free")
        yield started


def used_up(front: Front) -> requests.Response:
    answers = [front.get("/api/v1/account/", FREE) for _ in range(ALLOWED + 1)]
    assert [answer.status_code for answer in answers] == [200] * ALLOWED + [429]
    return answers[-1]


def test_an_answer_says_what_is_left(front: Front) -> None:
    first, second = (front.get("/api/v1/account/", FREE).headers for _ in range(2))
    assert first["RateLimit-Policy"] == f'"requests";q={ALLOWED};w=60'
    assert first["RateLimit"] == '"requests";r=5;t=10'
    assert re.fullmatch(r'"requests";r=4;t=(1[0-9]|20)', second["RateLimit"])


def test_too_many_requests_are_told_when_to_come_back(front: Front) -> None:
    answer = used_up(front)
    body = answer.json()
    assert (body["status"], body["code"]) == (429, "rate_limited")
    assert "6 a minute" in body["error"]
    assert 1 <= int(answer.headers["Retry-After"]) <= 10
    assert answer.headers["RateLimit-Policy"] == f'"requests";q={ALLOWED};w=60'
    assert answer.headers["RateLimit"] == f'"requests";r=0;t={answer.headers["Retry-After"]}'


def test_what_is_too_much_of_one_account_is_nothing_to_another(front: Front) -> None:
    used_up(front)
    assert front.get("/api/v1/account/", PAID).status_code == 200


def test_a_job_is_told_and_a_submission_is_not_when_requests_are_used_up(front: Front) -> None:
    used_up(front)
    answers = [front.get(JOB, FREE) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].headers["RateLimit-Policy"] == '"job";q=1200;w=60'
    for refused in (front.submit(FREE), front.get(f"{JOB}download/?format=txt", FREE)):
        assert refused.status_code == 429
    assert front.services.submission.received == []


def test_an_error_says_what_is_left_too(front: Front) -> None:
    answer = front.get(f"{JOB}download/?format=nothing", FREE)
    assert answer.status_code == 400
    assert answer.headers["RateLimit"].startswith('"requests";r=5;')


def test_wrong_tokens_are_always_401_and_after_too_many_none_is_looked_up_but_those_known(
    front: Front,
) -> None:
    assert front.get(JOB, FREE).status_code == 200
    before = refusals("too_many_wrong_tokens")
    assert [front.get(JOB, f"wrong-{index}").status_code for index in range(5)] == [401] * 5
    assert refusals("too_many_wrong_tokens") == before + 3
    assert front.get(JOB, FREE).status_code == 200
    refused = front.get("/api/v1/account/", PAID)
    assert (refused.status_code, refused.json()["code"]) == (401, "too_many_wrong_tokens")
    assert 20 <= int(refused.headers["Retry-After"]) <= 30
    assert "WWW-Authenticate" in refused.headers


@pytest.mark.parametrize("path", [f"{API}{'0' * 32}/", f"{JOB}?detail=x"])
def test_a_look_at_nothing_is_a_request(front: Front, path: str) -> None:
    statuses = [front.get(path, FREE).status_code for _ in range(ALLOWED + 1)]
    assert 429 not in statuses[:-1] and statuses[-1] == 429
    assert front.get(JOB, FREE).status_code == 200


def test_what_takes_no_account_is_counted_for_the_address(front: Front) -> None:
    answers = [front.get("/api/v1/languages/", token=None) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"address";q=3;w=60'


def test_requests_of_a_suspended_account_are_counted_for_the_address(front: Front) -> None:
    assert [front.get(JOB, SUSPENDED).status_code for _ in range(5)] == [403, 403, 403, 429, 429]
    assert front.get(JOB, FREE).status_code == 200


def test_probes_are_never_refused(front: Front) -> None:
    assert {front.get("/livez", token=None).status_code for _ in range(20)} == {200}


@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after"),
    [(TooManyJobs(), 429, "too_many_jobs", "5"), (Overloaded(), 503, "overloaded", "30")],
)
def test_who_cannot_submit_now_is_told_when(
    front: Front, error: TooManyJobs | Overloaded, status: int, code: str, retry_after: str
) -> None:
    front.services.submission.error = error
    before = refusals(code)
    answer = front.submit()
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Retry-After"] == retry_after
    assert refusals(code) == before + 1


def refusals(code: str) -> float:
    return REGISTRY.get_sample_value("ocr_refusals_total", {"code": code}) or 0
