"""What became of files that were to be built: the first result of each export is kept, others are removed."""

from collections.abc import Callable
from datetime import datetime

import structlog

from common import logs, metrics, tracing
from common.contracts.events import DocumentExported, ExportFailed
from common.contracts.tasks import ExportDocument
from common.domain.export import BuildFailed, Export, Failure, artefact_key, is_artefact
from common.domain.job_parts import JobStatus
from common.errors import ExportCrashed, Unavailable
from common.ports import BlobStore, Delivery, ExportRepository, JobRepository
from common.runtime.holding import until_available

ExportEvent = DocumentExported | ExportFailed

log = logs.get("export_results")


class ExportResults:
    def __init__(
        self,
        exports: ExportRepository,
        jobs: JobRepository,
        blobs: BlobStore,
        now: Callable[[], datetime],
    ) -> None:
        self._exports = exports
        self._jobs = jobs
        self._blobs = blobs
        self._now = now

    async def settle(self, delivery: Delivery, message: ExportEvent | ExportDocument) -> None:
        """Record it, then ack; a task that comes here is one that its workers never survived."""
        event = _died_of(message) if isinstance(message, ExportDocument) else message
        about = {"ocr.job_id": event.job_id, "ocr.export": event.name}
        with (
            structlog.contextvars.bound_contextvars(job_id=event.job_id, export=event.name),
            tracing.span("record export", tracing.Role.CONSUMER, about, carrier=delivery.trace),
        ):
            async for attempt in until_available():
                with attempt:
                    if delivery.is_lost:
                        return
                    await self._try(event)
        await delivery.ack()

    async def _try(self, event: ExportEvent) -> None:
        """A result that cannot be recorded must not end the tracking: its export is recovered."""
        try:
            await self._record(event)
        except Unavailable:
            raise
        except Exception:
            log.exception("event_failed")

    async def _record(self, event: ExportEvent) -> None:
        if isinstance(event, DocumentExported) and not is_artefact(event.key, event.job_id, event.name):
            log.error("key_refused", key=event.key)  # whoever tells it is no worker of ours
            return
        job = await self._jobs.get(event.job_id)
        if job is None or job.status is JobStatus.DELETED:
            await self._blobs.delete_all(event.job_id)  # also what a worker wrote that died before telling
            return
        export = await self._apply(event)
        if isinstance(event, DocumentExported) and not _is_kept(event, export):
            log.info("superseded")
            await self._blobs.delete(event.key)
        if export is not None:
            await self._remove_untold(event, export)

    async def _remove_untold(self, event: ExportEvent, export: Export) -> None:
        """What workers wrote that died before telling. Only what no other try can come to own any more: an
        export that is done stays so, and a ticket that has failed does.
        """
        if export.artefact is not None:
            every_try = artefact_key(export.job_id, export.name, "")
            await self._blobs.delete_under(every_try, keep=export.artefact.key)
        elif isinstance(event, ExportFailed):
            of_ticket = artefact_key(export.job_id, export.name, f"{event.ticket}/")
            await self._blobs.delete_under(of_ticket)

    async def _apply(self, event: ExportEvent) -> Export | None:
        """The export as stored after ``event``; None when it is no longer there."""
        while (export := await self._exports.get(event.job_id, event.name)) is not None:
            changed = export.apply(self._change(event))
            if changed is export:
                return export
            saved = await self._exports.save(changed)
            if saved is not None:
                return saved
        return None

    def _change(self, event: ExportEvent) -> DocumentExported | BuildFailed:
        if isinstance(event, DocumentExported):
            return event
        return BuildFailed(event.ticket, Failure(event.code, event.message, self._now()))


def _is_kept(event: DocumentExported, export: Export | None) -> bool:
    return export is not None and export.artefact is not None and export.artefact.key == event.key


def _died_of(task: ExportDocument) -> ExportFailed:
    metrics.EXPORTS.labels(task.format, ExportCrashed.code).inc()
    return ExportFailed(
        job_id=task.job_id,
        ticket=task.ticket,
        name=task.name,
        code=ExportCrashed.code,
        message=ExportCrashed().message,
    )
