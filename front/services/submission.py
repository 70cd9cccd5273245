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
from common.domain.job import Job
from common.domain.job_changes import WindowOpened
from common.domain.job_parts import Source, backstop, new_pages
from common.domain.selection import selected_pages
from common.errors import BrokerUnavailable
from common.ports import BlobStore, Inspector, JobRepository, Probe
from front.services.effects import Effects
from front.services.forms import SubmitForm, Upload
from front.services.windows import Windows

EXPRESS_PAGES = 5
RETENTION = timedelta(hours=24)
TICKET_BYTES = 16
_READ_BYTES = 1024 * 1024

log = logs.get("submission")


class Submission:
    """Checks first, then stores the file, then the job, then publishes: in that order."""

    def __init__(
        self,
        inspector: Inspector,
        blobs: BlobStore,
        jobs: JobRepository,
        windows: Windows,
        effects: Effects,
        broker: Probe,
        now: Callable[[], datetime],
    ) -> None:
        self._inspector = inspector
        self._blobs = blobs
        self._jobs = jobs
        self._windows = windows
        self._effects = effects
        self._broker = broker
        self._now = now

    async def submit(self, account: Account, upload: Upload, form: SubmitForm) -> Job:
        """The new job. Raises BadRequest for what cannot be served, Unavailable when nothing was kept."""
        await self._broker.check()
        job = await self._draw_up(account, upload, form)
        await self._blobs.write(
            job.source.key, _chunks(upload.path), expires_at=backstop(self._now(), job.retention)
        )
        step = job.apply(WindowOpened(await self._windows.size()), self._now())
        await self._jobs.add(step.job)
        try:
            await self._effects.announce(step.job, "accepted")
            await self._effects.perform(step.job, step.effects)
        except BrokerUnavailable:
            # The job is stored with its pages due: whoever recovers it publishes them.
            log.warning("publishing_postponed", job_id=job.id)
        return step.job

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
        )


def _lane(account: Account, page_count: int) -> Lane:
    if page_count <= EXPRESS_PAGES:
        return Lane.EXPRESS
    return Lane.PRIORITY if account.limits.priority else Lane.BULK


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, _READ_BYTES):
            yield chunk
