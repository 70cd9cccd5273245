"""Having a file built: the task of an export that is due."""

from pathlib import PurePosixPath

from common.contracts import topology
from common.contracts.tasks import ExportDocument
from common.domain.export import Export, TaskSent
from common.domain.job import Job
from common.ports import ExportRepository, Publisher
from front.services.jobs import document_of


class ExportTasks:
    def __init__(self, exports: ExportRepository, publisher: Publisher) -> None:
        self._exports = exports
        self._publisher = publisher

    async def send(self, job: Job, export: Export) -> None:
        """Publish the task, then save that it was sent, unless its result was quicker.

        Raises Unavailable half-way: the export stays due, for whoever recovers it.
        """
        task = _task(job, export)
        await self._publisher.publish(task, topology.TASKS, topology.EXPORT_QUEUE, correlation_id=job.id)
        await self._exports.save(export.apply(TaskSent(export.ticket)))


def _task(job: Job, export: Export) -> ExportDocument:
    document = document_of(job)
    languages, transcript = document.detected_languages, document.transcript
    if export.request.translated and document.translation and job.request.translate_to:
        languages, transcript = (job.request.translate_to,), document.translation
    return ExportDocument(
        job_id=job.id,
        ticket=export.ticket,
        name=export.name,
        format=export.request.format,
        pdfa=export.request.pdfa,
        excel=export.request.excel,
        words_key=transcript.words_key,
        words_bytes=transcript.words_bytes,
        source_key=job.source.key,
        media_type=job.source.media_type,
        title=PurePosixPath(job.source.filename).stem,
        languages=languages,
        created_at=job.created_at,
        expires_at=export.expires_at,
    )
