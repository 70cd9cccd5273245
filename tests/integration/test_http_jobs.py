"""What can be asked of jobs over HTTP: all of them, their end, and how their pages look."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from common.errors import NotFound, OutOfCredits, PageNotShown
from common.ports import ImageFormat
from front.services.listing import Part
from front.settings import FrontSettings
from tests.fakes.front import API, Front, eventually, running_front
from tests.fakes.samples import JOB_ID, NOW, job
from tests.fakes.services import FREE, VISITOR, done_job

JOB = f"{API}{JOB_ID}/"
IMAGE = f"{JOB}pages/1/image/"


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with running_front(FrontSettings(front_port=0, spool_dir=tmp_path, inline_wait_s=0.1)) as started:
        started.services.jobs.jobs[JOB_ID] = job(2, account_id="paid")
        yield started


# --- all jobs -----------------------------------------------------------------------------------


def test_jobs_are_listed_without_what_was_found(front: Front) -> None:
    front.services.listing.parts = [Part([done_job(), job(3)], "next")]
    answer = front.get(API).json()
    assert answer["next_cursor"] == "next"
    assert [one["status"] for one in answer["jobs"]] == ["done", "pending"]
    for one in answer["jobs"]:
        assert (one["text"], one["markdown"], one["pages"]) == (None, None, [])
        assert one["uuid"] == JOB_ID


def test_limit_and_cursor_are_passed_on(front: Front) -> None:
    for query in ("", "?limit=1", "?limit=100&cursor=abc", "?cursor="):
        assert front.get(API.rstrip("/") + query).json() == {"jobs": [], "next_cursor": None}
    assert front.services.listing.asked == [
        ("paid", 20, None),
        ("paid", 1, None),
        ("paid", 100, "abc"),
        ("paid", 20, None),
    ]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "", "1.5", "9" * 99])
def test_a_limit_that_cannot_be_is_refused(front: Front, limit: str) -> None:
    answer = front.get(API, params={"limit": limit})
    assert (answer.status_code, answer.json()["field"]) == (400, "limit")


def test_files_are_still_posted_where_jobs_are_listed(front: Front) -> None:
    assert front.submit().status_code == 202
    assert front.ask("HEAD", API).status_code == 200


# --- cancel and delete --------------------------------------------------------------------------


def test_a_canceled_job_is_shown(front: Front) -> None:
    answer = front.ask("POST", f"{JOB}cancel/")
    assert (answer.status_code, answer.json()["status"], answer.json()["pages"]) == (200, "canceled", [])


def test_a_finished_job_cannot_be_canceled(front: Front) -> None:
    front.services.jobs.jobs[JOB_ID] = done_job()
    answer = front.ask("POST", f"{JOB}cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_already_finished")


def test_a_deleted_job_is_gone(front: Front) -> None:
    answer = front.ask("DELETE", JOB)
    assert (answer.status_code, answer.content) == (204, b"")
    assert front.services.withdrawal.deleted == [JOB_ID]
    assert front.ask("DELETE", JOB).status_code == front.get(JOB).status_code == 404


@pytest.mark.parametrize(("method", "path"), [("DELETE", JOB), ("POST", f"{JOB}cancel/"), ("GET", IMAGE)])
def test_nobody_else_may(front: Front, method: str, path: str) -> None:
    assert front.ask(method, path, FREE).status_code == 404
    assert front.services.withdrawal.deleted == []
    assert not front.services.jobs.jobs[JOB_ID].status.is_terminal


# --- what goes once it is fetched ---------------------------------------------------------------


def test_a_job_counts_as_fetched_once_its_end_or_a_download_was_delivered(front: Front) -> None:
    until = NOW + timedelta(minutes=1)
    front.services.jobs.jobs[JOB_ID] = done_job()
    front.services.fetching.until = until
    front.services.jobs.opens.set()
    front.services.exports.builds.set()
    for path in (
        JOB,
        f"{JOB}download/?format=txt",
        f"{JOB}download/?format=json",
        f"{JOB}download/?format=pdf",
    ):
        answer = front.get(path)
        assert answer.status_code == 200
        if "json" in answer.headers["Content-Type"]:
            assert answer.json()["expires_at"] == "2026-11-22T09:01:00.000Z"
        assert eventually(lambda: bool(front.services.fetching.ids))
        assert front.services.fetching.ids.pop() == JOB_ID


def test_what_was_only_looked_at_was_not_fetched(front: Front) -> None:
    front.services.jobs.jobs[JOB_ID] = done_job()
    front.services.jobs.opens.set()
    front.services.exports.builds.set()
    for path in (JOB, f"{JOB}download/?format=txt", f"{JOB}download/?format=pdf"):
        assert front.ask("HEAD", path).status_code == 200
    assert front.get(f"{JOB}download/?format=nothing").status_code == 400
    assert front.get(IMAGE).status_code == 200
    assert front.services.fetching.ids == []


# --- pages as pictures --------------------------------------------------------------------------


def test_a_page_is_sent_as_a_picture(front: Front) -> None:
    for query, content_type in (("", "image/png"), ("?width=300&format=webp", "image/webp")):
        answer = front.get(IMAGE + query)
        assert (answer.status_code, answer.content) == (200, b"picture")
        assert answer.headers["Content-Type"] == content_type
        assert answer.headers["Content-Length"] == "7"
    assert front.services.page_images.asked == [(1, 1000, ImageFormat.PNG), (1, 300, ImageFormat.WEBP)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?width=15", "width"),
        ("?width=2001", "width"),
        ("?width=x", "width"),
        ("?width=-100", "width"),
        ("?format=jpeg", "format"),
        ("?format=", "format"),
    ],
)
def test_a_picture_that_cannot_be_is_refused(front: Front, query: str, field: str) -> None:
    answer = front.get(IMAGE + query)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize("index", ["-1", "x", "1.0", "9" * 50, "²"])
def test_what_cannot_be_an_index_is_no_page(front: Front, index: str) -> None:
    assert front.get(f"{JOB}pages/{index}/image/").status_code == 404


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(PageNotShown("It is torn."), 422, "page_not_shown"), (NotFound("No such job."), 404, "not_found")],
)
def test_a_page_that_is_not_shown_says_why(front: Front, error: Exception, status: int, code: str) -> None:
    front.services.page_images.error = error  # type: ignore[assignment]
    answer = front.get(IMAGE)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"


# --- callers without a token --------------------------------------------------------------------


def test_a_visitor_may_submit_and_have_the_job(front: Front) -> None:
    answer = front.submit(token=None)
    assert answer.status_code == 202
    assert front.services.submission.received[0].account == VISITOR
    assert front.services.visitors.welcomed == [VISITOR.id]
    assert front.get(JOB, token=None).json()["uuid"] == answer.json()["uuid"]
    for method, path, status in (
        ("GET", IMAGE, 200),
        ("POST", f"{JOB}cancel/", 200),
        ("GET", f"{JOB}download/?format=txt", 409),
        ("DELETE", JOB, 204),
    ):
        assert front.ask(method, path, token=None).status_code == status


@pytest.mark.parametrize("path", [API, "/api/v1/account/"])
def test_a_visitor_has_no_list_and_no_account(front: Front, path: str) -> None:
    answer = front.get(path, token=None)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/api/v1/tools/", "/api/v1/plans/", "/livez", "/readyz"])
def test_what_is_public_needs_no_token(front: Front, path: str) -> None:
    assert front.get(path, token=None).status_code == 200


def test_somebody_with_a_token_is_no_visitor(front: Front) -> None:
    front.submit()
    assert front.services.visitors.networks == front.services.visitors.welcomed == []
    for headers, query in (({"Authorization": "Bearer"}, ""), ({}, "?api_token=")):
        assert front.get(JOB + query, token=None, headers=headers).status_code == 401


def test_visitors_are_told_apart_by_their_address(front: Front) -> None:
    front.get(JOB, token=None, headers={"X-Forwarded-For": "192.0.2.7"})
    assert front.services.visitors.networks == ["127.0.0.1"]


def test_behind_a_proxy_the_address_is_what_the_proxy_says(tmp_path: Path) -> None:
    with running_front(FrontSettings(front_port=0, spool_dir=tmp_path, trusted_hops=1)) as front:
        front.get(JOB, token=None, headers={"X-Forwarded-For": "10.0.0.1, 192.0.2.7"})
        assert front.services.visitors.networks == ["192.0.2.7"]


def test_visitors_may_be_turned_away(tmp_path: Path) -> None:
    with running_front(FrontSettings(front_port=0, spool_dir=tmp_path, anonymous=False)) as front:
        for answer in (front.submit(token=None), front.get(JOB, token=None)):
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_a_visitor_is_told_what_is_left_and_when_there_is_more(front: Front) -> None:
    front.services.submission.no_credits = OutOfCredits(
        used=5, cap=5, needed=1, resets_at="2026-11-23T00:00:00Z"
    )
    answer = front.submit(token=None)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (402, "out_of_credits")
    assert (body["used"], body["cap"], body["resets_at"]) == (5, 5, "2026-11-23T00:00:00Z")
    assert front.services.visitors.welcomed == []
