"""A job as the API shows it."""

import asyncio
from dataclasses import replace

import orjson

from common.domain.job import Job
from common.domain.job_parts import JobStatus, PageStatus
from front.http.job_json import job_json
from front.services.job_view import job_head, job_summary
from tests.fakes.samples import JOB_ID, job
from tests.fakes.services import MARKDOWN, PAGES, TEXT, FakeJobs, done_job, failed_job

KEPT = {
    "uuid",
    "status",
    "tier",
    "language",
    "page_count",
    "mean_confidence",
    "text",
    "markdown",
    "pages",
}


def rendered(of: Job, jobs: FakeJobs | None = None, *, with_words: bool = False) -> dict[str, object]:
    async def collect() -> bytes:
        known = jobs or FakeJobs()
        known.opens.set()
        return b"".join([chunk async for chunk in job_json(of, known, with_words=with_words)])

    view: dict[str, object] = orjson.loads(asyncio.run(collect()))
    return view


def test_the_kept_fields_exist_in_every_status() -> None:
    for one in (job(), replace(job(), status=JobStatus.PROCESSING), done_job(), failed_job()):
        assert rendered(one).keys() >= KEPT


def test_an_unfinished_job_has_no_text_and_no_pages_yet() -> None:
    processing = replace(job(3), status=JobStatus.PROCESSING, settled=(1,), pages=b"srw")
    view = rendered(processing)
    assert (view["text"], view["markdown"], view["pages"]) == (None, None, [])
    assert (view["page_count"], view["pages_done"], view["mean_confidence"]) == (3, 1, None)
    assert view["usage"] == {"pages": 1, "credits": 1}
    assert (view["finished_at"], view["expires_at"]) == (None, None)
    assert (view["error"], view["error_code"]) == (None, None)


def test_a_finished_job_shows_what_was_found() -> None:
    view = rendered(done_job())
    assert (view["uuid"], view["status"], view["mean_confidence"]) == (JOB_ID, "done", 0.9)
    assert (view["text"], view["markdown"], view["pages"]) == (TEXT, MARKDOWN, PAGES)
    assert view["created_at"] == "2026-11-22T09:00:00.000Z"
    assert view["expires_at"] == "2026-11-23T09:00:00.000Z"


def test_it_does_not_matter_where_the_stored_document_is_cut() -> None:
    nothing = {"translation": None, "extraction": None, "extraction_details": None}
    whole = orjson.dumps({"pages": PAGES, "text": TEXT, "markdown": MARKDOWN, **nothing})
    for size in (1, 2, 7, len(whole)):
        chunks = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert rendered(done_job(), FakeJobs(chunks=chunks)) == rendered(done_job())


def test_words_are_shown_when_asked_for() -> None:
    view = rendered(done_job(), with_words=True)
    pages = view["pages"]
    assert isinstance(pages, list)
    assert [page["blocks"][0]["lines"] for page in pages] == [[{"words": []}]] * 2
    assert (view["text"], view["markdown"]) == (TEXT, MARKDOWN)


def test_a_failed_job_says_why_in_a_sentence() -> None:
    view = rendered(failed_job())
    assert (view["status"], view["text"], view["pages"]) == ("failed", None, [])
    assert view["error"] == "The engine took longer than its limit."
    assert view["error_code"] == "engine_timeout"
    assert view["usage"] == {"pages": 0, "credits": 0}


def test_failed_pages_are_listed_in_order_and_not_charged() -> None:
    one = done_job(pages=bytes([PageStatus.FAILED, PageStatus.READ]), failures={0: "engine_crashed"})
    head = job_head(one)
    assert head["failed_pages"] == [{"index": 0, "code": "engine_crashed"}]
    assert head["usage"] == {"pages": 1, "credits": 1}


def test_usage_tells_what_the_pages_cost_on_the_day_of_their_submission() -> None:
    assert job_head(done_job(credits_per_page=5))["usage"] == {"pages": 2, "credits": 10}


def test_a_summary_has_the_fields_of_a_job_without_what_was_found() -> None:
    summary, whole = job_summary(done_job()), rendered(done_job())
    assert summary.keys() == whole.keys()
    assert {**whole, "text": None, "markdown": None, "pages": []} == summary
