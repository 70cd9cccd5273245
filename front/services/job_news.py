"""Telling of jobs: to the fronts, and to the partner whose account it is."""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson

from common import logs
from common.contracts import topology
from common.contracts.job_events import FailedPage, JobAnnounced, JobHint, JobRejected, Usage
from common.domain.job import Job
from common.domain.job_parts import Correspondence, JobStatus
from common.errors import (
    FleetError,
    InvalidField,
    NobodyListens,
    OutOfCredits,
    SourceMissing,
    Unavailable,
    sentence,
)
from common.ports import BlobStore, Publisher
from front.services.job_view import job_head

# The broker's own exchange, which leads to every queue by its name.
TO_A_QUEUE = ""

log = logs.get("job_news")


class JobNews:
    """``inline_bytes``: a result up to that size is told itself, to a partner who sent its file or asked
    after it. ``public_url`` is where callers find the API; without one they are told paths.
    """

    def __init__(self, publisher: Publisher, blobs: BlobStore, inline_bytes: int, public_url: str) -> None:
        self._publisher = publisher
        self._blobs = blobs
        self._inline_bytes = inline_bytes
        self._public_url = public_url.rstrip("/")

    async def tell(self, job: Job, what: str) -> None:
        """That the job was accepted, has new pages or has ended. Raises Unavailable."""
        announced = await self._announced(job, what)
        if what == JobStatus.DONE:
            await self._hint(job)
        await self._publish(announced, job.correspondence, job.id)

    async def _hint(self, job: Job) -> None:
        """Fronts read the job again anyway, so nothing waits for a hint that fails."""
        try:
            await self._publisher.publish(
                JobHint(job_id=job.id, account=job.account_id),
                topology.RESULTS,
                JobHint.routing_key,
                correlation_id=job.id,
            )
        except (NobodyListens, Unavailable) as error:
            log.warning("hint_failed", job_id=job.id, reason=error.message)

    async def reject(self, account_id: str, error: FleetError, correspondence: Correspondence | None) -> None:
        """That no job came of a partner's message. Raises Unavailable."""
        request_id = (correspondence.request_id if correspondence else "") or None
        rejected = JobRejected(
            account=account_id,
            request_id=request_id,
            code=error.code,
            error=error.message,
            field=error.field if isinstance(error, InvalidField) else None,
            **_standing(error),
        )
        await self._publish(rejected, correspondence, request_id or "")

    async def _publish(
        self, message: JobAnnounced | JobRejected, correspondence: Correspondence | None, default_id: str
    ) -> None:
        """A queue that takes nothing more is its owner's affair: it may not hold up the fleet."""
        correlation_id = (correspondence and correspondence.correlation_id) or default_id
        targets = [(topology.RESULTS, message.routing_key)]
        if correspondence and correspondence.reply_to:
            targets.append((TO_A_QUEUE, correspondence.reply_to))
        for exchange, key in targets:
            try:
                await self._publisher.publish(message, exchange, key, correlation_id=correlation_id)
            except NobodyListens:
                log.warning("news_refused", account_id=message.account, exchange=exchange)

    async def _announced(self, job: Job, what: str) -> JobAnnounced:
        announced = JobAnnounced(
            job_id=job.id,
            account=job.account_id,
            what=what,
            status=job.told_status,
            page_count=job.page_count,
            pages_done=job.pages_done,
            request_id=job.correspondence.request_id if job.correspondence else None,
        )
        if not job.status.is_terminal or what == "accepted":
            return announced
        return announced.model_copy(update=await self._end(job))

    async def _end(self, job: Job) -> Mapping[str, object]:
        is_failed, is_deleted = job.status is JobStatus.FAILED, job.status is JobStatus.DELETED
        return {
            "failed_pages": tuple(
                FailedPage(index=index, code=job.failures[index]) for index in sorted(job.failures)
            ),
            "usage": Usage(pages=job.pages_read, credits=job.credits_charged),
            "error": sentence(job.error or "") if is_failed else None,
            "error_code": job.error if is_failed else None,
            "result_url": None if is_deleted else f"{self._public_url}/api/v1/ocr/{job.id}/",
            "result": await self._result(job) if job.correspondence else None,
        }

    async def _result(self, job: Job) -> dict[str, Any] | None:
        """What the API shows of the job, where it is small enough; None too where it is deleted already."""
        if job.document is None:
            return None
        content = bytearray()
        try:
            async for chunk in self._blobs.read(job.document.key, 0, self._inline_bytes + 1):
                content += chunk
        except SourceMissing:
            return None
        return await asyncio.to_thread(self._inline, job, bytes(content))

    def _inline(self, job: Job, content: bytes) -> dict[str, Any] | None:
        if len(content) > self._inline_bytes:
            return None
        result = {**job_head(job), **orjson.loads(content)}
        return result if len(orjson.dumps(result)) <= self._inline_bytes else None


def _standing(error: FleetError) -> dict[str, Any]:
    """How an account stands that has too few credits."""
    return error.account if isinstance(error, OutOfCredits) else {}
