"""Conversations that stand still are moved on, by the rules of jobs (see ``front.services.recovery``)."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from common import logs
from common.contracts import topology
from common.domain.conversation import Conversation, Failure, GivenUp, TaskLost, Turn, TurnStatus
from common.errors import FleetError, QuestionError, SubmissionAbandoned, Unavailable
from common.ports import Backlog, ConversationRepository
from front.services.conversation_updates import ConversationUpdates
from front.services.question_effects import QuestionEffects
from front.services.recovery import MAX_FAILURES, Patience
from front.services.standstill import QuietQueues, Sighting, Sightings
from front.services.sweeping import sweeping

_QUEUES = (topology.CHAT_QUEUE, *topology.RETRY_QUEUES, topology.TRACKING)

log = logs.get("question_recovery")


class QuestionRecovery:
    """``clock`` is monotonic, in seconds."""

    def __init__(
        self,
        conversations: ConversationRepository,
        updates: ConversationUpdates,
        effects: QuestionEffects,
        backlog: Backlog,
        patience: Patience,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._conversations = conversations
        self._updates = updates
        self._effects = effects
        self._queues = QuietQueues(backlog)
        self._patience = patience
        self._clock = clock
        self._now = now
        self._sightings = Sightings[str]()
        self._failures = Counter[str]()

    async def run(self) -> None:
        """Sweep again and again, until cancelled."""
        await sweeping(self.sweep, self._patience.sweep_s, log)

    async def sweep(self) -> None:
        """Look at every conversation that is not at rest. Raises Unavailable; the next sweep goes on."""
        now_s = self._clock()
        versions = await self._conversations.restless()
        if versions:
            await self._queues.look(now_s)
        self._failures = Counter({key: self._failures[key] for key in versions})
        for conversation_id, sighting in self._sightings.look(versions, now_s).items():
            if now_s - sighting.since_s >= self._patience.outstanding_s:
                await self._try(conversation_id, sighting, now_s)

    async def _try(self, conversation_id: str, sighting: Sighting, now_s: float) -> None:
        """One that cannot be moved on must not keep the others waiting."""
        try:
            await self._move_on(conversation_id, sighting, now_s)
        except Unavailable:
            raise
        except Exception:
            self._failures[conversation_id] += 1
            log.exception("recovery_failed", conversation_id=conversation_id)

    async def _move_on(self, conversation_id: str, sighting: Sighting, now_s: float) -> None:
        found = await self._conversations.get(conversation_id)
        if found is None or found.version != sighting.version:
            return
        changed = self._with_what_happened(found, sighting, now_s)
        if changed is found and not found.owing and found.due is None:
            return
        claimed = await self._conversations.save(changed)
        if claimed is not None:
            log.warning("conversation_recovered", conversation_id=conversation_id, job_id=found.job_id)
            for turn in claimed.turns:
                if turn.failure is not None and turn not in found.turns:
                    await self._effects.forget_asked(found.job_id, turn.question_id)
            await self._effects.perform(claimed)

    def _with_what_happened(self, found: Conversation, sighting: Sighting, now_s: float) -> Conversation:
        """What standing still means for each question that is not settled."""
        changed = found
        for turn in found.turns:
            if (error := self._ends_by(found, turn)) is not None:
                given_up = GivenUp(turn.question_id, Failure(error.code, error.message))
                changed = changed.apply(given_up, self._now())
            elif turn.status is TurnStatus.SENT and self._is_lost(sighting, now_s):
                changed = changed.apply(TaskLost(turn.ticket), self._now())
        return changed

    def _ends_by(self, conversation: Conversation, turn: Turn) -> FleetError | None:
        """Why the question is not answered: whoever asked it was interrupted, or it cannot be sent."""
        if turn.status is TurnStatus.DRAFT:
            return SubmissionAbandoned("The question was interrupted before it was asked: ask it again.")
        if turn.status.is_open and self._failures[conversation.id] >= MAX_FAILURES:
            return QuestionError()
        return None

    def _is_lost(self, sighting: Sighting, now_s: float) -> bool:
        """It is in no queue, nor can it be with a worker any more."""
        empty_since_s = self._queues.since_s(_QUEUES)
        return (
            empty_since_s is not None
            and now_s - max(sighting.since_s, empty_since_s) >= self._patience.sent_s
        )
