"""A job's progress as server-sent events."""

import itertools
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from tests import files
from tests.client import JOBS, Client, Event, Job, accepted
from tests.pages import blank_page, numbered_pages
from tests.system.judging import check_problem

PAGES = 30
LONG = files.scanned_pdf([sheet.image for sheet in numbered_pages(PAGES)])
MOST_STREAMS = 20


@pytest.fixture(scope="module")
def follower(new_account: Callable[[str], Client]) -> Client:
    return new_account("paid")


def submitted(client: Client) -> Job:
    return accepted(client.submit(LONG, "long.pdf", language="en"))


@pytest.fixture(scope="module")
def story(follower: Client) -> tuple[Job, list[Event]]:
    """A job and all events about it, heard as they happened."""
    job = submitted(follower)
    return job, list(follower.events(job["uuid"]))


def test_every_page_is_told_once_and_then_the_end(story: tuple[Job, list[Event]]) -> None:
    *pages, end = story[1]
    assert [event.kind for event in pages] == ["page"] * PAGES
    assert sorted(event.data["index"] for event in pages) == list(range(PAGES))
    assert [event.id for event in pages] == [str(position) for position in range(1, PAGES + 1)]
    assert [event.data["pages_done"] for event in pages] == list(range(1, PAGES + 1))
    assert {event.data["status"] for event in pages} == {"read"}
    assert {event.data["page_count"] for event in pages} == {PAGES}
    assert (end.kind, end.data["status"]) == ("done", "done")


def test_when_the_end_is_told_the_result_is_there(follower: Client, story: tuple[Job, list[Event]]) -> None:
    assert accepted(follower.job(story[0]["uuid"]))["status"] == "done"


@pytest.mark.parametrize("after", [0, 1, PAGES - 1, PAGES])
def test_a_client_that_comes_back_hears_the_rest_and_no_more(
    follower: Client, story: tuple[Job, list[Event]], after: int
) -> None:
    job, events = story
    assert list(follower.events(job["uuid"], after=str(after))) == events[after:]


def test_a_client_that_has_heard_the_end_is_told_to_stay_away(
    follower: Client, story: tuple[Job, list[Event]]
) -> None:
    job, events = story
    answer = follower.get(f"{JOBS}{job['uuid']}/events/", headers={"Last-Event-ID": events[-1].id})
    assert answer.status_code == 204


def test_a_stream_that_breaks_off_again_and_again_loses_and_repeats_nothing(follower: Client) -> None:
    job = submitted(follower)
    heard: list[Event] = []
    while not heard or heard[-1].kind == "page":
        stream = follower.events(job["uuid"], after=heard[-1].id if heard else None)
        heard += itertools.islice(stream, 4)
        stream.close()
    assert [event.id for event in heard] == [str(position) for position in range(1, PAGES + 2)]


def test_a_failed_page_is_told_with_its_reason(follower: Client) -> None:
    torn = files.torn_tiff([blank_page((400, 300))] * 3, torn=1)
    job = follower.read(torn, "torn.tiff", language="en")
    pages = {
        event.data["index"]: event.data for event in follower.events(job["uuid"]) if event.kind == "page"
    }
    assert {index: page["status"] for index, page in pages.items()} == {0: "read", 1: "failed", 2: "read"}
    assert pages[1]["code"] == job["failed_pages"][0]["code"] == "page_unreadable"


def test_a_canceled_job_s_stream_ends_with_that(follower: Client) -> None:
    job = submitted(follower)
    stream = follower.events(job["uuid"])
    next(stream)
    follower.cancel(job["uuid"])
    assert list(stream)[-1].kind == "canceled"


def test_a_deleted_job_s_stream_ends(follower: Client) -> None:
    job = submitted(follower)
    stream = follower.events(job["uuid"])
    next(stream)
    follower.remove(job["uuid"])
    assert all(event.kind == "page" for event in stream)


def test_the_stream_says_what_it_is(follower: Client, story: tuple[Job, list[Event]]) -> None:
    answer = follower.get(f"{JOBS}{story[0]['uuid']}/events/")
    assert answer.headers["Content-Type"] == "text/event-stream"
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "page one" not in answer.text


def test_nobody_else_is_told(stranger: Client, story: tuple[Job, list[Event]]) -> None:
    check_problem(stranger.get(f"{JOBS}{story[0]['uuid']}/events/"), 404, "not_found")


def test_the_streams_of_an_account_are_bounded(new_account: Callable[[str], Client]) -> None:
    anywhere = new_account("paid")
    client = anywhere.at(anywhere.url)  # each front counts its own
    very_long = files.scanned_pdf([numbered_pages(1)[0].image] * 400)
    job = accepted(client.submit(very_long, "long.pdf", language="en"))
    with ExitStack() as open_streams:
        for _ in range(MOST_STREAMS):
            stream = client.events(job["uuid"])
            open_streams.callback(stream.close)
            assert next(stream).kind == "page"
        refused = client.get(f"{JOBS}{job['uuid']}/events/")
        assert accepted(client.job(job["uuid"]))["status"] == "processing", "the job was too short"
        check_problem(refused, 429, "too_many_streams")
        assert int(refused.headers["Retry-After"]) > 0
    client.cancel(job["uuid"])
    assert list(client.events(job["uuid"]))[-1].kind == "canceled"
