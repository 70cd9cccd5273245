"""The results of the workers, turned into the progress of their jobs.

Events of one job are handled by one hand in each process and in batches; several replicas may do so
at once, because every write is a compare-and-set.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

import structlog

from common import logs, metrics, tracing
from common.contracts.events import (
    DocumentExported,
    ExportFailed,
    PageFailed,
    PageRecognized,
    PageTranslated,
    QuestionAnswered,
    QuestionFailed,
    TranslationFailed,
)
from common.contracts.message import Message
from common.contracts.tasks import AnswerQuestion, ExportDocument, RecognizePage, TranslatePage
from common.document.page import Page
from common.document.translation import translated
from common.domain.job import Job, Step
from common.domain.job_changes import WindowOpened
from common.domain.job_parts import backstop
from common.domain.window import WINDOW_MAX
from common.errors import FleetError, MessageUnreadable, Poisoned, Unavailable
from common.ports import Consumer, Delivery, JobRepository, PageBody, PageRepository
from common.runtime.holding import until_available
from common.tracing import Role
from front.services.effects import Effects
from front.services.export_results import ExportResults
from front.services.job_updates import JobUpdates
from front.services.question_results import QuestionResults
from front.services.windows import Windows

BATCH_EVENTS = 64
BATCH_WAIT_S = 0.005
# Between two saves of a job with many pages to come: what is reported meanwhile shares the next one.
GATHER_S = 0.1
GATHER_FROM_PAGES = WINDOW_MAX // 2

PageEvent = PageRecognized | PageFailed | PageTranslated | TranslationFailed
_Received = tuple[Delivery, PageEvent]

log = logs.get("tracking")


class Tracking:
    def __init__(
        self,
        consumer: Consumer,
        jobs: JobRepository,
        pages: PageRepository,
        translations: PageRepository,
        updates: JobUpdates,
        effects: Effects,
        windows: Windows,
        exports: ExportResults,
        questions: QuestionResults,
        now: Callable[[], datetime],
    ) -> None:
        self._consumer = consumer
        self._jobs = jobs
        self._pages = pages
        self._translations = translations
        self._updates = updates
        self._effects = effects
        self._windows = windows
        self._exports = exports
        self._questions = questions
        self._now = now
        self._waiting: dict[str, list[_Received]] = {}

    async def run(self) -> None:
        """Until cancelled; what is in hand then stays unacked and is delivered again."""
        async with asyncio.TaskGroup() as hands:
            while True:
                for delivery in await self._consumer.batch(BATCH_EVENTS, BATCH_WAIT_S):
                    await self._accept(delivery, hands)

    async def _accept(self, delivery: Delivery, hands: asyncio.TaskGroup) -> None:
        try:
            message = delivery.message()
            if isinstance(message, QuestionAnswered | QuestionFailed | AnswerQuestion):
                hands.create_task(self._questions.settle(delivery, message))
                return
            if isinstance(message, DocumentExported | ExportFailed | ExportDocument):
                hands.create_task(self._exports.settle(delivery, message))
                return
            event = _page_event(message)
        except MessageUnreadable as error:
            log.error("event_unreadable", reason=error.message)
            await delivery.ack()
            return
        if event.job_id in self._waiting:
            self._waiting[event.job_id].append((delivery, event))
        else:
            self._waiting[event.job_id] = [(delivery, event)]
            hands.create_task(self._work(event.job_id))

    async def _work(self, job_id: str) -> None:
        """One hand: take what has come for the job, until nothing is left."""
        with structlog.contextvars.bound_contextvars(job_id=job_id):
            try:
                while self._waiting[job_id]:
                    batch, self._waiting[job_id] = self._waiting[job_id], []
                    with _traced(job_id, batch):
                        job = await self._settle(job_id, batch)
                    if job is not None and job.page_count - job.pages_done >= GATHER_FROM_PAGES:
                        await asyncio.sleep(GATHER_S)
            finally:
                del self._waiting[job_id]

    async def _settle(self, job_id: str, batch: Sequence[_Received]) -> Job | None:
        """Record the batch, do what became due, ack. What cannot be done now is left to the recovery.

        Returns the job as it was then saved.
        """
        metrics.TRACKING_BATCH.observe(len(batch))
        repeated = any(delivery.redelivered for delivery, _ in batch)
        async for attempt in until_available():
            with attempt:
                here = [(delivery, event) for delivery, event in batch if not delivery.is_lost]
                step = await self._record(job_id, [event for _, event in here])
                if step is not None:
                    again = repeated or attempt.retry_state.attempt_number > 1
                    await self._perform(step, repeated=again)
        for delivery, _ in batch:
            await delivery.ack()
        return step.job if step else None

    async def _record(self, job_id: str, events: Sequence[PageEvent]) -> Step | None:
        """A batch that fails is replayed one by one, so that one bad result cannot sink its neighbours."""
        try:
            return await self._save(job_id, events)
        except Unavailable:
            raise
        except Exception:
            log.exception("batch_failed", events=len(events))
        step: Step | None = None
        for event in events:
            step = await self._save_alone(job_id, event) or step
        if step is None:
            return None
        return Step(step.job, step.job.outstanding())

    async def _save_alone(self, job_id: str, event: PageEvent) -> Step | None:
        """A result that cannot be kept fails its page."""
        try:
            return await self._save(job_id, [event])
        except Unavailable:
            raise
        except Exception:
            log.exception("event_failed", page_index=event.page_index)
            return await self._save(job_id, [_failed(event, FleetError())])

    async def _save(self, job_id: str, events: Sequence[PageEvent]) -> Step | None:
        """Bodies first, then the job."""
        job = await self._jobs.get(job_id) if events else None
        if job is None:
            return None
        bodies = [
            PageBody(job_id, event.page_index, event.page)
            for event in events
            if isinstance(event, PageRecognized) and event.ticket == job.ticket and not job.status.is_terminal
        ]
        if bodies:
            await self._pages.add_many(bodies, expires_at=backstop(self._now(), job.retention))
        translations = await self._translated(job, events)
        if translations:
            await self._translations.add_many(translations, expires_at=backstop(self._now(), job.retention))
        window = WindowOpened(await self._windows.size(job.request.tier, _page_s(events)))
        step = await self._updates.apply(job, [*events, window])
        if step is None or step.job.status.is_terminal:  # the job ended while they were written
            if bodies:
                await self._pages.discard(job_id, job.page_count)
            if translations:
                await self._translations.discard(job_id, job.page_count)
        return step

    async def _translated(self, job: Job, events: Sequence[PageEvent]) -> list[PageBody]:
        """The pages that were read, with the texts that came for them."""
        came: dict[int, PageTranslated] = {}
        for event in events:
            if isinstance(event, PageTranslated) and event.ticket == job.ticket:
                came.setdefault(event.page_index, event)
        target = job.request.translate_to
        if not came or target is None or job.status.is_terminal:
            return []
        bodies = await self._pages.read(job.id, sorted(came))
        return await asyncio.to_thread(
            lambda: [
                replace(body, page=_in_translation(body.page, came[body.index], target)) for body in bodies
            ]
        )

    async def _perform(self, step: Step, *, repeated: bool) -> None:
        try:
            await self._effects.perform(step.job, step.job.outstanding() if repeated else step.effects)
        except Unavailable:
            raise
        except Exception:
            log.exception("effects_failed")


def _traced(job_id: str, batch: Sequence[_Received]) -> AbstractContextManager[None]:
    (first, _), *rest = batch
    attributes: tracing.Attributes = {"ocr.job_id": job_id, "messaging.batch.message_count": len(batch)}
    others = [delivery.trace for delivery, _ in rest]
    return tracing.span("record pages", Role.CONSUMER, attributes, carrier=first.trace, others=others)


def _page_s(events: Sequence[PageEvent]) -> float | None:
    """The longest that one of these pages took; None where none of them was read."""
    durations = [event.duration_ms for event in events if isinstance(event, PageRecognized)]
    return max(durations) / 1000 if durations else None


def _in_translation(page: Page, event: PageTranslated, target: str) -> Page:
    return replace(translated(page, event.texts, target), usage=event.usage)


def _page_event(message: Message) -> PageEvent:
    """What happened to a page; a task that comes here is one that its workers never survived."""
    if isinstance(message, RecognizePage | TranslatePage):
        metrics.PAGES_POISONED.inc()
        return _failed(message, Poisoned())
    if isinstance(message, PageEvent):
        return message
    raise MessageUnreadable(f"{message.type} is not an event about a page")


def _failed(
    of: PageEvent | RecognizePage | TranslatePage, error: FleetError
) -> PageFailed | TranslationFailed:
    is_translation = isinstance(of, TranslatePage | PageTranslated | TranslationFailed)
    failure = TranslationFailed if is_translation else PageFailed
    return failure(
        job_id=of.job_id,
        ticket=of.ticket,
        page_index=of.page_index,
        code=error.code,
        message=error.message,
    )
