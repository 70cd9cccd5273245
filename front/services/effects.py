"""Doing what a job's last step made due. Every effect may be repeated without harm."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from uuid import uuid4

import orjson

from common import logs, metrics
from common.contracts import topology
from common.contracts.tasks import RecognizePage, Tier, TranslatePage
from common.document.translation import translatable
from common.domain import tools
from common.domain.credits import Settlement
from common.domain.job import Job
from common.domain.job_changes import (
    DocumentAssembled,
    Effect,
    EffectDone,
    Event,
    PagesSent,
    PayOwed,
    SendPages,
    SendTranslations,
    TranslationsSent,
)
from common.domain.job_parts import Owed, backstop
from common.errors import Unavailable
from common.ports import (
    BlobStore,
    ClaimStore,
    CreditStore,
    ExportRepository,
    PageRepository,
    Publisher,
)
from front.services.assembly import Assembly
from front.services.job_news import JobNews
from front.services.job_updates import JobUpdates
from front.services.question_effects import QuestionEffects

log = logs.get("effects")


class Effects:
    def __init__(
        self,
        updates: JobUpdates,
        publisher: Publisher,
        pages: PageRepository,
        translations: PageRepository,
        exports: ExportRepository,
        blobs: BlobStore,
        credits: CreditStore,
        claims: ClaimStore,
        questions: QuestionEffects,
        assembly: Assembly,
        news: JobNews,
        now: Callable[[], datetime],
    ) -> None:
        self._updates = updates
        self._publisher = publisher
        self._pages = pages
        self._translations = translations
        self._exports = exports
        self._blobs = blobs
        self._credits = credits
        self._claims = claims
        self._questions = questions
        self._assembly = assembly
        self._news = news
        self._now = now

    async def perform(self, job: Job, effects: Sequence[Effect]) -> None:
        """Do the effects, save that they are done, and go on with what became due by that.

        Raises Unavailable half-way: what was not saved as done stays due, for whoever comes next.
        """
        while effects:
            done = [event for effect in effects if (event := await self._do(job, effect))]
            if not done:
                return
            step = await self._updates.apply(job, done)
            await self._discard_superseded(done, step.job if step else None)
            if step is None:
                return
            job, effects = step.job, step.effects

    async def announce(self, job: Job, what: str) -> None:
        """Tell everybody who listens that the job was accepted, has new pages or has ended."""
        await self._news.tell(job, what)

    async def clean_up(self, job: Job) -> None:
        """Remove all that is stored of the job but its tombstone."""
        await self._discard_pages(job)
        await self._exports.discard(job.id)  # before their blobs: a late one finds none to belong to
        await self._questions.discard(job.id)
        await self._blobs.delete_all(job.id)
        await self._claims.forget(job.id)

    async def _do(self, job: Job, effect: Effect) -> Event | None:
        match effect:
            case SendPages(indexes):
                await self._send_all(job, indexes)
                return PagesSent(indexes)
            case SendTranslations(indexes):
                for index in indexes:
                    await self._send_translation(job, index)
                return TranslationsSent(indexes)
            case PayOwed(Owed.ASSEMBLE):
                return DocumentAssembled(await self._assembly.assemble(job))
            case PayOwed(Owed.SETTLE):
                await self._credits.settle(settlement(job))
                _count_credits(job)
                return EffectDone(Owed.SETTLE)
            case PayOwed(Owed.CLEAN_UP):
                await self.clean_up(job)
                return EffectDone(Owed.CLEAN_UP)
            case PayOwed(Owed.ANNOUNCE):
                return await self._tell_end(job)
            case PayOwed(Owed.DISCARD_PAGES):
                await self._discard_pages(job)
                return EffectDone(Owed.DISCARD_PAGES)
            case _:
                await self._hint(job)
                return None

    async def _tell_end(self, job: Job) -> Event | None:
        """What cannot be told now is told by the recovery; whoever deletes a job, or pays for it, need not
        wait for that.
        """
        try:
            await self._news.tell(job, job.told_status)
        except Unavailable as error:
            log.warning("end_told_later", job_id=job.id, reason=error.message)
            return None
        return EffectDone(Owed.ANNOUNCE)

    async def _hint(self, job: Job) -> None:
        """Who listens reads the job anyway, so what is owed need not wait for a hint that fails."""
        try:
            await self._news.tell(job, "page")
        except Unavailable as error:
            log.warning("hint_failed", job_id=job.id, reason=error.message)

    async def _send_all(self, job: Job, indexes: Sequence[int]) -> None:
        """Raises what the first failed page raised, once the others are saved as sent."""
        sends = (self._send(job, index) for index in indexes)
        outcomes = await asyncio.gather(*sends, return_exceptions=True)
        failures = [outcome for outcome in outcomes if outcome is not None]
        if failures:
            sent = zip(indexes, outcomes, strict=True)
            await self._updates.apply(job, [PagesSent(tuple(i for i, failure in sent if failure is None))])
            raise failures[0]

    async def _send(self, job: Job, index: int) -> None:
        task = RecognizePage(
            job_id=job.id,
            ticket=job.ticket,
            tier=job.request.tier,
            lane=job.lane,
            page_index=index,
            source_page=job.source_pages[index],
            source_key=job.source.key,
            media_type=job.source.media_type,
            languages=job.request.models,
            text_layer=job.request.text_layer,
            tables=job.request.tool == tools.EXTRACT_TABLES,
            focus=tools.focus(job.request.tool),
            extract=job.request.extract,
            is_whole=job.page_count == 1,
            earlier=job.deaths.get(index),
        )
        queue = topology.page_queue(task.tier, task.lane)
        await self._publisher.publish(task, topology.TASKS, queue, correlation_id=job.id)

    async def _send_translation(self, job: Job, index: int) -> None:
        """The texts travel as a blob: dead letters carry no page text.

        Whoever ends a job removes its texts after that, so here they are written before it is looked at.
        """
        bodies = await self._pages.read(job.id, [index])
        if not bodies:
            return  # the job has ended meanwhile
        page = bodies[0].page
        texts_key = f"{_texts_prefix(job)}{index}-{uuid4().hex}"
        texts = orjson.dumps(await asyncio.to_thread(translatable, page))
        await self._blobs.write(texts_key, _whole(texts), expires_at=backstop(self._now(), job.retention))
        if await self._updates.is_over(job):
            await self._blobs.delete(texts_key)
            return
        task = TranslatePage(
            job_id=job.id,
            ticket=job.ticket,
            tier=job.request.tier,
            lane=job.lane,
            page_index=index,
            texts_key=texts_key,
            target=job.request.translate_to or "",
            languages=page.detected_languages,
            earlier=job.deaths.get(index),
        )
        queue = topology.page_queue(Tier.VLM, job.lane)
        await self._publisher.publish(task, topology.TASKS, queue, correlation_id=job.id)

    async def _discard_pages(self, job: Job) -> None:
        await self._pages.discard(job.id, job.page_count)
        if job.request.translate_to is not None:
            await self._translations.discard(job.id, job.page_count)
            await self._blobs.delete_under(_texts_prefix(job))

    async def _discard_superseded(self, done: Sequence[Event], job: Job | None) -> None:
        """Two replicas may have assembled the same job: the document that lost is removed."""
        for event in done:
            if isinstance(event, DocumentAssembled) and (job is None or job.document != event.document):
                await self._assembly.discard(event.document)


def _texts_prefix(job: Job) -> str:
    return f"{job.id}/texts/"


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _count_credits(job: Job) -> None:
    tier = job.request.tier
    for charge in job.charges:
        metrics.CREDITS_CHARGED.labels(tier, charge.kind).inc(charge.credits)
    metrics.CREDITS_REFUNDED.labels(tier).inc(job.credits_reserved - job.credits_charged)


def settlement(job: Job) -> Settlement:
    """What the books say of a job that has ended."""
    return Settlement(
        id=job.id,
        account_id=job.account_id,
        reserved=job.credits_reserved,
        charges=job.charges,
        at=job.finished_at or job.created_at,
    )
