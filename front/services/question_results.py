"""What became of questions: the next one has its turn, and the books are kept."""

import structlog

from common import logs, metrics
from common.contracts.events import QuestionAnswered, QuestionFailed
from common.contracts.tasks import AnswerQuestion
from common.domain.conversation import asked_prefix
from common.errors import QuestionCrashed, Unavailable
from common.ports import BlobStore, Delivery
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
        blobs: BlobStore,
    ) -> None:
        self._updates = updates
        self._effects = effects
        self._blobs = blobs

    async def settle(self, delivery: Delivery, message: QuestionEvent | AnswerQuestion) -> None:
        """Record it, then ack; a task that comes here is one that its workers never survived."""
        event = _died_of(message) if isinstance(message, AnswerQuestion) else message
        with structlog.contextvars.bound_contextvars(job_id=event.job_id, question_id=event.question_id):
            async for attempt in until_available():
                with attempt:
                    if delivery.is_lost:
                        return
                    await self._try(
                        event, repeated=delivery.redelivered or attempt.retry_state.attempt_number > 1
                    )
        await delivery.ack()

    async def _try(self, event: QuestionEvent, *, repeated: bool) -> None:
        """An answer that cannot be recorded must not end the tracking: its question is recovered."""
        try:
            applied = await self._updates.apply(event.conversation_id, event)
            await self._blobs.delete_under(asked_prefix(event.job_id, event.question_id))
            if applied is not None and (applied.is_news or repeated):
                await self._effects.perform(applied.conversation)
        except Unavailable:
            raise
        except Exception:
            log.exception("event_failed")


def _died_of(task: AnswerQuestion) -> QuestionFailed:
    metrics.QUESTIONS.labels("", QuestionCrashed.code).inc()
    return QuestionFailed(
        job_id=task.job_id,
        conversation_id=task.conversation_id,
        question_id=task.question_id,
        ticket=task.ticket,
        code=QuestionCrashed.code,
        message=QuestionCrashed().message,
    )
