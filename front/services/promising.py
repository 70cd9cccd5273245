"""From a draft to a promise: credits are reserved, the file is stored, the first pages are on their way."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

from common import logs, metrics
from common.domain.account import Account
from common.domain.job import Job
from common.domain.job_changes import Accepted, Event, WindowOpened
from common.domain.job_parts import backstop
from common.errors import IdempotencyKeyInUse, OutOfCredits, StoreUnavailable, TooManyJobs, Unavailable
from common.ports import BlobStore, CreditStore, JobRepository
from common.runtime.holding import until_available
from front.services.effects import Effects, settlement
from front.services.job_updates import JobUpdates
from front.services.windows import Windows

PROMISE_LIMIT_S = 30

log = logs.get("submission")


class Promising:
    """Whatever ends in between leaves a draft, which is no promise and is swept up with its reservation."""

    def __init__(
        self,
        blobs: BlobStore,
        jobs: JobRepository,
        credits: CreditStore,
        updates: JobUpdates,
        windows: Windows,
        effects: Effects,
        now: Callable[[], datetime],
    ) -> None:
        self._blobs = blobs
        self._jobs = jobs
        self._credits = credits
        self._updates = updates
        self._windows = windows
        self._effects = effects
        self._now = now

    async def promise(
        self,
        account: Account,
        draft: Job,
        content: AsyncIterator[bytes],
        drafted: Callable[[Job], Awaitable[None]] | None = None,
    ) -> Job:
        """The job, with ``content`` as its source file.

        Raises OutOfCredits, TooManyJobs and Unavailable, and what ``content`` does; nothing is charged then.
        Unavailable also where there is a job, but the partner whose message it came of could not be told.
        ``drafted`` is told of the job while it is a draft, and may refuse it with IdempotencyKeyInUse.
        """
        await self._jobs.add(draft)
        await self._reserve(account, draft, drafted)
        await self._blobs.write(draft.source.key, content, expires_at=backstop(self._now(), draft.retention))
        job = await self._accepted(draft)
        log.info("job_accepted", job_id=job.id, account_id=job.account_id, pages=job.page_count)
        metrics.JOBS_ACCEPTED.labels(job.request.tier, job.lane).inc()
        await self._publish(job)
        return job

    async def _accepted(self, draft: Job) -> Job:
        """The accepted job. Where the outcome is unknown, it is applied again: no promise is told as 503."""
        accepted: list[Event] = [Accepted(), WindowOpened(await self._windows.size(draft.request.tier))]
        async for attempt in until_available(PROMISE_LIMIT_S):
            with attempt:
                step = await self._updates.apply(draft, accepted)
        if step is None or not step.job.is_promised:
            await self._take_back(draft)
            raise StoreUnavailable("Storing the file took too long: send it once more.")
        return step.job

    async def _reserve(
        self, account: Account, draft: Job, drafted: Callable[[Job], Awaitable[None]] | None
    ) -> None:
        try:
            if drafted:
                await drafted(draft)
            await self._credits.reserve(account, draft.id, draft.credits_reserved, self._now(), is_job=True)
        except (OutOfCredits, TooManyJobs, IdempotencyKeyInUse):
            await self._jobs.remove(draft)
            raise

    async def _take_back(self, draft: Job) -> None:
        """Whoever abandoned the draft may have given its credits back before they were reserved."""
        await self._credits.settle(settlement(draft))

    async def _publish(self, job: Job) -> None:
        try:
            await self._effects.announce(job, "accepted")
            await self._effects.perform(job, job.outstanding())
        except Unavailable:
            # The job is promised and stored with its pages due: whoever recovers it publishes them.
            log.warning("publishing_postponed", job_id=job.id)
            if job.correspondence:
                raise
