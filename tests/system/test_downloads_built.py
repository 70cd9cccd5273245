"""The result as a file that is built when somebody asks for it."""

import csv
import io
import subprocess
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from lxml import etree
from pymongo import MongoClient

from tests import files
from tests.client import JOBS, Client, Job, accepted
from tests.faults.ends import Logs
from tests.pages import numbered_pages
from tests.stack import Stack
from tests.system.judging import check_problem
from tests.system.test_downloads import name_of

SHEETS = numbered_pages(2)
PDF = files.scanned_pdf([sheet.image for sheet in SHEETS])
PNG = files.png(SHEETS[0].image)
LONG = files.scanned_pdf([sheet.image for sheet in numbered_pages(12)])
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BUILT = ("docx", "pdf", "csv", "hocr", "alto")
TOGETHER = 6


@pytest.fixture(scope="module")
def job(client: Client) -> Job:
    return client.read(PDF, "Rechnung März.pdf", language="en")


def built(client: Client, job: Job, file_format: str, **options: str) -> requests.Response:
    answer = client.download(job["uuid"], file_format, **options)
    assert answer.status_code == 200, answer.text[:500]
    assert answer.headers["Content-Length"] == str(len(answer.content))
    return answer


def text_of_word(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        return "".join(etree.fromstring(package.read("word/document.xml")).itertext())


def text_of_pdf(content: bytes) -> str:
    """As poppler reads it."""
    command = ("pdftotext", "-", "-")
    return subprocess.run(command, input=content, capture_output=True, check=True, timeout=30).stdout.decode()


def text_of_csv(content: bytes) -> str:
    head, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    assert head == ["page", "line", "text", "confidence"]
    return " ".join(row[2] for row in rows)


def text_of_hocr(content: bytes) -> str:
    return " ".join(etree.fromstring(content).itertext())


def text_of_alto(content: bytes) -> str:
    return " ".join(etree.fromstring(content).xpath("//@CONTENT"))


@pytest.mark.parametrize(
    ("file_format", "content_type", "ending", "text_of"),
    [
        ("docx", WORD, "docx", text_of_word),
        ("pdf", "application/pdf", "pdf", text_of_pdf),
        ("csv", "text/csv; charset=utf-8", "csv", text_of_csv),
        ("hocr", "application/xhtml+xml", "hocr", text_of_hocr),
        ("alto", "application/xml", "alto.xml", text_of_alto),
    ],
)
def test_a_built_file_says_what_it_is_and_holds_the_text(
    client: Client,
    job: Job,
    file_format: str,
    content_type: str,
    ending: str,
    text_of: Callable[[bytes], str],
) -> None:
    answer = built(client, job, file_format)
    assert answer.headers["Content-Type"] == content_type
    assert name_of(answer.headers["Content-Disposition"]) == f"Rechnung März.{ending}"
    for word in job["text"].split():
        assert word in text_of(answer.content)


def test_options_make_other_files(client: Client, job: Job) -> None:
    plain, excel = built(client, job, "csv").content, built(client, job, "csv", excel="true").content
    assert excel == b"\xef\xbb\xbf" + plain
    plain, archive = built(client, job, "pdf").content, built(client, job, "pdf", pdfa="true").content
    assert (b"pdfaid" in plain, b"pdfaid" in archive) == (False, True)


def test_a_file_is_built_once_however_many_ask_at_once(stack: Stack, client: Client) -> None:
    job = client.read(PNG, language="en")
    logs = Logs(stack)
    with ThreadPoolExecutor(TOGETHER) as pool:
        answers = list(pool.map(lambda _: built(client, job, "docx"), range(TOGETHER)))
    assert len({answer.content for answer in answers}) == 1
    for url in stack.urls:
        assert built(client.at(url), job, "docx").content == answers[0].content
    assert builds(logs, job) == 1
    assert len(artefacts(stack, job)) == 1


@pytest.mark.parametrize(
    ("query", "field", "named"),
    [
        ("format=docx&pdfa=true", "pdfa", "format=pdf"),
        ("format=pdf&excel=true", "excel", "format=csv"),
        ("format=txt&excel=true", "excel", "format=csv"),
        ("format=pdf&pdfa=maybe", "pdfa", "true or false"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    client: Client, job: Job, query: str, field: str, named: str
) -> None:
    body = check_problem(client.get(f"{JOBS}{job['uuid']}/download/?{query}"), 400, "invalid_field")
    assert body["field"] == field and named in body["error"]


@pytest.mark.parametrize("file_format", BUILT)
def test_nothing_is_built_of_a_job_that_has_not_ended_well(client: Client, file_format: str) -> None:
    job = accepted(client.submit(LONG, "long.pdf", language="en"))
    check_problem(client.download(job["uuid"], file_format), 409, "job_not_finished")
    accepted(client.cancel(job["uuid"]))
    check_problem(client.download(job["uuid"], file_format), 409, "job_has_no_result")
    client.remove(job["uuid"])


def test_nobody_else_gets_a_file(client: Client, stranger: Client, job: Job) -> None:
    assert built(client, job, "csv")
    check_problem(stranger.download(job["uuid"], "csv"), 404, "not_found")
    nobody = Client(client.urls)
    check_problem(nobody.download(job["uuid"], "csv"), 401, "unauthorized")


def test_a_visitor_gets_files_of_its_own_jobs(stack: Stack) -> None:
    visitor = Client(stack.urls, address="127.9.8.7")
    job = visitor.read(PNG, language="en")
    assert text_of_csv(built(visitor, job, "csv").content) == job["text"]
    assert visitor.remove(job["uuid"]).status_code == 204


def test_a_deleted_job_takes_its_files_along(stack: Stack, client: Client) -> None:
    job = client.read(PNG, language="en")
    for file_format in ("csv", "hocr"):
        assert built(client, job, file_format)
    assert len(artefacts(stack, job)) == 2
    assert client.remove(job["uuid"]).status_code == 204
    for file_format in ("csv", "alto"):
        check_problem(client.download(job["uuid"], file_format), 404, "not_found")
    assert artefacts(stack, job) == [] and exports(stack, job) == 0


def builds(logs: Logs, job: Job) -> int:
    """How often a worker has finished a file of the job."""
    lines = "".join(logs.written().values()).splitlines()
    return sum("document_exported" in line and job["uuid"] in line for line in lines)


def artefacts(stack: Stack, job: Job) -> list[str]:
    """The keys of the built files of the job that the database holds."""
    with MongoClient[dict[str, str]](stack.mongo_url) as mongo:
        found = mongo["ocr_blobs"]["fs.files"].find({"metadata.job_id": job["uuid"]}, {"_id": 1})
        return [one["_id"] for one in found if "/export/" in one["_id"]]


def exports(stack: Stack, job: Job) -> int:
    with MongoClient[dict[str, str]](stack.mongo_url) as mongo:
        return mongo["ocr_jobs"]["exports"].count_documents({"job_id": job["uuid"]})
