"""From a received file to a job whose first pages are on their way."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from common import metrics
from common.contracts.tasks import Lane
from common.domain.account import Account
from common.domain.job import Job
from common.domain.job_parts import EXPRESS_PAGES, Correspondence, JobStatus, Source, new_pages
from common.domain.plans import Prices
from common.domain.retention import retention
from common.domain.selection import selection
from common.errors import (
    MaxCostReached,
)
from common.ports import BlobStore, CreditStore, Inspector, JobRepository, Probe
from front.services.effects import Effects
from front.services.forms import SubmitForm, Upload
from front.services.job_updates import JobUpdates
from front.services.promising import Promising
from front.services.queue_depths import QueueDepths, plan_lanes
from front.services.windows import Windows

TICKET_BYTES = 16
_READ_BYTES = 1024 * 1024


class Submission:
    """Checks, drafts the job and has it promised."""

    def __init__(
        self,
        inspector: Inspector,
        blobs: BlobStore,
        jobs: JobRepository,
        credits: CreditStore,
        updates: JobUpdates,
        windows: Windows,
        depths: QueueDepths,
        effects: Effects,
        broker: Probe,
        prices: Prices,
        now: Callable[[], datetime],
        *,
        has_model: bool,
    ) -> None:
        """``has_model``: workers that can ask a vision model are there."""
        self._inspector = inspector
        self._promising = Promising(blobs, jobs, credits, updates, windows, effects, now)
        self._credits = credits
        self._depths = depths
        self._broker = broker
        self._prices = prices
        self._now = now
        self._has_model = has_model

    async def check_admission(self, account: Account) -> None:
        """Asked before a file is received. Raises PlanWithdrawn, OutOfCredits where not even one page can be
        paid, TooManyJobs, and Overloaded where no job of the plan would be taken.
        """
        account.plan.check_offered()
        await self._depths.check_all(account.plan)
        one_page = min(self._prices.cpu, self._prices.vlm)
        stands = await self._credits.statement(account, self._now())
        if stands.left < one_page:
            raise stands.refusal(one_page)
        account.plan.check_active_jobs(stands.jobs)

    async def submit(
        self,
        account: Account,
        upload: Upload,
        form: SubmitForm,
        drafted: Callable[[Job], Awaitable[None]] | None = None,
        correspondence: Correspondence | None = None,
    ) -> Job:
        """The new job. Raises BadRequest, OutOfCredits and TooManyJobs for what cannot be served, and
        Unavailable, also where too much waits already; nothing is charged then. ``drafted`` is told of the
        job while it is a draft, and may refuse it with IdempotencyKeyInUse. ``correspondence`` is that of a
        partner's message: Unavailable then also where there is a job, but its partner was not told.
        """
        await self._broker.check()
        draft = await self._draw_up(account, upload, form, correspondence)
        await self._depths.check(account.plan, draft.request.tier, draft.lane)
        job = await self._promising.promise(account, draft, _chunks(upload.path), drafted)
        metrics.UPLOADED_BYTES.inc(upload.size_bytes)
        return job

    async def _draw_up(
        self, account: Account, upload: Upload, form: SubmitForm, correspondence: Correspondence | None
    ) -> Job:
        request = form.request(has_model=self._has_model)
        kept = retention(form.retention, account.plan)
        account.plan.check_size(upload.size_bytes)
        inspection = await self._inspector.inspect(upload.path)
        chosen = selection(form.pages, inspection.page_count)
        account.plan.check_pages(chosen.page_count)
        source_pages = chosen.pages()
        price = self._prices.per_page(request.tier)
        translation = self._prices.translation if request.translate_to else 0
        affordable = form.affordable_pages(len(source_pages), price + translation)
        beyond = range(affordable, len(source_pages))
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
            lane=_lane(account, len(source_pages), is_awaited=correspondence is None),
            correspondence=correspondence,
            pages=new_pages(len(source_pages), affordable),
            settled=tuple(beyond),
            failures=dict.fromkeys(beyond, MaxCostReached.code),
            created_at=self._now(),
            retention=kept.kept_for,
            goes_once_fetched=kept.goes_once_fetched,
            credits_per_page=price,
            credits_per_translation=translation,
            status=JobStatus.DRAFT,
        )


def _lane(account: Account, page_count: int, *, is_awaited: bool) -> Lane:
    """The express lane is for those who wait for an answer: what came through a queue can stand in one."""
    short, long = plan_lanes(account.plan)
    return short if is_awaited and page_count <= EXPRESS_PAGES else long


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, _READ_BYTES):
            yield chunk
