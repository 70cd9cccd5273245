"""Deleting: at once, whatever the job is doing, and nothing comes back."""

import secrets
from collections.abc import Callable, Sequence

import pytest
import requests
from pymongo import MongoClient

from tests import files
from tests.client import JOBS, Client, Job, accepted
from tests.conversing import answer_to
from tests.pages import numbered_pages
from tests.remains import Remains
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


def test_of_a_deleted_document_nothing_is_found_anywhere(stack: Stack, owner: Client) -> None:
    """Looked for by words that stand in it, in its name, in a question about it and in the request's key."""
    marks = [f"{kind}{''.join(secrets.choice('abcdefghkmnorstuvwxz') for _ in range(12))}" for kind in "tnqk"]
    in_text, in_name, in_question, in_key = marks
    lines = [f"The harbour of {in_text} is closed in winter.", "It opens again on 3 March."]
    sent = owner.post(
        JOBS,
        files={"file": (f"{in_name}.pdf", files.born_digital_pdf([lines]))},
        data={"translate_to": "de"},
        headers={"Idempotency-Key": in_key},
    )
    job = owner.finished(accepted(sent))
    assert in_text in job["text"] and job["translation"]["text"]
    for kind in ("txt", "json", "docx", "pdf", "csv", "hocr"):
        assert owner.download(job["uuid"], kind).status_code == 200
    assert owner.image(job["uuid"], 0).status_code == 200
    answer_to(owner, job, f"When does {in_question} open again?")

    remains = Remains(stack, job["uuid"], marks)
    assert {"jobs", "exports", "conversations", "claims", "fs.files", "fs.chunks"} <= (
        remains.collections_that_know_the_job()
    )
    assert {"jobs", "conversations", "claims", "fs.chunks"} <= remains.collections_with_marks()
    assert remains.files_that_know_the_job(), "the caches were looked for in the wrong place"

    assert owner.remove(job["uuid"]).status_code == 204
    assert_gone(owner, job)
    assert remains.collections_that_know_the_job() == {"jobs", "ledger"}, "the tombstone and the books"
    assert remains.collections_with_marks() == set()
    assert remains.files_that_know_the_job() == [] and remains.files_with_marks() == []
    assert remains.messages_with_marks() == []
    assert remains.metrics_with_marks() == []
