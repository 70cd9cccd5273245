"""Files made to break readers: each is read or refused, in time, and the service stays whole.

The files lie beside the checkout (``../shared/eval/hostile``), not in it; without them, nothing runs.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client
from tests.stack import CHECKOUT, Stack
from tests.system.judging import check_job

FOLDER = CHECKOUT.parent / "shared" / "eval" / "hostile"
MANIFEST = FOLDER / "manifest.jsonl"
ROWS: list[dict[str, Any]] = (
    [json.loads(line) for line in MANIFEST.read_text().splitlines()] if MANIFEST.exists() else []
)
REFUSALS = {"unsupported_type", "corrupt_file", "encrypted_file", "image_too_large", "too_many_pages"}


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_hostile_file_is_read_or_refused(client: Client, row: dict[str, Any]) -> None:
    path = FOLDER / row["file"]
    answer = client.submit(path.read_bytes(), path.name, language="en")
    if answer.status_code == 400:
        assert answer.json()["code"] in REFUSALS
        return
    job = client.finished(answer.json())
    check_job(job)
    assert job["status"] in ("done", "failed")


@pytest.mark.skipif(not ROWS, reason="the hostile files are not beside the checkout")
@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["class"] == "needs_password"], ids=lambda r: r["file"]
)
def test_a_file_that_needs_a_password_is_said_to(client: Client, row: dict[str, Any]) -> None:
    path = Path(FOLDER / row["file"])
    answer = client.submit(path.read_bytes(), path.name)
    assert (answer.status_code, answer.json()["code"]) == (400, "encrypted_file")


@pytest.mark.skipif(not ROWS, reason="the hostile files are not beside the checkout")
def test_nothing_has_died_of_it(stack: Stack) -> None:
    stack.wait_until_whole()
