"""Jobs that are to go once they are fetched: what their callers are told of it, and that it happens."""

from collections.abc import Callable
from datetime import datetime, timedelta

from common import logs
from common.domain.job import Job
from common.domain.job_changes import Fetched
from common.errors import Unavailable
from common.runtime.holding import until_available
from front.services.job_updates import JobUpdates

_STORING_LIMIT_S = 60

log = logs.get("fetching")


class Fetching:
    """``grace``: how long a job that was fetched may be asked for once more, for a download say."""

    def __init__(self, updates: JobUpdates, grace: timedelta, now: Callable[[], datetime]) -> None:
        self._updates = updates
        self._grace = grace
        self._now = now

    def told(self, job: Job) -> Job:
        """The job as the answer shows it by which it is fetched: its time may end with that."""
        now = self._now()
        return job.apply(Fetched(now + self._grace), now).job

    async def fetched(self, job: Job) -> None:
        """Its caller has what became of the job. While the database is away, this waits for some time; after
        that the job is kept like one that nobody fetched.
        """
        told = self.told(job)
        if told is job or told.expires_at is None:
            return
        try:
            async for attempt in until_available(_STORING_LIMIT_S):
                with attempt:
                    await self._updates.apply(job, [Fetched(told.expires_at)])
        except Unavailable as error:
            log.warning("fetched_not_kept", job_id=job.id, reason=error.message)
