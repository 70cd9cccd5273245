"""A job as the API shows it."""

from datetime import UTC, datetime
from typing import Any

from common.domain.job import Job
from common.domain.job_parts import JobStatus, PageStatus
from common.errors import sentence

CREDITS_PER_PAGE = 1
NOTHING_FOUND: dict[str, Any] = {"text": None, "markdown": None, "pages": []}

View = dict[str, Any]


def job_head(job: Job) -> View:
    """All that is told of a job but ``text``, ``markdown`` and ``pages``."""
    pages_read = job.pages.count(PageStatus.READ)
    document = job.document
    return {
        "uuid": job.id,
        "status": job.status.value,
        "tier": job.request.tier.value,
        "language": job.request.language,
        "page_count": job.page_count,
        "mean_confidence": document.mean_confidence if document else None,
        "detected_languages": list(document.detected_languages) if document else [],
        "tool": job.request.tool,
        "translate_to": None,
        "translation": None,
        "extraction": None,
        "filename": job.source.filename,
        "pages_done": job.pages_done,
        "failed_pages": [{"index": index, "code": job.failures[index]} for index in sorted(job.failures)],
        "usage": {"pages": pages_read, "credits": pages_read * CREDITS_PER_PAGE},
        "error": _error(job),
        "created_at": _timestamp(job.created_at),
        "finished_at": _timestamp(job.finished_at),
        "expires_at": _timestamp(job.expires_at),
    }


def _error(job: Job) -> str | None:
    if job.status is not JobStatus.FAILED:
        return None
    return sentence(job.error or "")


def _timestamp(value: datetime | None) -> str | None:
    """ISO 8601 in UTC."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
