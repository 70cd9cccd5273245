"""What is announced about jobs, as one process hears it."""

import contextlib
from collections.abc import Awaitable, Callable

from aio_pika.abc import AbstractIncomingMessage, AbstractRobustConnection

from common.adapters.rabbit.connection import broker_errors
from common.adapters.rabbit.delivery import RabbitDelivery
from common.contracts import topology
from common.contracts.events import JobAnnounced
from common.errors import MessageUnreadable


class RabbitAnnouncements:
    """What is announced about jobs, heard through a queue of this process's own."""

    def __init__(self, on: AbstractRobustConnection, queue: str) -> None:
        self._connection = on
        self._queue = queue

    async def listen(self, notice: Callable[[JobAnnounced], None]) -> None:
        with broker_errors():
            channel = await self._connection.channel()
            queue = await channel.declare_queue(self._queue, exclusive=True, auto_delete=True)
            await queue.bind(topology.RESULTS, "job.#")
            await queue.consume(_receiver(notice), no_ack=True)


def _receiver(
    notice: Callable[[JobAnnounced], None],
) -> Callable[[AbstractIncomingMessage], Awaitable[None]]:
    async def receive(incoming: AbstractIncomingMessage) -> None:
        with contextlib.suppress(MessageUnreadable):
            message = RabbitDelivery(incoming).message()
            if isinstance(message, JobAnnounced):
                notice(message)

    return receive
