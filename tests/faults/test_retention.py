"""Jobs whose time is over: gone, whatever happened meanwhile, but not while somebody reads them."""

import json
import secrets
import socket
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient

from tests import files
from tests.client import JOBS, Client
from tests.pages import numbered_pages
from tests.stack import Stack
from tests.system.judging import check_problem
from tests.system.test_deletion import stored_of
from tests.text_pdfs import long_pdf

IMAGE = files.png(numbered_pages(1)[0].image)
GRACE_S = 5  # of the hasty stack
PAGE_COUNT = 100
LIMIT_S = 60
_SMALL_BYTES = 4096

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def stack(hasty_stack: Stack) -> Stack:
    return hasty_stack


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    return stack.client(stack.account(f"retention-{secrets.token_hex(4)}"))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def until_gone(stack: Stack, client: Client, uuid: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while client.job(uuid).status_code != 404 or stored_of(stack, uuid):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_job_is_kept_as_long_as_was_asked(client: Client) -> None:
    job = client.read(IMAGE, language="en", retention="2")
    assert instant(job["expires_at"]) - instant(job["finished_at"]) == timedelta(hours=2)
    assert job["retention"] == 2
    most = client.account()["limits"]["max_retention_hours"]
    body = check_problem(client.submit(IMAGE, retention=str(most + 1)), 400, "invalid_field")
    assert body["field"] == "retention" and str(most) in body["error"]


def test_a_job_that_goes_once_fetched_can_be_downloaded_and_is_gone_soon(
    stack: Stack, client: Client
) -> None:
    job = client.read(IMAGE, language="en", retention="0")
    left = instant(job["expires_at"]) - datetime.now(UTC)
    assert job["status"] == "done" and left <= timedelta(seconds=GRACE_S)
    assert client.download(job["uuid"], "docx").status_code == 200
    until_gone(stack, client, job["uuid"])


def test_a_job_that_expires_while_the_database_is_away_is_gone_when_that_is_back(
    stack: Stack, client: Client
) -> None:
    job = client.read(IMAGE, language="en")
    with MongoClient[dict[str, object]](stack.mongo_url) as mongo:
        soon = datetime.now(UTC) + timedelta(seconds=1)
        mongo["ocr_jobs"]["jobs"].update_one({"_id": job["uuid"]}, {"$set": {"expires_at": soon}})
    with stack.without("secantus"):
        time.sleep(1)
    until_gone(stack, client, job["uuid"])


def test_a_download_that_has_begun_is_whole_though_its_job_is_deleted(stack: Stack, client: Client) -> None:
    job = client.read(long_pdf(PAGE_COUNT), "long.pdf", LIMIT_S)
    whole = client.download(job["uuid"], "json").content
    connection = slowly_reading(stack.url)
    connection.request(
        "GET",
        f"{JOBS}{job['uuid']}/download/?format=json",
        headers={"Authorization": f"Bearer {client.token}"},
    )
    answer = connection.getresponse()
    begun = answer.read(_SMALL_BYTES)
    assert client.remove(job["uuid"]).status_code == 204
    assert stored_of(stack, job["uuid"]) == 0
    assert json.loads(begun + answer.read()) == json.loads(whole)
    connection.close()


def slowly_reading(url: str) -> HTTPConnection:
    """So that what is sent is not all on its way before the first of it is read."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=LIMIT_S)
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BYTES)
    connection.sock.settimeout(LIMIT_S)
    connection.sock.connect((address.hostname, address.port))
    return connection
