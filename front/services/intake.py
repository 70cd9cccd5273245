"""Requests of partners, taken out of their intake queues one after the other.

Who sends is what the broker has checked: the message's ``user_id``. The queue alone does not tell, since
partners can have the broker forward messages into each other's. A message is acknowledged once its sender
can know what came of it. One that is seen again finds its job by its ``message_id``, as a request over HTTP
does by its key, and is told once more. What cannot be served now waits, and the sender's others behind it.
"""

import asyncio
from contextlib import closing

from common import logs, metrics
from common.contracts.partner_topology import account_of
from common.domain.job_parts import Correspondence
from common.errors import (
    AccountSuspended,
    EngineUnavailable,
    FleetError,
    IdempotencyKeyInUse,
    RateLimited,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)
from common.ports import AccountRepository, RequestDelivery
from front.services.intake_pace import IntakePace, NoRoom
from front.services.job_news import JobNews
from front.services.partner_jobs import PartnerJobs
from front.services.partner_request import correspondence, understood
from front.services.rate_limits import Kind, RateLimits
from front.services.request_in_hand import RequestInHand
from front.services.spool import Spool

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
_PASSES_WITH_TIME = (Unavailable, TooManyRequests, IdempotencyKeyInUse)

NO_USER = (
    "A message came without user_id, so nobody knows whose it is: set the property user_id to the name of "
    "the broker user that you are connected as."
)

log = logs.get("intake")


class Intake:
    def __init__(
        self,
        accounts: AccountRepository,
        jobs: PartnerJobs,
        pace: IntakePace,
        rate_limits: RateLimits,
        news: JobNews,
        spool: Spool,
    ) -> None:
        self._accounts = accounts
        self._jobs = jobs
        self._pace = pace
        self._rate_limits = rate_limits
        self._news = news
        self._spool = spool

    async def take(self, delivery: RequestDelivery, owner: str) -> None:
        """See to a message from the intake queue of ``owner`` until it is settled, or its connection lost."""
        pause_s = FIRST_PAUSE_S
        with closing(RequestInHand(delivery)) as request:
            while not delivery.is_lost:
                try:
                    is_done = await self._see_to(request, owner)
                except _PASSES_WITH_TIME as error:
                    metrics.HOLDS.labels(error.code).inc()
                    log.warning("request_held", account_id=owner, reason=error.message)
                    await asyncio.sleep(pause_s)
                    pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                else:
                    if is_done:
                        await delivery.ack()
                        return
                    pause_s = FIRST_PAUSE_S

    async def _see_to(self, request: RequestInHand, owner: str) -> bool:
        """False where it waited for room: much may be different by then, so it is looked at anew. Raises what
        may pass with time.
        """
        message = request.delivery.message
        if message.is_forwarded or (message.user_id and account_of(message.user_id) != owner):
            metrics.PARTNER_REQUESTS.labels("foreign").inc()
            log.warning("request_of_another", account_id=owner, user=message.user_id)
        elif not message.user_id:
            await self._reject_unsigned(owner)
        else:
            try:
                await self._answer(request, owner, correspondence(message, owner))
            except NoRoom as full:
                await self._pace.until_room(full, lambda: request.delivery.is_lost)
                return False
        return True

    async def _answer(self, request: RequestInHand, owner: str, answer: Correspondence) -> None:
        try:
            is_new = await self._serve(request, owner, answer)
        except EngineUnavailable as error:  # does not pass by itself, unlike all else that is unavailable
            await self._reject(owner, error, answer)
        except (NoRoom, *_PASSES_WITH_TIME):
            raise
        except FleetError as error:
            await self._reject(owner, error, answer)
        except Exception:
            log.exception("request_failed", account_id=owner, request_id=answer.request_id)
            if not await self._jobs.has_job(owner, answer):  # else the recovery moves it on
                await self._reject(owner, FleetError(), answer)
        else:
            metrics.PARTNER_REQUESTS.labels("accepted" if is_new else "repeated").inc()

    async def _serve(self, request: RequestInHand, owner: str, answer: Correspondence) -> bool:
        """Whether a job was made of it."""
        account = await self._accounts.get(owner)
        if account is None:
            raise Unauthorized()
        upload = await request.upload(self._spool, account)
        if not request.is_counted:
            self._rate_limits.check(account, Kind.REQUESTS)
            request.is_counted = True
        if account.suspended:
            raise AccountSuspended()
        message = request.delivery.message
        wanted = await asyncio.to_thread(understood, message, upload, owner)
        return await self._jobs.serve(wanted, account, answer, message.deliveries)

    async def _reject(self, owner: str, error: FleetError, answer: Correspondence | None) -> None:
        await self._news.reject(owner, error, answer)
        metrics.PARTNER_REQUESTS.labels("rejected").inc()
        log.info("request_rejected", account_id=owner, code=error.code)

    async def _reject_unsigned(self, owner: str) -> None:
        """Not each of many: it may be another's, who had the broker pass it on."""
        try:
            self._rate_limits.check_address(f"intake of {owner}")
        except RateLimited:
            metrics.PARTNER_REQUESTS.labels("foreign").inc()
            return
        await self._reject(owner, Unauthorized(NO_USER), None)
