"""How the service stands as a whole, told in metrics: what no single process knows of itself."""

from collections.abc import Callable
from datetime import datetime

from common import logs, metrics
from common.contracts import topology
from common.domain.job_parts import JobStatus
from common.errors import Unavailable
from common.ports import JobRepository, Queues
from front.services.sweeping import sweeping

EVERY_S = 15.0
_KEEPS_DEAD_LETTERS = frozenset(topology.DEAD_QUEUES)

log = logs.get("observation")


class Observation:
    """Each front looks for itself: whoever adds them up takes the largest."""

    def __init__(self, jobs: JobRepository, queues: Queues, now: Callable[[], datetime]) -> None:
        self._jobs = jobs
        self._queues = queues
        self._now = now

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        await sweeping(self.look, EVERY_S, log)

    async def look(self) -> None:
        """Raises Unavailable; what was told last stays then."""
        await self._look_at_jobs()
        await self._look_at_queues()

    async def _look_at_queues(self) -> None:
        for name, state in (await self._queues.states()).items():
            if name in _KEEPS_DEAD_LETTERS:
                metrics.DEAD_LETTERS.labels(name).set(state.messages)
            else:
                metrics.QUEUE_MESSAGES.labels(name).set(state.messages)
                metrics.QUEUE_CONSUMERS.labels(name).set(state.consumers)

    async def _look_at_jobs(self) -> None:
        try:
            found, now = await self._jobs.open(), self._now()
        except Unavailable:
            metrics.AVAILABLE.labels("store").set(0)
            raise
        metrics.AVAILABLE.labels("store").set(1)
        for status in (JobStatus.PENDING, JobStatus.PROCESSING):
            here = found.get(status)
            age_s = max(0.0, (now - here.oldest).total_seconds()) if here else 0
            metrics.JOBS_OPEN.labels(status).set(here.jobs if here else 0)
            metrics.OLDEST_JOB_AGE.labels(status).set(age_s)
