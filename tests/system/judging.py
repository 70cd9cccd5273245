"""What every answer must look like, as ``api.md`` promises it."""

import re
from typing import Any

import requests

from tests.client import Job

UUID = re.compile(r"[0-9a-f]{32}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")
_STATUSES = {"pending", "processing", "done", "failed", "canceled"}
_ENGINES = {"text-layer", "tesseract", "pp-ocr", "vlm"}
_ROLES = {
    "heading", "paragraph", "list_item", "table", "caption", "header", "footer", "formula", "figure",
}  # fmt: skip
_KEPT_FIELDS = {
    "uuid", "status", "tier", "language", "page_count", "mean_confidence", "text", "markdown", "pages",
}  # fmt: skip
_OUR_FIELDS = {
    "detected_languages", "tool", "translate_to", "translation", "extraction", "filename", "pages_done",
    "failed_pages", "usage", "error", "error_code", "created_at", "finished_at", "expires_at",
}  # fmt: skip
_PROBLEM_FIELDS = {"type", "title", "status", "detail", "error", "code", "request_id"}


def check_job(job: Job) -> None:
    """A job in any status: every field is there, and of its type."""
    assert job.keys() >= _KEPT_FIELDS | _OUR_FIELDS
    assert UUID.fullmatch(job["uuid"])
    assert job["status"] in _STATUSES
    assert job["tier"] in ("cpu", "vlm")
    assert isinstance(job["language"], str)
    assert is_whole(job["page_count"]) and job["page_count"] >= 1
    assert is_whole(job["pages_done"]) and 0 <= job["pages_done"] <= job["page_count"]
    assert isinstance(job["detected_languages"], list)
    assert isinstance(job["failed_pages"], list)
    assert job["usage"].keys() >= {"pages", "credits"}
    assert _INSTANT.fullmatch(job["created_at"])
    if job["status"] == "done":
        _check_done(job)
    else:
        _check_without_result(job)


def _check_without_result(job: Job) -> None:
    assert job["text"] is None
    assert job["markdown"] is None
    assert job["pages"] == []
    assert job["mean_confidence"] is None
    if job["status"] in ("pending", "processing"):
        assert job["finished_at"] is None
        assert job["error"] is None


def _check_done(job: Job) -> None:
    assert isinstance(job["text"], str)
    assert isinstance(job["markdown"], str)
    assert _INSTANT.fullmatch(job["finished_at"]) and job["finished_at"] >= job["created_at"]
    assert _INSTANT.fullmatch(job["expires_at"]) and job["expires_at"] > job["finished_at"]
    assert job["error"] is None
    assert job["pages_done"] == job["page_count"]
    assert [page["index"] for page in job["pages"]] == list(range(job["page_count"]))
    assert job["text"] == "\f".join(page["text"] for page in job["pages"])
    assert job["mean_confidence"] is None or is_share(job["mean_confidence"])
    for page in job["pages"]:
        check_page(page)


def check_page(page: dict[str, Any]) -> None:
    assert isinstance(page["text"], str)
    assert isinstance(page["markdown"], str)
    assert is_whole(page["source_page"]) and page["source_page"] >= 1
    assert page["engine"] in _ENGINES
    assert page["rotation"] in (0, 90, 180, 270)
    assert isinstance(page["detected_languages"], list)
    assert isinstance(page["tables"], list)
    assert page["error"] is None
    assert page["confidence"] is None or is_share(page["confidence"])
    for block in page["blocks"]:
        assert block["text"].strip()
        assert block["role"] in _ROLES
        assert is_share(block["confidence"])
        check_inside(block["bbox"], page)


def check_inside(bbox: list[float], page: dict[str, Any]) -> None:
    x0, y0, x1, y1 = bbox
    assert 0 <= x0 < x1 <= page["width"], (bbox, page["width"])
    assert 0 <= y0 < y1 <= page["height"], (bbox, page["height"])


def check_problem(response: requests.Response, status: int, code: str) -> dict[str, Any]:
    """The error answer, checked, and its body: nothing in it may be taken for a job."""
    assert response.status_code == status, response.text[:500]
    assert response.headers["Content-Type"].partition(";")[0] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body.keys() >= _PROBLEM_FIELDS
    assert body["status"] == status and is_whole(body["status"])
    assert body["code"] == code, body
    assert body["request_id"] == response.headers["X-Request-Id"]
    assert not body.keys() & (_KEPT_FIELDS - {"status"})
    for name in ("type", "title", "detail", "error"):
        assert isinstance(body[name], str) and body[name], name
    assert "Traceback" not in response.text
    return body


def is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
