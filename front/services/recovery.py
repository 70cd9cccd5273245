"""Jobs that stand still are moved on: what is outstanding is repeated, what was lost is sent again.

A version that has not changed for a while, by this observer's own monotonic clock, means that nobody
works on the job now. A job is claimed by saving it as it is: of several replicas one succeeds.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from common import logs, metrics
from common.contracts import topology
from common.domain.job import Job
from common.domain.job_changes import Abandoned, GivenUp, PagesLost
from common.domain.job_parts import JobStatus
from common.errors import FleetError, Unavailable
from common.ports import Backlog, JobRepository
from front.services.effects import Effects
from front.services.job_updates import count_end

MAX_FAILURES = 5

log = logs.get("recovery")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: between sweeps; that a job with something outstanding may stand still; that one whose
    pages are with the workers may, once no message waits where one of its own could; and that a
    submission may take once its file is here.

    ``sent_s`` is to be longer than a page may lie with a worker: one of the least urgent lane, which no
    longer waits in its queue, is at worst the sixteenth to have its turn (``common.domain.turns``), and
    each of them may take as long as a page may.
    """

    sweep_s: float
    outstanding_s: float
    sent_s: float
    draft_s: float


@dataclass(frozen=True, slots=True)
class _Sighting:
    version: int
    since_s: float


class Recovery:
    """``clock`` is monotonic, in seconds."""

    def __init__(
        self,
        jobs: JobRepository,
        effects: Effects,
        backlog: Backlog,
        patience: Patience,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._jobs = jobs
        self._effects = effects
        self._backlog = backlog
        self._patience = patience
        self._clock = clock
        self._now = now
        self._seen: dict[str, _Sighting] = {}
        self._failures = Counter[str]()
        self._empty_since_s: dict[str, float] = {}

    async def run(self) -> None:
        """Sweep again and again, until cancelled."""
        while True:
            try:
                await self.sweep()
            except Unavailable as error:
                self._empty_since_s = {}
                log.warning("sweep_postponed", reason=error.message)
            await asyncio.sleep(self._patience.sweep_s)

    async def sweep(self) -> None:
        """Look at every job that is not at rest. Raises Unavailable; the next sweep goes on."""
        now_s = self._clock()
        await self._look_at_queues(now_s)
        self._seen = {
            job_id: self._sighting(job_id, version, now_s)
            for job_id, version in (await self._jobs.restless()).items()
        }
        self._failures = Counter({job_id: self._failures[job_id] for job_id in self._seen})
        for job_id, sighting in self._seen.items():
            if now_s - sighting.since_s >= self._patience.outstanding_s:
                await self._try(job_id, sighting, now_s)

    async def _try(self, job_id: str, sighting: _Sighting, now_s: float) -> None:
        """One job that cannot be moved on must not keep the others waiting, nor wait for ever itself."""
        try:
            await self._move_on(job_id, sighting, now_s)
        except Unavailable:
            raise
        except Exception:
            self._failures[job_id] += 1
            log.exception("recovery_failed", job_id=job_id, tries=self._failures[job_id])

    async def _look_at_queues(self, now_s: float) -> None:
        waiting = await self._backlog.waiting()
        self._empty_since_s = {
            queue: self._empty_since_s.get(queue, now_s) for queue, count in waiting.items() if not count
        }

    def _sighting(self, job_id: str, version: int, now_s: float) -> _Sighting:
        seen = self._seen.get(job_id)
        return seen if seen and seen.version == version else _Sighting(version, now_s)

    async def _move_on(self, job_id: str, sighting: _Sighting, now_s: float) -> None:
        job = await self._jobs.get(job_id)
        if job is None or job.version != sighting.version:
            return
        claimed = self._claimed(job, sighting, now_s)
        if claimed is None:
            return
        saved = await self._jobs.save(claimed)
        if saved is not None:
            metrics.JOBS_RECOVERED.inc()
            count_end(job, saved)
            log.warning("job_recovered", job_id=job_id, status=saved.status)
            await self._effects.perform(saved, saved.outstanding())

    def _claimed(self, job: Job, sighting: _Sighting, now_s: float) -> Job | None:
        """The job as whoever moves it on saves it; None while it should be left alone."""
        if job.status is JobStatus.DRAFT:
            is_stale = now_s - sighting.since_s >= self._patience.draft_s
            return job.apply(Abandoned(), self._now()).job if is_stale else None
        if self._failures[job.id] >= MAX_FAILURES:
            return job.apply(GivenUp(FleetError.code), self._now()).job
        return job if job.outstanding() else self._with_lost_pages(job, sighting, now_s)

    def _with_lost_pages(self, job: Job, sighting: _Sighting, now_s: float) -> Job | None:
        """The job with its sent pages due again; None while they may still be with a worker."""
        queues = {topology.page_queue(job.request.tier, job.lane), *topology.RETRY_QUEUES, topology.TRACKING}
        if not queues <= self._empty_since_s.keys():
            return None
        quiet_since_s = max(sighting.since_s, *(self._empty_since_s[queue] for queue in queues))
        if now_s - quiet_since_s < self._patience.sent_s:
            return None
        step = job.apply(PagesLost(), self._now())
        return step.job if step.effects else None
