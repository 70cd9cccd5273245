"""Examples of what travels between partners and the fleet; those that partners send are sent in tests."""

from typing import Any, Final

from common.contracts.job_events import FailedPage, JobAnnounced, JobRejected, Usage
from common.contracts.message import Message

Example = dict[str, Any]

_ACCOUNT: Final = "acme"
_JOB: Final = "9f2c1b7e4a0d4c6b8e5f3a2d1c0b9a87"
_REQUEST: Final = "invoice-2026-0017"
_PROPERTIES: Final = {
    "user_id": f"partner.{_ACCOUNT}",
    "message_id": _REQUEST,
    "correlation_id": "order 4711",
}
# A picture whose bytes can be read: portable bitmap, https://netpbm.sourceforge.net/doc/pbm.html
_PICTURE: Final = "P1\n24 8\n" + "\n".join(" ".join("0" * 24) for _ in range(8)) + "\n"

FILE_PROPERTIES: Final[Example] = {**_PROPERTIES, "content_type": "image/x-portable-bitmap"}
JOB_PROPERTIES: Final[Example] = {**_PROPERTIES, "content_type": "application/json"}
SENT_FILE: Final[Example] = {
    "name": "file",
    "summary": "A picture, to be read as English and German",
    "headers": {"filename": "blank.pbm", "language": "en,de", "tier": "cpu"},
    "payload": _PICTURE,
}
NAMED_JOB: Final[Example] = {
    "name": "job",
    "summary": "Tell me of this job, which was sent over REST",
    "payload": {"job": _JOB},
}
REJECTED: Final[Example] = {
    "name": "rejected",
    "payload": JobRejected(
        account=_ACCOUNT,
        request_id=_REQUEST,
        code="invalid_field",
        error="Page 9 was asked for, but the file has 2.",
        field="pages",
    ).model_dump(mode="json", exclude_none=True),
}


def announced(what: str) -> Example:
    """An event of a job of two pages, the second of which could not be read."""
    return {"name": what, "payload": _payload(_JOBS[what])}


def _payload(message: Message) -> dict[str, Any]:
    return message.model_dump(mode="json", exclude_none=True)


def _job(what: str, status: str, pages_done: int, **told: Any) -> JobAnnounced:
    return JobAnnounced(
        job_id=_JOB,
        account=_ACCOUNT,
        what=what,
        status=status,
        page_count=2,
        pages_done=pages_done,
        request_id=_REQUEST,
        **told,
    )


def _end(pages_read: int, *failed: FailedPage) -> dict[str, Any]:
    return {
        "failed_pages": failed,
        "usage": Usage(pages=pages_read, credits=pages_read),
        "result_url": f"/api/v1/ocr/{_JOB}/",
    }


_UNREAD: Final = FailedPage(index=1, code="engine_timeout")
_JOBS: Final = {
    "accepted": _job("accepted", "pending", 0),
    "page": _job("page", "processing", 1),
    "done": _job("done", "done", 2, **_end(1, _UNREAD)),
    "failed": _job(
        "failed",
        "failed",
        2,
        **_end(0, FailedPage(index=0, code="engine_timeout"), _UNREAD),
        error="The engine took longer than its limit.",
        error_code="engine_timeout",
    ),
    "canceled": _job("canceled", "canceled", 1, **_end(1)),
}
