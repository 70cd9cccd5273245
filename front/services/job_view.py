"""A job as the API shows it."""

from datetime import timedelta
from typing import Any

from common.document.json_view import model_usage_view
from common.domain.job import Job
from common.domain.job_parts import JobStatus
from common.errors import sentence
from front.services.timestamps import timestamp

_HOUR = timedelta(hours=1)

NOTHING_FOUND: dict[str, Any] = {
    "text": None,
    "markdown": None,
    "pages": [],
    "translation": None,
    "extraction": None,
    "extraction_details": None,
}

View = dict[str, Any]


def job_head(job: Job) -> View:
    """All that is told of a job but what was found on its pages."""
    document = job.document
    is_failed = job.status is JobStatus.FAILED
    return {
        "uuid": job.id,
        "status": job.status.value,
        "tier": job.request.tier.value,
        "language": job.request.language,
        "page_count": job.page_count,
        "mean_confidence": document.mean_confidence if document else None,
        "detected_languages": list(document.detected_languages) if document else [],
        "tool": job.request.tool,
        "translate_to": job.request.translate_to,
        "filename": job.source.filename,
        "pages_done": job.pages_done,
        "failed_pages": [{"index": index, "code": job.failures[index]} for index in sorted(job.failures)],
        "usage": {"pages": job.pages_read, "credits": job.credits_charged, **_model_usage(job)},
        "error": sentence(job.error or "") if is_failed else None,
        "error_code": job.error if is_failed else None,
        "created_at": timestamp(job.created_at),
        "finished_at": timestamp(job.finished_at),
        "expires_at": timestamp(job.expires_at),
        "retention": 0 if job.goes_once_fetched else job.retention // _HOUR,
    }


def job_summary(job: Job) -> View:
    """A job among others: in the same form, without what was found."""
    return {**job_head(job), **NOTHING_FOUND}


def _model_usage(job: Job) -> View:
    """What models took for the pages that were read, where there were any."""
    usage = job.document.usage if job.document else None
    return model_usage_view(usage) if usage else {}
