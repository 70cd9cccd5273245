"""From a received file to a job whose first pages are on their way."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from common import logs
from common.contracts.tasks import Lane
from common.domain.account import Account
from common.domain.credits import CREDITS_PER_PAGE
from common.domain.job import Job, Step
from common.domain.job_changes import Accepted, WindowOpened
from common.domain.job_parts import JobStatus, Source, backstop, new_pages
from common.domain.selection import selected_pages
from common.errors import OutOfCredits, StoreUnavailable, Unavailable
from common.ports import BlobStore, CreditStore, Inspector, JobRepository, Probe
from front.services.effects import Effects
from front.services.forms import SubmitForm, Upload
from front.services.job_updates import JobUpdates
from front.services.windows import Windows

EXPRESS_PAGES = 5
RETENTION = timedelta(hours=24)
TICKET_BYTES = 16
_READ_BYTES = 1024 * 1024

log = logs.get("submission")


class Submission:
    """Checks, drafts the job, reserves its credits, stores the file, promises the job and publishes.

    Whatever ends in between leaves a draft, which is no promise and is swept up with its reservation.
    """

    def __init__(
        self,
        inspector: Inspector,
        blobs: BlobStore,
        jobs: JobRepository,
        credits: CreditStore,
        updates: JobUpdates,
        windows: Windows,
        effects: Effects,
        broker: Probe,
        now: Callable[[], datetime],
    ) -> None:
        self._inspector = inspector
        self._blobs = blobs
        self._jobs = jobs
        self._credits = credits
        self._updates = updates
        self._windows = windows
        self._effects = effects
        self._broker = broker
        self._now = now

    async def check_credits(self, account: Account) -> None:
        """Asked before a file is received. Raises OutOfCredits where not even one page can be paid."""
        stands = await self._credits.statement(account, self._now())
        if stands.left < 1:
            raise stands.refusal(1)

    async def submit(self, account: Account, upload: Upload, form: SubmitForm) -> Job:
        """The new job. Raises BadRequest and OutOfCredits for what cannot be served, and Unavailable;
        nothing is charged then.
        """
        await self._broker.check()
        draft = await self._draw_up(account, upload, form)
        await self._jobs.add(draft)
        await self._reserve(account, draft)
        await self._blobs.write(
            draft.source.key, _chunks(upload.path), expires_at=backstop(self._now(), draft.retention)
        )
        step = await self._updates.apply(draft, [Accepted(), WindowOpened(await self._windows.size())])
        if step is None or step.job.status.is_terminal:
            raise StoreUnavailable("Storing the file took too long: send it once more.")
        await self._publish(step)
        return step.job

    async def _reserve(self, account: Account, draft: Job) -> None:
        try:
            await self._credits.reserve(account, draft.id, draft.credits_reserved, self._now())
        except OutOfCredits:
            await self._jobs.remove(draft)
            raise

    async def _publish(self, step: Step) -> None:
        try:
            await self._effects.announce(step.job, "accepted")
            await self._effects.perform(step.job, step.effects)
        except Unavailable:
            # The job is promised and stored with its pages due: whoever recovers it publishes them.
            log.warning("publishing_postponed", job_id=step.job.id)

    async def _draw_up(self, account: Account, upload: Upload, form: SubmitForm) -> Job:
        request = form.request()
        account.limits.check_size(upload.size_bytes)
        inspection = await self._inspector.inspect(upload.path)
        source_pages = selected_pages(form.pages, inspection.page_count)
        account.limits.check_pages(len(source_pages))
        job_id = uuid4().hex
        return Job(
            id=job_id,
            account_id=account.id,
            ticket=secrets.token_hex(TICKET_BYTES),
            source=Source(
                key=f"{job_id}/source",
                media_type=inspection.media_type,
                size_bytes=upload.size_bytes,
                filename=upload.filename,
            ),
            request=request,
            source_pages=source_pages,
            lane=_lane(account, len(source_pages)),
            pages=new_pages(len(source_pages)),
            created_at=self._now(),
            retention=RETENTION,
            credits_per_page=CREDITS_PER_PAGE[request.tier],
            status=JobStatus.DRAFT,
        )


def _lane(account: Account, page_count: int) -> Lane:
    if page_count <= EXPRESS_PAGES:
        return Lane.EXPRESS
    return Lane.PRIORITY if account.limits.priority else Lane.BULK


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, _READ_BYTES):
            yield chunk
