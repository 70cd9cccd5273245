"""``translate_to``: the text of either tier in another language, its layout kept."""

import csv
import io
from collections.abc import Iterator

import docx
import pytest

from tests import files
from tests.client import Client, Job, words
from tests.messages_server.server import MessagesServer
from tests.messages_server.translation import translated
from tests.pages import draw_sheet, numbered_pages
from tests.ruled_tables import draw_table
from tests.system.judging import check_job, check_problem

SHEETS = [draw_sheet(["The harbour lantern 17", "", "Winter evening 1848"]), *numbered_pages(1, first=2)]
PDF = files.scanned_pdf([sheet.image for sheet in SHEETS])
TABLE = files.png(draw_table([["Item", "Price"], ["Paper", "14"], ["Candles", "26"], ["Lanterns", "93"]]))
_PRICES = {"cpu": 1, "vlm": 5}


@pytest.fixture(scope="module", params=["cpu", "vlm"])
def job(client: Client, request: pytest.FixtureRequest) -> Job:
    return client.read(PDF, "letter.pdf", tier=request.param, language="en", translate_to="de")


@pytest.mark.live
def test_the_translation_stands_beside_the_text(job: Job) -> None:
    check_job(job)
    assert [words(page["text"]) for page in job["pages"]] == [words(sheet.text) for sheet in SHEETS]
    translation = job["translation"]
    assert (job["translate_to"], translation["language"], translation["failed_pages"]) == ("de", "de", [])
    assert translation["text"].count("\f") == 1
    assert words(translation["text"]) != words(job["text"])
    for number in ("17", "1848"):
        assert number in translation["text"] and number in translation["markdown"]


@pytest.mark.live
def test_a_translation_costs_no_credits_and_its_tokens_are_counted(job: Job) -> None:
    assert job["usage"]["credits"] == 2 * _PRICES[job["tier"]]
    assert job["usage"]["output_tokens"] > 0
    if job["tier"] == "vlm":
        assert job["usage"]["output_tokens"] > sum(page["usage"]["output_tokens"] for page in job["pages"])


def test_every_text_is_translated(job: Job) -> None:
    expected = [[part for part in sheet.lines if part] for sheet in SHEETS]
    pages = job["translation"]["text"].split("\f")
    for page, parts in zip(pages, expected, strict=True):
        assert words(page) == " ".join(translated(part, "de") for part in parts)


@pytest.mark.live
def test_downloads_come_in_the_language_too(client: Client, job: Job) -> None:
    def download(file_format: str, **options: str) -> bytes:
        answer = client.download(job["uuid"], file_format, **options)
        assert answer.status_code == 200, answer.text[:500]
        return answer.content

    translation = job["translation"]
    assert download("txt", translated="true").decode() == translation["text"]
    assert download("txt").decode() == job["text"]
    markdown = download("md", translated="true").decode()
    assert words(markdown).replace("<!-- page 2 --> ", "") == words(translation["markdown"])
    saved = client.download(job["uuid"], "json", translated="true").json()
    assert "\f".join(page["text"] for page in saved["pages"]) == translation["text"]
    document = docx.Document(io.BytesIO(download("docx", translated="true")))
    assert words(" ".join(part.text for part in document.paragraphs)) == words(translation["text"])
    rows = csv.DictReader(io.StringIO(download("csv", translated="true").decode(), newline=""))
    assert words(" ".join(row["text"] for row in rows)) == words(translation["text"])


def test_cells_of_a_table_are_translated_in_their_places(client: Client) -> None:
    job = client.read(TABLE, tool="translate", translate_to="fr", language="en")
    answer = client.download(job["uuid"], "csv", translated="true")
    rows = list(csv.reader(io.StringIO(answer.content.decode(), newline="")))
    assert rows == [
        ["[fr] metI", "[fr] ecirP"],
        ["[fr] repaP", "14"],
        ["[fr] seldnaC", "26"],
        ["[fr] snretnaL", "93"],
    ]


@pytest.mark.parametrize("tool", ["translate", "translate-image", "translate-pdf"])
def test_a_tool_that_translates_needs_a_language(client: Client, tool: str) -> None:
    body = check_problem(client.submit(PDF, "letter.pdf", tool=tool), 400, "invalid_field")
    assert body["field"] == "translate_to"


def test_a_download_of_a_translation_that_nobody_asked_for_is_refused(client: Client) -> None:
    job = client.read(PDF, "letter.pdf", language="en")
    assert job["translation"] is None
    answer = client.download(job["uuid"], "txt", translated="true")
    assert answer.status_code in (400, 409)
    check_problem(answer, answer.status_code, answer.json()["code"])


@pytest.fixture
def refusing(messages_server: MessagesServer) -> Iterator[MessagesServer]:
    messages_server.misbehave("refusal", times=None, containing="page two")
    yield messages_server


def test_a_page_that_cannot_be_translated_stays_as_it_was_read(
    client: Client, refusing: MessagesServer
) -> None:
    job = client.read(PDF, "letter.pdf", language="en", translate_to="de")
    assert (job["status"], job["failed_pages"]) == ("done", [])
    assert job["translation"]["failed_pages"] == [{"index": 1, "code": "model_refused"}]
    first, second = job["translation"]["text"].split("\f")
    assert words(second) == "page two"
    assert words(first).startswith("[de]")
