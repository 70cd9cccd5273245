"""A short job that takes longer than an answer is held."""

import secrets

import pytest

from tests import files
from tests.accuracy import assert_reads
from tests.client import accepted
from tests.pages import scan
from tests.stack import Stack
from tests.system.judging import check_job


@pytest.fixture(scope="module")
def stack(hasty_stack: Stack) -> Stack:
    return hasty_stack


@pytest.mark.timeout(300)
def test_a_short_job_that_outlasts_the_wait_is_promised_and_ends_later(stack: Stack) -> None:
    client, sheet = stack.client(stack.account(f"waiting-{secrets.token_hex(4)}")), scan(seed=3)
    data = files.scanned_pdf([sheet.image] * 4, dpi=300)
    answer = client.submit(data, "long.pdf", language="en")
    assert answer.status_code == 202
    job = answer.json()
    check_job(job)
    assert job["status"] in ("pending", "processing")
    assert answer.headers["Location"].endswith(f"/{job['uuid']}/")
    job = accepted(client.get(answer.headers["Location"]))
    job = client.finished(job)
    check_job(job)
    assert job["status"] == "done"
    assert_reads(sheet.text, job["pages"][-1]["text"])
