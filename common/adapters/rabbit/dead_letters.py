"""Looking at dead letters: they are taken without being settled, and go back when whoever looks is done."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractRobustConnection
from aio_pika.exceptions import QueueEmpty

from common.adapters.rabbit.connection import REPLY_LIMIT_S, broker_errors
from common.adapters.rabbit.delivery import ATTEMPT_HEADER
from common.contracts.codec import Encoded, decode
from common.contracts.message import Message
from common.errors import MessageUnreadable
from common.ports import DeadLetter, Hop

# Format: https://www.rabbitmq.com/docs/dlx#effects
_HOPS_HEADER = "x-death"
# Of one queue at once: some ten thousand tasks, which take several times as much in memory.
MAX_HELD_BYTES = 32 * 1024 * 1024


class RabbitHeldLetters:
    def __init__(self) -> None:
        self.letters: list[DeadLetter] = []
        self.left: dict[str, int] = {}
        self._incoming: dict[int, AbstractIncomingMessage] = {}

    async def drop(self, letter: DeadLetter) -> None:
        incoming = self._incoming.get(id(letter))
        if incoming is not None:
            with broker_errors():
                await incoming.ack()
            del self._incoming[id(letter)]

    async def take(self, channel: AbstractChannel, name: str, limit: int) -> None:
        with broker_errors():
            queue = await channel.declare_queue(name, passive=True)
            taken = held_bytes = self.left[name] = 0
            with contextlib.suppress(QueueEmpty):
                while taken < limit and held_bytes < MAX_HELD_BYTES:
                    incoming = await queue.get(timeout=REPLY_LIMIT_S)
                    assert incoming is not None, "an empty queue raises"
                    letter = _letter(name, incoming)
                    self.letters.append(letter)
                    self._incoming[id(letter)] = incoming
                    taken += 1
                    held_bytes += letter.size_bytes
                    self.left[name] = incoming.message_count or 0

    async def give_back(self) -> None:
        with broker_errors():
            for incoming in self._incoming.values():
                await incoming.nack(requeue=True)


class RabbitDeadLetters:
    def __init__(self, on: AbstractRobustConnection) -> None:
        self._connection = on

    @contextlib.asynccontextmanager
    async def held(self, queues: Sequence[str], limit: int) -> AsyncIterator[RabbitHeldLetters]:
        """Raises BrokerUnavailable. Where the connection ends, the broker gives them back itself."""
        with broker_errors():
            async with asyncio.timeout(REPLY_LIMIT_S):
                channel = await self._connection.channel()
        held = RabbitHeldLetters()
        try:
            for name in queues:
                await held.take(channel, name, limit)
            yield held
            await held.give_back()
        finally:
            with broker_errors():
                await channel.close()


def _letter(queue: str, incoming: AbstractIncomingMessage) -> DeadLetter:
    attempts = incoming.headers.get(ATTEMPT_HEADER, 0)
    return DeadLetter(
        id=incoming.message_id or hashlib.sha256(incoming.body).hexdigest(),
        queue=queue,
        type=incoming.type or "",
        size_bytes=len(incoming.body),
        attempts=attempts if isinstance(attempts, int) and attempts >= 0 else 0,
        published_at=_moment(incoming.timestamp),
        hops=_hops(incoming.headers.get(_HOPS_HEADER)),
        message=_message(incoming),
    )


def _message(incoming: AbstractIncomingMessage) -> Message | None:
    try:
        return decode(Encoded(incoming.type or "", incoming.content_encoding, incoming.body))
    except MessageUnreadable:
        return None


def _hops(told: Any) -> tuple[Hop, ...]:
    """What is not as the broker writes it was written by somebody else, and is left out."""
    return tuple(
        Hop(
            queue=str(one.get("queue", "")),
            reason=str(one.get("reason", "")),
            count=count,
            at=_moment(one.get("time")),
        )
        for one in (told if isinstance(told, list) else [])
        if isinstance(one, dict) and isinstance(count := one.get("count", 1), int)
    )


def _moment(told: Any) -> datetime | None:
    if not isinstance(told, datetime):
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)
