"""Jobs that stand still are moved on: what is outstanding is repeated, what was lost is sent again.

A version that has not changed for a while, by this observer's own monotonic clock, means that nobody
works on the job now. A job is claimed by saving it as it is: of several replicas one succeeds.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from common import logs, metrics
from common.contracts import topology
from common.contracts.tasks import Tier
from common.domain.job import Job
from common.domain.job_changes import Abandoned, GivenUp, PagesLost
from common.domain.job_parts import JobStatus
from common.errors import FleetError, Unavailable
from common.ports import Backlog, JobRepository
from front.services.effects import Effects
from front.services.job_updates import count_end
from front.services.standstill import QuietQueues, Sighting, Sightings
from front.services.sweeping import sweeping

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
        self._queues = QuietQueues(backlog)
        self._patience = patience
        self._clock = clock
        self._now = now
        self._sightings = Sightings[str]()
        self._failures = Counter[str]()

    async def run(self) -> None:
        """Sweep again and again, until cancelled."""
        await sweeping(self.sweep, self._patience.sweep_s, log)

    async def sweep(self) -> None:
        """Look at every job that is not at rest. Raises Unavailable; the next sweep goes on."""
        now_s = self._clock()
        await self._queues.look(now_s)
        seen = self._sightings.look(await self._jobs.restless(), now_s)
        self._failures = Counter({job_id: self._failures[job_id] for job_id in seen})
        for job_id, sighting in seen.items():
            if now_s - sighting.since_s >= self._patience.outstanding_s:
                await self._try(job_id, sighting, now_s)

    async def _try(self, job_id: str, sighting: Sighting, now_s: float) -> None:
        """One job that cannot be moved on must not keep the others waiting, nor wait for ever itself."""
        try:
            await self._move_on(job_id, sighting, now_s)
        except Unavailable:
            raise
        except Exception:
            self._failures[job_id] += 1
            log.exception("recovery_failed", job_id=job_id, tries=self._failures[job_id])

    async def _move_on(self, job_id: str, sighting: Sighting, now_s: float) -> None:
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

    def _claimed(self, job: Job, sighting: Sighting, now_s: float) -> Job | None:
        """The job as whoever moves it on saves it; None while it should be left alone."""
        if job.status is JobStatus.DRAFT:
            is_stale = now_s - sighting.since_s >= self._patience.draft_s
            return job.apply(Abandoned(), self._now()).job if is_stale else None
        if self._failures[job.id] >= MAX_FAILURES:
            return job.apply(GivenUp(FleetError.code), self._now()).job
        return job if job.outstanding() else self._with_lost_pages(job, sighting, now_s)

    def _with_lost_pages(self, job: Job, sighting: Sighting, now_s: float) -> Job | None:
        """The job with its sent pages due again; None while they may still be with a worker."""
        tiers = {job.request.tier, Tier.VLM} if job.request.translate_to else {job.request.tier}
        page_queues = {topology.page_queue(tier, job.lane) for tier in tiers}
        queues = {*page_queues, *topology.RETRY_QUEUES, topology.TRACKING}
        empty_since_s = self._queues.since_s(queues)
        if empty_since_s is None or now_s - max(sighting.since_s, empty_since_s) < self._patience.sent_s:
            return None
        step = job.apply(PagesLost(), self._now())
        return step.job if step.effects else None
