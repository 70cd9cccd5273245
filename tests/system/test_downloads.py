"""The result as a file."""

import re
from urllib.parse import unquote

import pytest
import requests

from tests import files
from tests.accuracy import assert_reads
from tests.client import JOBS, Client, Job
from tests.pages import draw_sheet, numbered_pages, paragraphs
from tests.system.judging import check_job, check_problem

SHEETS = [draw_sheet(paragraphs(seed=2)), numbered_pages(1, first=2)[0]]
PNG = files.png(numbered_pages(1)[0].image)


@pytest.fixture(scope="module")
def job(client: Client) -> Job:
    return client.read(files.scanned_pdf([sheet.image for sheet in SHEETS]), "report.pdf", language="en")


@pytest.mark.parametrize(
    ("file_format", "content_type"),
    [("txt", "text/plain"), ("md", "text/markdown"), ("json", "application/json")],
)
def test_a_download_says_what_it_is_and_how_it_is_called(
    client: Client, job: Job, file_format: str, content_type: str
) -> None:
    answer = client.download(job["uuid"], file_format)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == content_type
    assert name_of(answer.headers["Content-Disposition"]) == f"report.{file_format}"


def test_the_text_is_that_of_the_job_with_a_form_feed_between_pages(client: Client, job: Job) -> None:
    answer = client.download(job["uuid"], "txt")
    assert "charset=utf-8" in answer.headers["Content-Type"].lower()
    assert answer.content.decode() == job["text"]
    for sheet, page in zip(SHEETS, job["text"].split("\f"), strict=True):
        assert_reads(sheet.text, page)


def test_the_markdown_is_that_of_the_job_with_a_comment_where_a_page_begins(client: Client, job: Job) -> None:
    answer = client.download(job["uuid"], "md")
    assert "charset=utf-8" in answer.headers["Content-Type"].lower()
    first, second = answer.content.decode().split("\n\n<!-- page 2 -->\n\n")
    assert [first, second] == [page["markdown"] for page in job["pages"]]
    assert f"{first}\n\n{second}" == job["markdown"]
    assert_reads(" ".join(sheet.text for sheet in SHEETS), job["markdown"])


def test_the_json_is_the_job_with_every_word(client: Client, job: Job) -> None:
    saved = client.download(job["uuid"], "json").json()
    check_job(saved)
    for page in saved["pages"]:
        for block in page["blocks"]:
            del block["lines"]
            block.pop("words", None)
    assert saved == job


@pytest.mark.parametrize("query", ["", "?format=", "?format=exe", "?format=TXT.exe", "?format=../txt"])
def test_a_missing_or_unknown_format_is_refused_and_the_known_ones_named(
    client: Client, job: Job, query: str
) -> None:
    body = check_problem(client.get(f"{JOBS}{job['uuid']}/download/{query}"), 400, "invalid_field")
    for name in ("txt", "md", "docx", "pdf", "csv", "json"):
        assert name in body["error"]


@pytest.mark.parametrize(
    ("sent", "saved"),
    [
        ("Rechnung März.pdf", "Rechnung März.txt"),
        ("日本語の請求書.pdf", "日本語の請求書.txt"),
        ("two  blanks; and, commas.pdf", "two  blanks; and, commas.txt"),
        ("100% sure.pdf", "100% sure.txt"),
        ("it's (final) [v2] & more.pdf", "it's (final) [v2] & more.txt"),
        ("archive.tar.gz", "archive.tar.txt"),
        ("no extension", "no extension.txt"),
        ("../../etc/passwd", "passwd.txt"),
        ("C:\\Users\\me\\scan.pdf", "scan.txt"),
    ],
)
def test_odd_names_come_back_whole(client: Client, sent: str, saved: str) -> None:
    answer = download_of(client, sent)
    assert name_of(answer.headers["Content-Disposition"]) == saved


@pytest.mark.parametrize(
    "sent", ['a"b.pdf', "a\r\nX-Evil: 1.pdf", "a\x00b.pdf", "\u202eexe.pdf", "." * 9, " "]
)
def test_hostile_names_do_no_harm(client: Client, sent: str) -> None:
    answer = download_of(client, sent)
    assert answer.status_code == 200
    assert "X-Evil" not in answer.headers
    assert name_of(answer.headers["Content-Disposition"]).endswith(".txt")


def test_a_very_long_name_is_cut(client: Client) -> None:
    answer = download_of(client, "long" * 1000 + ".pdf")
    name = name_of(answer.headers["Content-Disposition"])
    assert len(name) <= 255 and name.endswith(".txt")


def download_of(client: Client, filename: str) -> requests.Response:
    job = client.read(PNG, filename, language="en")
    return client.download(job["uuid"], "txt")


def name_of(disposition: str) -> str:
    """The file name as a browser takes it from the header (RFC 6266): the encoded one first."""
    kind, _, parameters = disposition.partition(";")
    assert kind == "attachment"
    encoded = re.search(r"filename\*=UTF-8''([^;\s]+)", parameters)
    plain = re.search(r'filename="([^"\\]+)"', parameters)
    assert plain and plain[1].isascii(), disposition
    return unquote(encoded[1], errors="strict") if encoded else plain[1]
