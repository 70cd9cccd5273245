"""Jobs that end because somebody wants them to: canceled, deleted, or past their time."""

from collections.abc import Callable
from datetime import datetime

from common import logs
from common.domain.job import Job
from common.domain.job_changes import CancelRequested, DeleteRequested
from common.domain.job_parts import JobStatus
from common.errors import JobAlreadyFinished, NotFound
from common.ports import JobRepository
from front.services.effects import Effects
from front.services.job_updates import JobUpdates
from front.services.jobs import NO_JOB
from front.services.sweeping import sweeping

log = logs.get("withdrawal")


class Withdrawal:
    def __init__(
        self, jobs: JobRepository, updates: JobUpdates, effects: Effects, now: Callable[[], datetime]
    ) -> None:
        self._jobs = jobs
        self._updates = updates
        self._effects = effects
        self._now = now

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
        """Everything of the job is gone when this returns; a tombstone keeps late results away."""
        step = await self._updates.apply(job, [DeleteRequested()])
        if step is not None:
            await self._effects.perform(step.job, step.effects)

    async def run(self, sweep_s: float) -> None:
        """Delete what has expired, every ``sweep_s`` seconds, until cancelled."""
        await sweeping(self.sweep, sweep_s, log)

    async def sweep(self) -> None:
        """One look at all jobs whose time is over. Raises Unavailable; the next sweep goes on."""
        for job_id in await self._jobs.expired(self._now()):
            job = await self._jobs.get(job_id)
            if job is None:
                continue
            if job.status is JobStatus.DELETED:
                await self._jobs.remove(job)
            else:
                log.info("job_expired", job_id=job_id)
                await self.delete(job)
