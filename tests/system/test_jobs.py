"""The job: when it is answered, what is in it before and at its end."""

import pytest

from tests import files
from tests.accuracy import assert_reads
from tests.client import JOBS, Client, Job, accepted, words
from tests.pages import blank_page, draw_sheet, numbered_pages, paragraphs
from tests.system.judging import check_job, check_problem

LONG_PAGES = 120


def pdf_of(count: int) -> bytes:
    return files.scanned_pdf([sheet.image for sheet in numbered_pages(count)])


@pytest.mark.parametrize("page_count", [1, 5])
def test_up_to_five_pages_are_answered_when_they_are_done(client: Client, page_count: int) -> None:
    response = client.submit(pdf_of(page_count), "short.pdf", language="en")
    job = response.json()
    assert response.status_code == 200
    check_job(job)
    assert job["status"] == "done"
    assert job["page_count"] == page_count
    assert response.headers["Location"].endswith(f"{JOBS}{job['uuid']}/")
    assert accepted(client.job(job["uuid"])) == job


def test_six_pages_are_answered_at_once_and_finished_later(client: Client) -> None:
    response = client.submit(pdf_of(6), "six.pdf", language="en")
    job = response.json()
    assert response.status_code == 202
    check_job(job)
    assert job["status"] in ("pending", "processing")
    assert response.headers["Location"].endswith(f"{JOBS}{job['uuid']}/")
    job = client.finished(job)
    check_job(job)
    assert [words(page["text"]) for page in job["pages"]] == [s.text for s in numbered_pages(6)]


def test_a_long_job_from_its_start_to_its_end(client: Client) -> None:
    job = accepted(client.submit(pdf_of(LONG_PAGES), "long.pdf", language="en"))
    assert job["page_count"] == LONG_PAGES
    early = client.download(job["uuid"], "txt")

    seen = list(client.watched(job))
    done = seen[-1]

    for state in (seen[0], seen[len(seen) // 2], done):
        check_job(state)
    check_problem(early, 409, "job_not_finished")
    counts = [state["pages_done"] for state in seen]
    assert counts == sorted(counts)
    assert len(set(counts)) > 2, "pages_done jumped from the start to the end"
    assert _texts(done) == [sheet.text for sheet in numbered_pages(LONG_PAGES)]
    assert done["usage"]["pages"] == LONG_PAGES
    assert client.download(job["uuid"], "txt").text == done["text"]


def test_a_second_long_job_does_not_wait_for_the_end_of_the_first(client: Client) -> None:
    first, second = (accepted(client.submit(pdf_of(40), "forty.pdf", language="en")) for _ in range(2))
    begun_before_the_end = False
    for state in client.watched(first):
        second = accepted(client.job(second["uuid"]))
        begun_before_the_end |= state["pages_done"] < 40 and second["pages_done"] > 0
    assert begun_before_the_end
    assert client.finished(second)["status"] == "done"


def test_a_blank_page_is_read_as_nothing(client: Client) -> None:
    job = client.read(files.png(blank_page()), "blank.png", language="en")
    check_job(job)
    assert job["status"] == "done"
    assert job["text"] == ""
    assert job["markdown"] == ""
    assert job["pages"][0]["text"] == ""
    assert job["pages"][0]["blocks"] == []
    assert client.download(job["uuid"], "txt").text == ""


def test_a_blank_page_between_others_keeps_its_place(client: Client) -> None:
    first, second = (sheet.image for sheet in numbered_pages(2))
    job = client.read(files.scanned_pdf([first, blank_page(), second]), "gap.pdf", language="en")
    check_job(job)
    assert _texts(job) == ["page one", "", "page two"]
    assert [words(text) for text in job["text"].split("\f")] == ["page one", "", "page two"]


def test_paragraphs_are_read_in_their_order(client: Client) -> None:
    sheet = draw_sheet(paragraphs(seed=4))
    job = client.read(files.png(sheet.image), language="en")
    check_job(job)
    assert_reads(sheet.text, job["text"])
    assert_reads(sheet.text, job["markdown"])
    assert job["mean_confidence"] > 0.85


def test_the_job_says_what_was_asked(client: Client) -> None:
    job = client.read(
        files.png(numbered_pages(1)[0].image), "invoice.png", tier="cpu", language="en", tool="image-to-text"
    )
    assert job["filename"] == "invoice.png"
    assert job["tier"] == "cpu"
    assert job["language"] == "en"
    assert job["tool"] == "image-to-text"
    assert job["usage"]["pages"] == 1


def test_tier_and_language_have_defaults(client: Client) -> None:
    job = client.read(files.png(numbered_pages(1)[0].image))
    check_job(job)
    assert (job["tier"], job["language"], job["tool"]) == ("cpu", "auto", None)
    assert words(job["text"]) == "page one"


def test_chosen_pages_alone_are_read(client: Client) -> None:
    response = client.submit(pdf_of(9), "nine.pdf", language="en", pages="2-3,7")
    assert response.status_code == 200, "three chosen pages are a short job"
    job = response.json()
    check_job(job)
    assert job["page_count"] == 3
    assert _texts(job) == ["page two", "page three", "page seven"]
    assert [page["index"] for page in job["pages"]] == [0, 1, 2]
    assert [page["source_page"] for page in job["pages"]] == [2, 3, 7]
    assert job["usage"]["pages"] == 3


def _texts(job: Job) -> list[str]:
    return [words(page["text"]) for page in job["pages"]]
