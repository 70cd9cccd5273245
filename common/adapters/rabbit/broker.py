"""What the front asks of the broker itself."""

from aio_pika.abc import AbstractRobustConnection

from common.adapters.rabbit.connection import broker_errors
from common.contracts import topology
from common.errors import BrokerUnavailable


class RabbitBroker:
    """Is it there, and who works on it?"""

    def __init__(self, on: AbstractRobustConnection) -> None:
        self._connection = on

    async def check(self) -> None:
        if not self._connection.connected.is_set():
            raise BrokerUnavailable()

    async def live_slots(self) -> int:
        """The consumers on the express queue: workers make one there for every slot."""
        await self.check()
        with broker_errors():
            async with self._connection.channel() as channel:
                queue = await channel.declare_queue(topology.TASK_QUEUES[0], passive=True, robust=False)
                return queue.declaration_result.consumer_count or 0
