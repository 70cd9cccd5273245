"""Requests that may be sent again: the same key gives the same job, however often and to whichever front.

A key is claimed before the file is received and held until the job is promised; the claim names the
draft before that happens. So whoever finds a claim that nobody holds any more looks at its job: one
that was promised is the answer, a draft is abandoned before the key is used anew. Clocks decide only
how long somebody waits for a front that died; that there is one job is decided by compare-and-set.
"""

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Self
from uuid import uuid4

import orjson

from common import logs
from common.domain.account import Account
from common.domain.claim import UNUSED, Claim
from common.domain.job import Job
from common.domain.job_changes import Abandoned
from common.domain.job_parts import Correspondence, JobStatus, backstop
from common.errors import (
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InvalidField,
    Unavailable,
)
from common.ports import ClaimStore, JobRepository
from front.services.effects import Effects
from front.services.forms import SubmitForm, Upload
from front.services.job_updates import JobUpdates
from front.services.submission import Submission

HEADER = "Idempotency-Key"
LEASE = timedelta(seconds=30)
_KEY = re.compile(r"[!-~]{1,255}")

log = logs.get("idempotency")


class Hold:
    """One request's grip on a key, renewed until it is released; a context for submitting its file.

    Where ``has_job``, a job came of the key before, and nothing is held.
    """

    def __init__(
        self,
        claims: ClaimStore,
        claim: Claim,
        account: Account,
        now: Callable[[], datetime],
        lease: timedelta,
        *,
        has_job: bool,
    ) -> None:
        self.claim = claim
        self.account = account
        self.has_job = has_job
        self._claims = claims
        self._now = now
        self._lease = lease
        self._renewing = None if has_job else asyncio.create_task(self._renew())

    async def bind(self, fingerprint: str, draft: Job) -> None:
        """Write down which job will come of the key, before it is promised.

        Raises IdempotencyKeyInUse when another request has taken the key over.
        """
        before, now = self.claim, self._now()
        self.claim = replace(
            before,
            job_id=draft.id,
            fingerprint=fingerprint,
            held_until=now + self._lease,
            expires_at=backstop(now, draft.retention),
        )
        if not await self._claims.save(self.claim, before):
            raise IdempotencyKeyInUse()

    async def release(self) -> None:
        """No job came of it. A draft that may have been promised after all stays named in the claim."""
        if not self._stop_renewing():
            return
        with contextlib.suppress(Unavailable):  # the lease runs out by itself
            if self.claim.job_id is None:
                await self._claims.remove(self.claim)
            else:
                await self._claims.save(replace(self.claim, held_until=self._now()), self.claim)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._stop_renewing()
        else:
            await self.release()

    def _stop_renewing(self) -> bool:
        """Whether it was held until now."""
        renewing, self._renewing = self._renewing, None
        return renewing is not None and renewing.cancel()

    async def _renew(self) -> None:
        is_ours = True
        while is_ours:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                is_ours = await self._claims.renew(self.claim, self._now() + self._lease)
            except Unavailable as error:
                log.warning("renewal_postponed", reason=error.message)
        log.warning("key_lost", account=self.account.id)


class Keys:
    """Gives keys to whoever asks first."""

    def __init__(
        self,
        claims: ClaimStore,
        jobs: JobRepository,
        updates: JobUpdates,
        effects: Effects,
        now: Callable[[], datetime],
        lease: timedelta = LEASE,
    ) -> None:
        self._claims = claims
        self._jobs = jobs
        self._updates = updates
        self._effects = effects
        self._now = now
        self._lease = lease
        self._endings: set[asyncio.Task[None]] = set()

    async def hold(self, account: Account, key: str) -> Hold:
        """Asked before a file is received. Raises InvalidField, and IdempotencyKeyInUse while another
        request with that key is under way.
        """
        if not _KEY.fullmatch(key):
            raise InvalidField(HEADER, f"{HEADER} must be 1 to 255 visible ASCII characters.")
        mine = self._new_claim(account, key)
        while True:
            found = await self._claims.get(account.id, key)
            if found is None:
                if await self._claims.add(mine):
                    return self._hold(mine, account, has_job=False)
            elif await self._has_job(found):
                return self._hold(found, account, has_job=True)
            elif await self._claims.save(mine, found):
                return self._hold(mine, account, has_job=False)

    async def has_promised(self, account_id: str, key: str) -> bool:
        """Whether the key stands for a job. Raises IdempotencyKeyInUse where that is not decided yet."""
        found = await self._claims.get(account_id, key)
        return found is not None and await self._has_job(found)

    def let_go(self, hold: Hold) -> None:
        """The request is over, so no job will come of the key if none has; nobody waits for this."""
        ending = asyncio.create_task(hold.release())
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    async def _has_job(self, claim: Claim) -> bool:
        """Whether the claim stands for a job; False when it is free. Raises IdempotencyKeyInUse."""
        job = await self._jobs.get(claim.job_id) if claim.job_id else None
        is_under_way = claim.job_id is None or (job is not None and job.status is JobStatus.DRAFT)
        if is_under_way and claim.is_held(self._now()):
            raise IdempotencyKeyInUse()
        if job is None:
            return False
        if is_under_way:
            return not await self._abandon(job)
        return job.is_promised and self._is_shown(job)

    def _is_shown(self, job: Job) -> bool:
        return job.status.is_shown and not job.is_expired(self._now())

    async def _abandon(self, draft: Job) -> bool:
        """End a draft whose request is gone; False when it was promised in that very moment."""
        step = await self._updates.apply(draft, [Abandoned()])
        if step is None:
            return True
        if step.job.is_promised:
            return False
        log.warning("draft_abandoned", job_id=draft.id)
        await self._effects.perform(step.job, step.effects)
        return True

    def _new_claim(self, account: Account, key: str) -> Claim:
        now = self._now()
        return Claim(
            account_id=account.id,
            key=key,
            owner=uuid4().hex,
            held_until=now + self._lease,
            expires_at=now + UNUSED,
        )

    def _hold(self, claim: Claim, account: Account, *, has_job: bool) -> Hold:
        return Hold(self._claims, claim, account, self._now, self._lease, has_job=has_job)


class Idempotency(Keys):
    """Keys of submissions."""

    def __init__(
        self,
        claims: ClaimStore,
        jobs: JobRepository,
        updates: JobUpdates,
        effects: Effects,
        submission: Submission,
        now: Callable[[], datetime],
        lease: timedelta = LEASE,
    ) -> None:
        super().__init__(claims, jobs, updates, effects, now, lease)
        self._submission = submission

    async def submit(
        self, hold: Hold, upload: Upload, form: SubmitForm, correspondence: Correspondence | None = None
    ) -> Job:
        """The job of that key: the one it had, or a new one. Raises what ``Submission.submit`` does,
        IdempotencyKeyReused for other content, and IdempotencyKeyInUse when the key was lost meanwhile.
        """
        wanted = fingerprint(upload, form)
        if not hold.has_job:
            return await self._submission.submit(
                hold.account, upload, form, partial(hold.bind, wanted), correspondence
            )
        if hold.claim.fingerprint != wanted:
            raise IdempotencyKeyReused()
        job = await self._jobs.get(hold.claim.job_id or "")
        if job is None or not self._is_shown(job):
            raise IdempotencyKeyInUse("The job of this Idempotency-Key was deleted just now: send it again.")
        return job


def fingerprint(upload: Upload, form: SubmitForm) -> str:
    """SHA-256 in hex of what is asked for, with defaults and presets filled in, and of the file's bytes.

    How the file is called does not count. Raises what ``SubmitForm.request`` does.
    """
    wanted = {**asdict(form), **asdict(form.request(has_model=True)), "file": upload.sha256}
    return hashlib.sha256(orjson.dumps(wanted, option=orjson.OPT_SORT_KEYS)).hexdigest()
