"""The one way to change a stored job: read, decide, compare and set, and again if somebody was first."""

from collections.abc import Callable, Sequence
from datetime import datetime

from common import logs, metrics
from common.domain.job import Job, Step
from common.domain.job_changes import Event
from common.ports import JobRepository

log = logs.get("jobs")


class JobUpdates:
    def __init__(self, jobs: JobRepository, now: Callable[[], datetime]) -> None:
        self._jobs = jobs
        self._now = now

    async def apply(self, job: Job, events: Sequence[Event]) -> Step | None:
        """The job as stored after ``events``, and what became due; None when it is no longer there.

        ``job`` is as it was last seen; it is read again only if somebody has changed it since.
        """
        current: Job | None = job
        while current is not None:
            step = current.apply_all(events, self._now())
            if step.job is current:
                return step
            saved = await self._jobs.save(step.job)
            if saved is not None:
                count_end(current, saved)
                return Step(saved, step.effects)
            current = await self._jobs.get(job.id)
        return None

    async def is_over(self, job: Job) -> bool:
        """Whether the job, which was open when it was last seen, has ended since or is gone."""
        current = await self._jobs.get(job.id)
        return current is None or current.status.is_terminal


def count_end(before: Job, after: Job) -> None:
    """Of several replicas only the one whose save succeeded gets here, so a job is counted once."""
    if after.status.is_terminal and not before.status.is_terminal:
        metrics.JOBS_ENDED.labels(after.status).inc()
        log.info("job_ended", job_id=after.id, account_id=after.account_id, status=after.status.value)
