"""Doing what a conversation has outstanding. Every effect may be repeated without harm."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import PurePosixPath
from uuid import uuid4

import orjson

from common import logs, metrics
from common.contracts import topology
from common.contracts.tasks import AnswerQuestion
from common.domain.conversation import (
    Charged,
    Conversation,
    TaskSent,
    Turn,
    Withdrawn,
    asked_prefix,
)
from common.domain.credits import Charge, Kind, Settlement
from common.domain.job import Job
from common.domain.job_parts import JobStatus
from common.errors import Unavailable
from common.ports import BlobStore, ConversationRepository, CreditStore, JobRepository, Publisher
from front.services.conversation_updates import ConversationUpdates
from front.services.jobs import document_of

log = logs.get("question_effects")


class QuestionEffects:
    def __init__(
        self,
        conversations: ConversationRepository,
        updates: ConversationUpdates,
        jobs: JobRepository,
        blobs: BlobStore,
        credits: CreditStore,
        publisher: Publisher,
        now: Callable[[], datetime],
    ) -> None:
        self._conversations = conversations
        self._updates = updates
        self._jobs = jobs
        self._blobs = blobs
        self._credits = credits
        self._publisher = publisher
        self._now = now

    async def perform(self, conversation: Conversation) -> None:
        """Settle what is over, send the task of the question whose turn it is.

        Raises Unavailable half-way: what is not saved as done is left to whoever recovers the conversation.
        """
        for turn in conversation.owing:
            await self._settle(conversation, turn)
        if conversation.due is not None:
            await self._send(conversation, conversation.due)

    async def perform_now_or_later(self, conversation: Conversation) -> None:
        """As ``perform``; an outage is left to the recovery."""
        try:
            await self.perform(conversation)
        except Unavailable as error:
            log.warning("postponed", conversation_id=conversation.id, reason=error.message)

    async def discard(self, job_id: str) -> None:
        """Forget the job's conversations; what was set aside for open questions is given back first."""
        for conversation_id in await self._conversations.of_job(job_id):
            while (found := await self._updates.apply(conversation_id, Withdrawn())) is not None:
                await self.perform(found.conversation)
                current = await self._conversations.get(conversation_id)
                if current is None or (current.is_at_rest and await self._conversations.remove(current)):
                    break

    async def forget_asked(self, job_id: str, question_id: str) -> None:
        """Remove what travels to the workers: whoever answers the question sees so that it is over."""
        await self._blobs.delete_under(asked_prefix(job_id, question_id))

    async def _settle(self, conversation: Conversation, turn: Turn) -> None:
        await self._credits.settle(settlement(conversation, turn, self._now()))
        metrics.CREDITS_CHARGED.labels("", Kind.CHAT).inc(turn.credits_charged)
        metrics.CREDITS_REFUNDED.labels("").inc(turn.credits - turn.credits_charged)
        await self._updates.apply(conversation.id, Charged(turn.question_id))

    async def _send(self, conversation: Conversation, turn: Turn) -> None:
        job = await self._jobs.get(conversation.job_id)
        if job is None or job.status is not JobStatus.DONE:
            await self.discard(conversation.job_id)
            return
        key = f"{asked_prefix(job.id, turn.question_id)}{uuid4().hex}"
        asked = _whole(_asked(job, conversation, turn))
        await self._blobs.write(key, asked, expires_at=conversation.expires_at)
        current = await self._conversations.get(
            conversation.id
        )  # whoever ends it removes its blobs after that
        known = current.turn(turn.question_id) if current else None
        if known is None or known.status.is_settled:
            await self._blobs.delete(key)
            return
        task = _task(job, conversation, turn, key)
        await self._publisher.publish(task, topology.TASKS, topology.CHAT_QUEUE, correlation_id=job.id)
        await self._updates.apply(conversation.id, TaskSent(turn.ticket))


def settlement(conversation: Conversation, turn: Turn, at: datetime) -> Settlement:
    """What the books say of a question that is over."""
    return Settlement(
        id=turn.question_id,
        account_id=conversation.account_id,
        reserved=turn.credits,
        charges=(Charge(Kind.CHAT, turn.credits_charged),),
        at=at,
    )


def _asked(job: Job, conversation: Conversation, turn: Turn) -> bytes:
    """The questions travel as a blob: dead letters carry nothing that was said, nor a file's name."""
    earlier = [
        {"question": one.message, "answer": one.answer.content}
        for one in conversation.earlier(turn)
        if one.answer is not None
    ]
    title = PurePosixPath(job.source.filename).stem
    return orjson.dumps({"message": turn.message, "earlier": earlier, "title": title})


def _task(job: Job, conversation: Conversation, turn: Turn, asked_key: str) -> AnswerQuestion:
    document = document_of(job)
    return AnswerQuestion(
        job_id=job.id,
        conversation_id=conversation.id,
        question_id=turn.question_id,
        ticket=turn.ticket,
        asked_key=asked_key,
        words_key=document.transcript.words_key,
        words_bytes=document.transcript.words_bytes,
        languages=document.detected_languages,
        heard=turn.heard,
    )


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
