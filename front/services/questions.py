"""Asking about finished documents: questions are put into their conversation, and answers waited for."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from common import logs
from common.domain.account import Account
from common.domain.conversation import (
    Accepted,
    Conversation,
    Failure,
    GivenUp,
    Turn,
    TurnStatus,
)
from common.domain.job import Job
from common.domain.job_parts import BACKSTOP, JobStatus
from common.errors import (
    AnswerPending,
    InvalidField,
    NotFound,
    OutOfCredits,
    QuestionCanceled,
    QuestionError,
    TooManyQuestions,
    Unavailable,
)
from common.ports import ConversationRepository, CreditStore, JobRepository, Probe
from common.runtime.holding import until_available
from front.services.conversation_updates import ConversationUpdates
from front.services.jobs import NO_JOB, document_of
from front.services.question_effects import QuestionEffects, settlement

NEW: Final = "new"

# Questions of one account that are under way, each in a conversation of its own; conversations of a job.
MOST_AT_ONCE: Final = 20
MOST_CONVERSATIONS: Final = 100
PROMISE_LIMIT_S: Final = 30

_TICKET_BYTES: Final = 16
_ID_CHARACTERS: Final = 32
_NO_CONVERSATION: Final = (
    'The job has no such conversation: leave "conversation" out for the latest, or send "new".'
)
# Between two looks at a question.
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 0.5
_GROWTH: Final = 1.4


log = logs.get("questions")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """``conversation``: None for the job's latest, "new", or an id. ``question_id`` is fresh, 32 hex digits;
    ``heard``: somebody listens while it is answered.
    """

    question_id: str
    message: str
    conversation: str | None = None
    heard: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was taken."""

    conversation_id: str
    question_id: str


class Questions:
    """``cost``: credits for each answer."""

    def __init__(
        self,
        conversations: ConversationRepository,
        updates: ConversationUpdates,
        effects: QuestionEffects,
        jobs: JobRepository,
        credits: CreditStore,
        broker: Probe,
        now: Callable[[], datetime],
        cost: int = 0,
    ) -> None:
        self._conversations = conversations
        self._updates = updates
        self._effects = effects
        self._jobs = jobs
        self._credits = credits
        self._broker = broker
        self._now = now
        self._cost = cost

    async def ask(self, account: Account, job: Job, inquiry: Inquiry) -> Asked:
        """Put the question into its conversation and have it answered, in its turn.

        Raises JobNotFinished, JobHasNoResult, NotFound, OutOfCredits, TooManyQuestions, InvalidField and
        Unavailable; nothing is asked or charged then.
        """
        account.plan.check_offered()
        document_of(job)
        await self._broker.check()
        await self._check_credits(account)
        if await self._conversations.count_restless(account.id) >= MOST_AT_ONCE:
            raise TooManyQuestions()
        turn = Turn(
            question_id=inquiry.question_id,
            ticket=secrets.token_hex(_TICKET_BYTES),
            message=inquiry.message,
            asked_at=self._now(),
            status=TurnStatus.DRAFT,
            heard=inquiry.heard,
            credits=self._cost,
            owes=self._cost > 0,
        )
        begun = await self._with_turn(job, turn, inquiry.conversation)
        await self._check_not_deleted(job)
        if self._cost:
            await self._reserve(account, begun, turn)
        promised = await self._promise(begun, turn)
        if promised.due is not None and promised.due.question_id == turn.question_id:
            await self._effects.perform_now_or_later(promised)
        return Asked(begun.id, turn.question_id)

    async def answered(self, asked: Asked, wait_s: float) -> Turn:
        """The question with its answer.

        Raises why there is none, AnswerPending when there is none after ``wait_s`` seconds, and NotFound when
        the job was deleted meanwhile.
        """
        loop = asyncio.get_running_loop()
        deadline, pause_s = loop.time() + wait_s, _FIRST_PAUSE_S
        while (turn := await self._as_it_is_now(asked)) is None or not turn.status.is_settled:
            left_s = deadline - loop.time()
            if left_s <= 0:
                raise AnswerPending()
            await asyncio.sleep(min(pause_s, left_s))
            pause_s = min(pause_s * _GROWTH, _LONGEST_PAUSE_S)
        if turn.failure is not None:
            raise turn.failure.error
        return turn

    async def turn(self, asked: Asked) -> Turn:
        """The question as it is now. Raises NotFound when it is gone with its job."""
        turn = await self._conversations.turn(asked.conversation_id, asked.question_id)
        if turn is None:
            raise NotFound(NO_JOB)
        return turn

    async def _as_it_is_now(self, asked: Asked) -> Turn | None:
        """None while the store is away: it was promised, so that is no error."""
        try:
            return await self.turn(asked)
        except Unavailable as error:
            log.warning("read_postponed", question_id=asked.question_id, reason=error.message)
            return None

    async def cancel(self, asked: Asked) -> None:
        """Nobody waits for the answer any more; one that is there stays."""
        error = QuestionCanceled()
        given_up = GivenUp(asked.question_id, Failure(error.code, error.message))
        applied = await self._updates.apply(asked.conversation_id, given_up)
        if applied is not None and applied.is_news:
            await self._effects.forget_asked(applied.conversation.job_id, asked.question_id)
            await self._effects.perform_now_or_later(applied.conversation)

    async def history(self, job: Job, conversation: str | None) -> Conversation | None:
        """The job's latest conversation, or that of this id; None before the first question.

        Raises NotFound for an id that is none of the job's.
        """
        if conversation is None:
            return await self._latest(job)
        return await self._of_id(job, conversation)

    async def _with_turn(self, job: Job, turn: Turn, choice: str | None) -> Conversation:
        while True:
            found = None if choice == NEW else await self.history(job, choice)
            if found is not None:
                saved = await self._conversations.save(found.asked(turn))
            else:
                await self._check_number(job)
                fresh = self._fresh(job, _new_id() if choice == NEW else _first_id(job)).asked(turn)
                saved = fresh if await self._conversations.add(fresh) else None
            if saved is not None:
                return saved

    async def _check_number(self, job: Job) -> None:
        if len(await self._conversations.of_job(job.id)) >= MOST_CONVERSATIONS:
            raise InvalidField(
                "conversation",
                f"The job has {MOST_CONVERSATIONS} conversations, the most: go on with one of them.",
            )

    def _fresh(self, job: Job, conversation_id: str) -> Conversation:
        assert job.expires_at is not None, "it is done"
        return Conversation(
            id=conversation_id,
            job_id=job.id,
            account_id=job.account_id,
            created_at=self._now(),
            expires_at=job.expires_at + BACKSTOP,
        )

    async def _latest(self, job: Job) -> Conversation | None:
        ids = await self._conversations.of_job(job.id)
        return await self._conversations.get(ids[-1]) if ids else None

    async def _of_id(self, job: Job, conversation_id: str) -> Conversation:
        found = await self._conversations.get(conversation_id)
        if found is None or found.job_id != job.id:
            raise NotFound(_NO_CONVERSATION)
        return found

    async def _check_not_deleted(self, job: Job) -> None:
        """Whoever deletes a job leaves its tombstone first: what is asked after that must not stay."""
        current = await self._jobs.get(job.id)
        if current is None or current.status is not JobStatus.DONE:
            await self._effects.discard(job.id)
            raise NotFound(NO_JOB)

    # --- credits ---

    async def _check_credits(self, account: Account) -> None:
        if self._cost:
            stands = await self._credits.statement(account, self._now())
            if stands.left < self._cost:
                raise stands.refusal(self._cost)

    async def _reserve(self, account: Account, conversation: Conversation, turn: Turn) -> None:
        try:
            await self._credits.reserve(account, turn.question_id, turn.credits, self._now())
        except OutOfCredits as error:
            given_up = GivenUp(turn.question_id, Failure(error.code, error.message))
            refused = await self._updates.apply(conversation.id, given_up)
            if refused is not None:
                await self._effects.perform_now_or_later(refused.conversation)
            raise

    async def _promise(self, conversation: Conversation, turn: Turn) -> Conversation:
        """The conversation with the question accepted; where the outcome is unknown, it is applied again.

        What was given up meanwhile is paid back.
        """
        async for attempt in until_available(PROMISE_LIMIT_S):
            with attempt:
                accepted = await self._updates.apply(conversation.id, Accepted(turn.question_id))
        known = accepted.conversation.turn(turn.question_id) if accepted else None
        if accepted is None or known is None or known.failure is not None:
            if turn.credits:
                await self._credits.settle(settlement(conversation, turn, self._now()))
            raise QuestionError("The question was interrupted: ask it again.")
        return accepted.conversation


def new_question_id() -> str:
    return uuid4().hex


def _new_id() -> str:
    return uuid4().hex


def _first_id(job: Job) -> str:
    """The same for all who ask first, at once: they are in one conversation."""
    return hashlib.sha256(f"{job.id}:conversation".encode()).hexdigest()[:_ID_CHARACTERS]
