"""Jobs that end because somebody wants them to: canceled, deleted, or past their time."""

from collections.abc import Callable
from datetime import datetime, timedelta

from common import logs
from common.domain.job import Job
from common.domain.job_changes import CancelRequested, DeleteRequested
from common.domain.job_parts import JobStatus
from common.errors import JobAlreadyFinished, NotFound
from common.ports import ExportRepository, JobRepository, LocalCopies
from front.services.effects import Effects
from front.services.job_updates import JobUpdates
from front.services.jobs import NO_JOB
from front.services.sweeping import sweeping

LONGEST_CALL = timedelta(minutes=15)

log = logs.get("withdrawal")


class Withdrawal:
    """A job whose time is over is shown to nobody from then on. What there is of it is deleted ``last_call``
    later: who was about to read it can get hold of it. Where files of it are being built for somebody, they
    are waited for, but no longer than ``LONGEST_CALL``.

    ``last_call`` is longer than the pause between sweeps, so that each replica sees what is being built.
    """

    def __init__(
        self,
        jobs: JobRepository,
        exports: ExportRepository,
        updates: JobUpdates,
        effects: Effects,
        copies: LocalCopies,
        last_call: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._jobs = jobs
        self._exports = exports
        self._updates = updates
        self._effects = effects
        self._copies = copies
        self._last_call = last_call
        self._now = now
        self._called_until: dict[str, datetime] = {}

    async def cancel(self, job: Job) -> Job:
        """The canceled job; what was not read is given back. Canceling it again changes nothing.

        Raises JobAlreadyFinished, and NotFound when it was deleted meanwhile.
        """
        step = await self._updates.apply(job, [CancelRequested()])
        if step is None or not step.job.status.is_shown:
            raise NotFound(NO_JOB)
        if step.job.status is not JobStatus.CANCELED:
            raise JobAlreadyFinished()
        await self._effects.perform(step.job, step.effects)
        return step.job

    async def delete(self, job: Job) -> None:
        """Everything of the job is gone when this returns; a tombstone keeps late results away.

        What a running answer holds goes with that answer, what other hosts hold with their caches' next look.
        """
        step = await self._updates.apply(job, [DeleteRequested()])
        if step is not None:
            await self._effects.perform(step.job, step.effects)
        await self._copies.forget(job.id)

    async def run(self, sweep_s: float) -> None:
        """Delete what has expired, every ``sweep_s`` seconds, until cancelled."""
        await sweeping(self.sweep, sweep_s, log)

    async def sweep(self) -> None:
        """One look at all jobs whose time is over. Raises Unavailable; the next sweep goes on."""
        now = self._now()
        expired = await self._jobs.expired(now - self._last_call)
        building = {export.job_id for export in await self._exports.unsettled()} if expired else set()
        self._called_until = {
            job_id: now + self._last_call if job_id in building else self._called_until.get(job_id, now)
            for job_id in expired
        }
        for job_id in expired:
            job = await self._jobs.get(job_id)
            if job is not None:
                await self._end(job, now)

    async def _end(self, job: Job, now: datetime) -> None:
        if job.status is JobStatus.DELETED:
            await self._effects.clean_up(job)  # what processes wrote that died before they could remove it
            await self._jobs.remove(job)
        elif self._called_until[job.id] <= now or job.is_expired(now - LONGEST_CALL):
            log.info("job_expired", job_id=job.id)
            await self.delete(job)
