"""The job of a partner's request: made, or found again and told of once more."""

from common.domain.account import Account
from common.domain.job import Job
from common.domain.job_changes import Adopted
from common.domain.job_parts import Correspondence
from common.errors import NotFound, Poisoned
from front.services.effects import Effects
from front.services.idempotency import Idempotency
from front.services.intake_pace import IntakePace
from front.services.job_news import JobNews
from front.services.job_updates import JobUpdates
from front.services.jobs import NO_JOB, Jobs
from front.services.partner_request import AskedAfter, SentFile
from front.services.submission import Submission

# A message that so many fronts were given and did not come to an end with is not served by another. Before
# RabbitMQ 4.3 those that ended in good order are counted, too, which many releases could add up to.
MOST_DELIVERIES = 50


class PartnerJobs:
    def __init__(
        self,
        jobs: Jobs,
        updates: JobUpdates,
        effects: Effects,
        idempotency: Idempotency,
        submission: Submission,
        pace: IntakePace,
        news: JobNews,
    ) -> None:
        self._jobs = jobs
        self._updates = updates
        self._effects = effects
        self._idempotency = idempotency
        self._submission = submission
        self._pace = pace
        self._news = news

    async def serve(
        self, request: SentFile | AskedAfter, account: Account, answer: Correspondence, deliveries: int
    ) -> bool:
        """Whether a job was made of the request; its sender is told in either case. ``deliveries``: so often
        it was given out before.

        Raises NoRoom, what ``Idempotency.submit`` and ``Submission.check_admission`` do, and Poisoned.
        """
        if isinstance(request, AskedAfter):
            job, is_new = await self._jobs.find(request.job_id, account), False
        else:
            job, is_new = await self._job_of(request, account, answer, deliveries)
        if not is_new:
            await self._adopt(job, answer)
        return is_new

    async def has_job(self, account_id: str, answer: Correspondence) -> bool:
        """Whether a job was promised to that request. Raises Unavailable and IdempotencyKeyInUse."""
        return await self._idempotency.has_promised(account_id, answer.request_id)

    async def _job_of(
        self, request: SentFile, account: Account, answer: Correspondence, deliveries: int
    ) -> tuple[Job, bool]:
        """The request's job, and whether it was made, and told of, just now."""
        tier = request.form.request(has_model=True).tier
        hold = await self._idempotency.hold(account, answer.request_id)
        async with hold:
            if not hold.has_job:
                if deliveries >= MOST_DELIVERIES:
                    raise Poisoned("Every server that was given this message ended before it was done.")
                await self._pace.check(account, tier)
                await self._submission.check_admission(account)
            job = await self._idempotency.submit(hold, request.upload, request.form, answer)
        return job, not hold.has_job

    async def _adopt(self, job: Job, answer: Correspondence) -> None:
        """The job is told of to who asks now, and what was not done for it yet is done."""
        step = await self._updates.apply(job, [Adopted(answer)])
        if step is None or not step.job.status.is_shown:
            raise NotFound(NO_JOB)
        await self._news.tell(step.job, "accepted")
        if step.job.status.is_terminal:
            await self._news.tell(step.job, step.job.status)
        await self._effects.perform(step.job, step.job.outstanding())
