"""Deleting: at once, whatever the job is doing, and nothing comes back."""

from collections.abc import Callable, Sequence

import pytest
import requests
from pymongo import MongoClient

from tests import files
from tests.client import Client, Job, accepted
from tests.pages import numbered_pages
from tests.stack import Stack
from tests.system.judging import check_problem

SHORT = files.png(numbered_pages(1)[0].image)
LONG = files.scanned_pdf([sheet.image for sheet in numbered_pages(40)])


@pytest.fixture
def owner(new_account: Callable[[str], Client]) -> Client:
    return new_account("paid")


def everything_about(client: Client, uuid: str) -> Sequence[requests.Response]:
    return (
        client.job(uuid),
        client.download(uuid, "txt"),
        client.download(uuid, "json"),
        client.image(uuid, 0),
        client.get(f"/api/v1/ocr/{uuid}/events/"),
        client.cancel(uuid),
        client.remove(uuid),
    )


def assert_gone(client: Client, job: Job) -> None:
    for answer in everything_about(client, job["uuid"]):
        check_problem(answer, 404, "not_found")
    assert job["uuid"] not in [one["uuid"] for one in client.jobs().json()["jobs"]]


def stored_of(stack: Stack, uuid: str) -> int:
    """How many files and page texts of the job the databases hold."""
    with MongoClient[dict[str, object]](stack.mongo_url) as mongo:
        blobs = mongo["ocr_blobs"]["fs.files"].count_documents({"metadata.job_id": uuid})
        return blobs + mongo["ocr_jobs"]["pages"].count_documents({"_id": {"$regex": f"^{uuid}"}})


def test_a_finished_job_is_gone_at_once(stack: Stack, owner: Client) -> None:
    job = owner.read(SHORT, language="en")
    assert stored_of(stack, job["uuid"]) > 0
    answer = owner.remove(job["uuid"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert_gone(owner, job)
    assert stored_of(stack, job["uuid"]) == 0


def test_a_running_job_is_gone_at_once_and_stays_away(stack: Stack, owner: Client) -> None:
    job = accepted(owner.submit(LONG, "long.pdf", language="en"))
    job = next(state for state in owner.watched(job) if state["pages_done"])
    before = owner.account()["balance"]
    assert owner.remove(job["uuid"]).status_code == 204
    assert_gone(owner, job)
    assert owner.account()["balance"] > before, "what was not read is given back"
    assert owner.read(SHORT, language="en")["status"] == "done"
    assert_gone(owner, job)
    assert stored_of(stack, job["uuid"]) == 0


def test_a_canceled_job_can_be_deleted(owner: Client) -> None:
    job = accepted(owner.submit(LONG, "long.pdf", language="en"))
    accepted(owner.cancel(job["uuid"]))
    assert owner.remove(job["uuid"]).status_code == 204
    assert_gone(owner, job)


def test_nobody_else_can_delete(owner: Client, stranger: Client) -> None:
    job = owner.read(SHORT, language="en")
    check_problem(stranger.remove(job["uuid"]), 404, "not_found")
    check_problem(owner.remove("0" * 32), 404, "not_found")
    check_problem(owner.remove("nope"), 404, "not_found")
    assert accepted(owner.job(job["uuid"])) == job
