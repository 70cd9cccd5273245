"""What is announced about jobs, as one process hears it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue

from common import logs
from common.adapters.rabbit.connection import HEARTBEAT_S, REPLY_LIMIT_S, broker_errors
from common.adapters.rabbit.delivery import RabbitDelivery
from common.adapters.rabbit.nodes import Nodes
from common.contracts import topology
from common.contracts.events import AnswerPart, answer_key
from common.contracts.job_events import JobAnnounced, JobHint
from common.errors import BrokerUnavailable, MessageUnreadable

AGAIN_S = 1.0

Notice = Callable[[JobAnnounced | JobHint | AnswerPart], None]

log = logs.get("rabbit")


class RabbitAnnouncements:
    """Hears through an exclusive queue on a connection of its own.

    Each connection makes a queue of a fresh name: that of a connection which the broker has not yet
    found to be dead stays locked, and must not hold up anything else.
    """

    def __init__(self, url: str, name: str) -> None:
        self._nodes = Nodes(url)
        self._name = name
        self._queue: AbstractQueue | None = None
        self._answers: set[str] = set()

    async def listen(self, notice: Notice, heard: asyncio.Event | None = None) -> None:
        """Call ``notice`` for every announcement, until cancelled; ``heard`` is set once it does."""
        while True:
            try:
                await self._listen(notice, heard or asyncio.Event())
            except BrokerUnavailable as error:
                log.warning("feed_interrupted", reason=error.message)
            await asyncio.sleep(AGAIN_S)

    @contextlib.asynccontextmanager
    async def answers(self, question_id: str) -> AsyncIterator[None]:
        """Hear the parts of this answer too. Raises BrokerUnavailable while nothing is heard at all."""
        key = answer_key(question_id)
        if self._queue is None:
            raise BrokerUnavailable()
        with broker_errors():
            await self._queue.bind(topology.RESULTS, key, timeout=REPLY_LIMIT_S)
        self._answers.add(key)
        try:
            yield
        finally:
            self._answers.discard(key)
            with contextlib.suppress(BrokerUnavailable), broker_errors():
                if self._queue is not None:
                    await self._queue.unbind(topology.RESULTS, key, timeout=REPLY_LIMIT_S)

    async def _listen(self, notice: Notice, heard: asyncio.Event) -> None:
        with broker_errors():
            async with await aio_pika.connect(
                self._nodes.move_on(),
                heartbeat=HEARTBEAT_S,
                timeout=REPLY_LIMIT_S,
                client_properties={"connection_name": f"{self._name} feed"},
            ) as connection:
                channel = await connection.channel()
                queue = await channel.declare_queue(
                    f"{topology.FEED_PREFIX}{self._name}.{uuid4().hex}", exclusive=True, auto_delete=True
                )
                for key in (*topology.FEED_KEYS, *self._answers):
                    await queue.bind(topology.RESULTS, key)
                await queue.consume(_receiver(notice), no_ack=True, consumer_tag=f"{self._name} feed")
                lost = asyncio.Event()
                connection.close_callbacks.add(lambda *_: lost.set())
                heard.set()
                self._queue = queue
                try:
                    await lost.wait()
                finally:
                    self._queue = None


def _receiver(notice: Notice) -> Callable[[AbstractIncomingMessage], Awaitable[None]]:
    async def receive(incoming: AbstractIncomingMessage) -> None:
        with contextlib.suppress(MessageUnreadable):
            message = RabbitDelivery(incoming).message()
            if isinstance(message, JobAnnounced | JobHint | AnswerPart):
                notice(message)

    return receive
