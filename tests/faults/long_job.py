"""A job that takes long enough for something to go wrong meanwhile."""

from functools import cache

from tests import files
from tests.accuracy import assert_reads
from tests.client import Client, Job, accepted, progress
from tests.pages import Sheet, draw_sheet, number_in_words, paragraphs

PAGE_COUNT = 12
LIMIT_S = 90


def begun_job(client: Client, page_count: int = PAGE_COUNT) -> Job:
    """A job of which some pages are done and most are not."""
    pdf = files.scanned_pdf([sheet.image for sheet in _sheets(page_count)])
    job = accepted(client.submit(pdf, "long.pdf", language="en"))
    state = next(state for state in client.watched(job) if state["pages_done"] > 0)
    assert state["pages_done"] < page_count // 2, f"too late for a fault: {progress(state)}"
    return state


def check_all_pages(job: Job, page_count: int = PAGE_COUNT) -> None:
    assert job["status"] == "done", job["error"]
    assert job["failed_pages"] == []
    assert job["page_count"] == job["pages_done"] == job["usage"]["pages"] == page_count
    assert [page["index"] for page in job["pages"]] == list(range(page_count))
    for page, sheet in zip(job["pages"], _sheets(page_count), strict=True):
        assert_reads(sheet.text, page["text"])


@cache
def _sheets(page_count: int) -> tuple[Sheet, ...]:
    return tuple(
        draw_sheet([f"page {number_in_words(number)}", "", *paragraphs(seed=number)])
        for number in range(1, page_count + 1)
    )
