"""Canceling: soon, for good, and without paying for what was not read."""

from collections.abc import Callable

import pytest

from tests import files
from tests.client import Client, Job, accepted
from tests.pages import numbered_pages
from tests.system.judging import check_job, check_problem

PAGES = 80
LONG = files.scanned_pdf([sheet.image for sheet in numbered_pages(PAGES)])
SHORT = files.png(numbered_pages(1)[0].image)


@pytest.fixture
def canceler(new_account: Callable[[str], Client]) -> Client:
    return new_account("paid")


def begun(client: Client) -> Job:
    """A long job of which something was read already."""
    job = accepted(client.submit(LONG, "long.pdf", language="en"))
    return next(state for state in client.watched(job) if state["pages_done"])


def test_a_running_job_is_canceled_and_stays_so(canceler: Client) -> None:
    job = begun(canceler)
    canceled = accepted(canceler.cancel(job["uuid"]))
    check_job(canceled)
    assert canceled["status"] == "canceled"
    assert 0 < canceled["pages_done"] < PAGES
    assert canceled["finished_at"] and canceled["expires_at"]
    follower = canceler.read(SHORT, language="en")  # what was on its way has arrived when this is read
    assert follower["status"] == "done"
    assert accepted(canceler.job(job["uuid"])) == canceled


def test_what_was_not_read_is_given_back(canceler: Client) -> None:
    before = canceler.account()["balance"]
    job = begun(canceler)
    canceled = accepted(canceler.cancel(job["uuid"]))
    assert canceled["usage"]["credits"] == canceled["usage"]["pages"] < PAGES
    assert canceler.account()["balance"] == before - canceled["usage"]["credits"]


def test_canceling_again_is_harmless(canceler: Client) -> None:
    job = begun(canceler)
    first, second = (accepted(canceler.cancel(job["uuid"])) for _ in range(2))
    assert first == second


def test_a_canceled_job_has_nothing_to_download(canceler: Client) -> None:
    job = begun(canceler)
    canceler.cancel(job["uuid"])
    check_problem(canceler.download(job["uuid"], "txt"), 409, "job_has_no_result")


def test_a_finished_job_cannot_be_canceled(canceler: Client) -> None:
    job = canceler.read(SHORT, language="en")
    check_problem(canceler.cancel(job["uuid"]), 409, "job_already_finished")
    assert accepted(canceler.job(job["uuid"])) == job


def test_nobody_else_can_cancel(canceler: Client, stranger: Client) -> None:
    job = begun(canceler)
    check_problem(stranger.cancel(job["uuid"]), 404, "not_found")
    check_problem(canceler.cancel("0" * 32), 404, "not_found")
    assert accepted(canceler.cancel(job["uuid"]))["status"] == "canceled"
