"""Requests of partners, taken out of their intake queues one after the other.

Who sends is what the broker has checked: the message's ``user_id``. The queue alone does not tell, since
partners can have the broker forward messages into each other's. A message is acknowledged once its sender
can know what came of it. One that is seen again finds its job by its ``message_id``, as a request over HTTP
does by its key, and is told once more. What cannot be served now waits, and the sender's others behind it.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from common import logs, metrics
from common.contracts.partner_topology import account_of
from common.contracts.submit import SubmitMessage
from common.domain.account import Account
from common.domain.job import Job
from common.domain.job_changes import Adopted
from common.domain.job_parts import Correspondence
from common.errors import (
    AccountSuspended,
    DiskUnavailable,
    EngineUnavailable,
    FleetError,
    IdempotencyKeyInUse,
    NotFound,
    Poisoned,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)
from common.ports import AccountRepository, RequestDelivery
from front.services.effects import Effects
from front.services.forms import Upload
from front.services.idempotency import Idempotency
from front.services.intake_pace import IntakePace
from front.services.job_news import JobNews
from front.services.job_updates import JobUpdates
from front.services.jobs import NO_JOB, Jobs
from front.services.partner_request import AskedAfter, SentFile, correspondence, understood
from front.services.rate_limits import Kind, RateLimits
from front.services.spool import Spool
from front.services.submission import Submission

# A message that so many fronts were given and did not come to an end with is not given to another.
MOST_DELIVERIES = 20
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0

NO_USER = (
    "A message came without user_id, so nobody knows whose it is: set the property user_id to the name of "
    "the broker user that you are connected as."
)

log = logs.get("intake")


class Intake:
    def __init__(
        self,
        accounts: AccountRepository,
        jobs: Jobs,
        updates: JobUpdates,
        effects: Effects,
        idempotency: Idempotency,
        submission: Submission,
        pace: IntakePace,
        rate_limits: RateLimits,
        news: JobNews,
        spool: Spool,
    ) -> None:
        self._accounts = accounts
        self._jobs = jobs
        self._updates = updates
        self._effects = effects
        self._idempotency = idempotency
        self._submission = submission
        self._pace = pace
        self._rate_limits = rate_limits
        self._news = news
        self._spool = spool

    async def take(self, delivery: RequestDelivery, owner: str) -> None:
        """See to a message from the intake queue of ``owner`` until it is settled, or its connection lost."""
        pause_s = FIRST_PAUSE_S
        while not delivery.is_lost:
            try:
                is_dead = not await self._see_to(delivery.message, owner)
            except (Unavailable, TooManyRequests, IdempotencyKeyInUse) as error:
                metrics.HOLDS.labels(error.code).inc()
                log.warning("request_held", account_id=owner, reason=error.message)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                continue
            await (delivery.reject() if is_dead else delivery.ack())
            return

    async def _see_to(self, message: SubmitMessage, owner: str) -> bool:
        """Whether the message needs nobody's attention any more. Raises what may pass with time."""
        if message.is_forwarded or (message.user_id and account_of(message.user_id) != owner):
            metrics.PARTNER_REQUESTS.labels("foreign").inc()
            log.warning("request_of_another", account_id=owner, user=message.user_id)
            return True
        if not message.user_id:
            await self._reject(owner, Unauthorized(NO_USER), None)
            return True
        answer = correspondence(message, owner)
        try:
            await self._serve(message, owner, answer)
        except (Unavailable, TooManyRequests, IdempotencyKeyInUse) as error:
            if not isinstance(error, EngineUnavailable):
                raise
            await self._reject(owner, error, answer)
        except FleetError as error:
            await self._reject(owner, error, answer)
            return not isinstance(error, Poisoned)
        except Exception:
            log.exception("request_failed", account_id=owner)
            await self._reject(owner, FleetError(), answer)
            return False
        return True

    async def _reject(self, owner: str, error: FleetError, answer: Correspondence | None) -> None:
        await self._news.reject(owner, error, answer)
        metrics.PARTNER_REQUESTS.labels("rejected").inc()
        log.info("request_rejected", account_id=owner, code=error.code)

    async def _serve(self, message: SubmitMessage, owner: str, answer: Correspondence) -> None:
        account = await self._accounts.get(owner)
        if account is None:
            raise Unauthorized()
        if account.suspended:
            raise AccountSuspended()
        self._rate_limits.check(account, Kind.REQUESTS)
        request = await asyncio.to_thread(understood, message, owner)
        if isinstance(request, AskedAfter):
            job = await self._jobs.find(request.job_id, account)
        else:
            job, is_new = await self._job_of(request, account, answer, message.deliveries)
            if is_new:
                metrics.PARTNER_REQUESTS.labels("accepted").inc()
                return
        await self._adopt(job, answer)
        metrics.PARTNER_REQUESTS.labels("repeated").inc()

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
                await self._pace.until_room(account, tier)
                await self._submission.check_admission(account)
            with self._received(request, account) as upload:
                job = await self._idempotency.submit(hold, upload, request.form, answer)
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

    @contextmanager
    def _received(self, request: SentFile, account: Account) -> Iterator[Upload]:
        """The file on the disk, where it is inspected. Raises TooManyUploads and Unavailable."""
        try:
            file = self._spool.new_file(account)
        except OSError as error:
            raise DiskUnavailable() from error
        try:
            file.write(request.content)
            file.flush()
        except OSError as error:
            file.close()
            raise DiskUnavailable() from error
        except BaseException:
            file.close()
            raise
        try:
            yield Upload(file.path, request.filename, len(request.content), request.sha256)
        finally:
            file.close()
