"""What became of questions: the next one has its turn, and the books are kept."""

from contextlib import suppress

import structlog

from common import logs, metrics, tracing
from common.contracts.events import QuestionAnswered, QuestionFailed
from common.contracts.tasks import AnswerQuestion
from common.errors import FleetError, QuestionCrashed, QuestionError, Unavailable
from common.ports import Delivery
from common.runtime.holding import until_available
from front.services.conversation_updates import ConversationUpdates
from front.services.question_effects import QuestionEffects

QuestionEvent = QuestionAnswered | QuestionFailed

log = logs.get("question_results")


class QuestionResults:
    def __init__(
        self,
        updates: ConversationUpdates,
        effects: QuestionEffects,
    ) -> None:
        self._updates = updates
        self._effects = effects

    async def settle(self, delivery: Delivery, message: QuestionEvent | AnswerQuestion) -> None:
        """Record it, then ack; a task that comes here is one that its workers never survived."""
        event = _died_of(message) if isinstance(message, AnswerQuestion) else message
        about = {"ocr.job_id": event.job_id, "ocr.question_id": event.question_id}
        with (
            structlog.contextvars.bound_contextvars(job_id=event.job_id, question_id=event.question_id),
            tracing.span("record answer", tracing.Role.CONSUMER, about, carrier=delivery.trace),
        ):
            async for attempt in until_available():
                with attempt:
                    if delivery.is_lost:
                        return
                    await self._try(
                        event, repeated=delivery.redelivered or attempt.retry_state.attempt_number > 1
                    )
        await delivery.ack()

    async def _try(self, event: QuestionEvent, *, repeated: bool) -> None:
        """An answer that cannot be kept fails its question; nothing ends the tracking."""
        try:
            await self._record(event, repeated=repeated)
        except Unavailable:
            raise
        except Exception:
            log.exception("event_failed")
            with suppress(FleetError):
                await self._record(_failed(event), repeated=repeated)

    async def _record(self, event: QuestionEvent, *, repeated: bool) -> None:
        applied = await self._updates.apply(event.conversation_id, event)
        await self._effects.forget_asked(event.job_id, event.question_id)
        if applied is not None and (applied.is_news or repeated):
            await self._effects.perform(applied.conversation)


def _failed(of: QuestionEvent | AnswerQuestion, error: QuestionError | None = None) -> QuestionFailed:
    error = error or QuestionError()
    return QuestionFailed(
        job_id=of.job_id,
        conversation_id=of.conversation_id,
        question_id=of.question_id,
        ticket=of.ticket,
        code=error.code,
        message=error.message,
    )


def _died_of(task: AnswerQuestion) -> QuestionFailed:
    metrics.QUESTIONS.labels("", QuestionCrashed.code).inc()
    return _failed(task, QuestionCrashed())
