"""What is announced about jobs, as one process hears it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from common import logs
from common.adapters.rabbit.connection import HEARTBEAT_S, REPLY_LIMIT_S, broker_errors
from common.adapters.rabbit.delivery import RabbitDelivery
from common.contracts import topology
from common.contracts.events import JobAnnounced
from common.errors import BrokerUnavailable, MessageUnreadable

AGAIN_S = 1.0

log = logs.get("rabbit")


class RabbitAnnouncements:
    """Hears through an exclusive queue on a connection of its own.

    Each connection makes a queue of a fresh name: that of a connection which the broker has not yet
    found to be dead stays locked, and must not hold up anything else.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name

    async def listen(
        self, notice: Callable[[JobAnnounced], None], heard: asyncio.Event | None = None
    ) -> None:
        """Call ``notice`` for every announcement, until cancelled; ``heard`` is set once it does."""
        while True:
            try:
                await self._listen(notice, heard or asyncio.Event())
            except BrokerUnavailable as error:
                log.warning("feed_interrupted", reason=error.message)
            await asyncio.sleep(AGAIN_S)

    async def _listen(self, notice: Callable[[JobAnnounced], None], heard: asyncio.Event) -> None:
        with broker_errors():
            async with await aio_pika.connect(
                self._url,
                heartbeat=HEARTBEAT_S,
                timeout=REPLY_LIMIT_S,
                client_properties={"connection_name": f"{self._name} feed"},
            ) as connection:
                channel = await connection.channel()
                queue = await channel.declare_queue(
                    f"{topology.FEED_PREFIX}{self._name}.{uuid4().hex}", exclusive=True, auto_delete=True
                )
                await queue.bind(topology.RESULTS, "job.#")
                await queue.consume(_receiver(notice), no_ack=True)
                lost = asyncio.Event()
                connection.close_callbacks.add(lambda *_: lost.set())
                heard.set()
                await lost.wait()


def _receiver(
    notice: Callable[[JobAnnounced], None],
) -> Callable[[AbstractIncomingMessage], Awaitable[None]]:
    async def receive(incoming: AbstractIncomingMessage) -> None:
        with contextlib.suppress(MessageUnreadable):
            message = RabbitDelivery(incoming).message()
            if isinstance(message, JobAnnounced):
                notice(message)

    return receive
