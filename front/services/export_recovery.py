"""Exports that stand still are moved on, by the rules of jobs (see ``front.services.recovery``)."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from common import logs
from common.contracts import topology
from common.domain.export import BuildFailed, Export, ExportStatus, Failure, TaskLost
from common.domain.job_parts import JobStatus
from common.errors import FleetError, Unavailable
from common.ports import Backlog, ExportRepository, JobRepository
from front.services.export_tasks import ExportTasks
from front.services.recovery import MAX_FAILURES, Patience
from front.services.standstill import QuietQueues, Sighting, Sightings
from front.services.sweeping import sweeping

_QUEUES = (topology.EXPORT_QUEUE, *topology.RETRY_QUEUES, topology.TRACKING)

log = logs.get("export_recovery")


class ExportRecovery:
    """``clock`` is monotonic, in seconds."""

    def __init__(
        self,
        exports: ExportRepository,
        jobs: JobRepository,
        tasks: ExportTasks,
        backlog: Backlog,
        patience: Patience,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._exports = exports
        self._jobs = jobs
        self._tasks = tasks
        self._queues = QuietQueues(backlog)
        self._patience = patience
        self._clock = clock
        self._now = now
        self._sightings = Sightings[tuple[str, str]]()
        self._failures = Counter[tuple[str, str]]()

    async def run(self) -> None:
        """Sweep again and again, until cancelled."""
        await sweeping(self.sweep, self._patience.sweep_s, log)

    async def sweep(self) -> None:
        """Look at every export that is not settled. Raises Unavailable; the next sweep goes on."""
        now_s = self._clock()
        exports = {(export.job_id, export.name): export for export in await self._exports.unsettled()}
        if exports:
            await self._queues.look(now_s)
        versions = {key: export.version for key, export in exports.items()}
        self._failures = Counter({key: self._failures[key] for key in exports})
        for key, sighting in self._sightings.look(versions, now_s).items():
            if now_s - sighting.since_s >= self._patience.outstanding_s:
                await self._try(exports[key], sighting, now_s)

    async def _try(self, export: Export, sighting: Sighting, now_s: float) -> None:
        """One export that cannot be moved on must not keep the others waiting, nor wait for ever itself."""
        key = export.job_id, export.name
        try:
            if self._failures[key] >= MAX_FAILURES:
                await self._give_up(export)
            else:
                await self._move_on(export, sighting, now_s)
        except Unavailable:
            raise
        except Exception:
            self._failures[key] += 1
            tries = self._failures[key]
            log.exception("recovery_failed", job_id=export.job_id, export=export.name, tries=tries)

    async def _give_up(self, export: Export) -> None:
        error = FleetError()
        failure = Failure(error.code, error.message, self._now())
        await self._exports.save(export.apply(BuildFailed(export.ticket, failure)))

    async def _move_on(self, export: Export, sighting: Sighting, now_s: float) -> None:
        if export.status is ExportStatus.SENT:
            if not self._is_lost(sighting, now_s):
                return
            export = export.apply(TaskLost())
        claimed = await self._exports.save(export)
        if claimed is None:
            return
        log.warning("export_recovered", job_id=export.job_id, export=export.name)
        job = await self._jobs.get(export.job_id)
        if job is None or job.status is not JobStatus.DONE:
            await self._exports.discard(export.job_id)
            return
        await self._tasks.send(job, claimed)

    def _is_lost(self, sighting: Sighting, now_s: float) -> bool:
        """It is in no queue, nor can it be with a worker any more."""
        empty_since_s = self._queues.since_s(_QUEUES)
        return (
            empty_since_s is not None
            and now_s - max(sighting.since_s, empty_since_s) >= self._patience.sent_s
        )
