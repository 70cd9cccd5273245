"""A job's progress as server-sent events, over real sockets."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from common.domain.job_parts import JobStatus
from common.errors import AccountSuspended, FleetError, StoreUnavailable, Unauthorized
from front.http.handlers import events
from front.services.progress import JobEnded, PageSettled
from front.settings import FrontSettings
from tests.fakes.front import API, Front, running_front
from tests.fakes.samples import JOB_ID, job
from tests.fakes.services import FREE, done_job

EVENTS = f"{API}{JOB_ID}/events/"
LONG_S = 60


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with running_front(FrontSettings(front_port=0, spool_dir=tmp_path, drain_s=LONG_S)) as started:
        started.services.jobs.jobs[JOB_ID] = job(2, account_id="paid")
        started.services.progress.news = [[PageSettled(1, 0, 2, None)], []]
        yield started


@contextmanager
def stream(front: Front, **headers: str) -> Iterator[requests.Response]:
    """An open stream whose news have been told; no more come."""
    with front.get(EVENTS, headers=headers, stream=True) as answer:
        front.wait_for(front.services.progress.asked)
        yield answer


def test_events_are_sent_as_they_happen_and_end_with_the_job(front: Front) -> None:
    with stream(front) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Accel-Buffering"] == "no"
        lines = answer.iter_lines(decode_unicode=True)
        told = [next(lines) for _ in range(8)]
        assert told[0].startswith("retry: ")
        assert told[2:4] == ["id: 1", "event: page"]
        assert told[6].startswith(":")
        front.in_loop(front.services.progress.goes_on.set)
        assert list(lines) == []


@pytest.mark.parametrize("error", [Unauthorized(), AccountSuspended()])
def test_a_stream_ends_when_its_token_is_no_longer_valid(
    front: Front, monkeypatch: pytest.MonkeyPatch, error: FleetError
) -> None:
    monkeypatch.setattr(events, "ADMITTED_FOR_S", 0)
    front.services.progress.goes_on_with = [PageSettled(2, 1, 2, None)]
    with stream(front) as answer:
        front.services.tokens.error = error
        front.in_loop(front.services.progress.goes_on.set)
        assert "id: 2" not in answer.text


def test_a_stream_goes_on_while_nobody_knows_whether_its_token_is_valid(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "ADMITTED_FOR_S", 0)
    front.services.progress.goes_on_with = [PageSettled(2, 1, 2, None)]
    with stream(front) as answer:
        front.services.tokens.error = StoreUnavailable()
        front.in_loop(front.services.progress.goes_on.set)
        assert "id: 2" in answer.text


def test_the_end_of_the_job_is_the_last_event(front: Front) -> None:
    front.services.progress.news = [[JobEnded(3, JobStatus.DONE, 2, 2, None)]]
    front.in_loop(front.services.progress.goes_on.set)
    answer = front.get(EVENTS)
    assert answer.text.endswith(
        'id: 3\nevent: done\ndata: {"status":"done","pages_done":2,"page_count":2,"code":null}\n\n'
    )


def test_a_client_goes_on_where_it_was(front: Front) -> None:
    front.in_loop(front.services.progress.goes_on.set)
    for sent in ("1", "nonsense"):
        front.get(EVENTS, headers={"Last-Event-ID": sent})
    assert front.services.progress.after == [1, 0]


def test_whoever_has_seen_the_end_need_not_ask_again(front: Front) -> None:
    front.services.jobs.jobs[JOB_ID] = done_job()
    answer = front.get(EVENTS, headers={"Last-Event-ID": "3"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert front.services.progress.after == []


def test_an_account_may_have_so_many_streams_and_no_more(front: Front) -> None:
    front.services.progress.is_full = True
    answer = front.get(EVENTS)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_streams")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0


def test_nobody_else_is_told(front: Front) -> None:
    assert front.get(EVENTS, FREE).status_code == 404
    assert front.get(EVENTS, "wrong").status_code == 401


def test_a_client_that_goes_away_is_let_go(front: Front) -> None:
    with stream(front):
        pass
    front.wait_for(front.services.progress.left)


def test_a_server_that_stops_ends_its_streams_in_order(front: Front) -> None:
    with stream(front) as answer:
        front.in_loop(front.stopping.set)
        assert answer.text.startswith("retry: ")
    assert front.is_drained.wait(10)


def test_head_does_not_wait_for_the_job(front: Front) -> None:
    answer = front.ask("HEAD", EVENTS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream")
