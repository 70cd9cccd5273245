"""What the front asks of the broker itself."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence

from aio_pika.abc import AbstractRobustConnection
from aiormq import spec

from common import logs, metrics
from common.adapters.rabbit.connection import REPLY_LIMIT_S, broker_errors
from common.adapters.rabbit.publisher import RabbitPublisher
from common.contracts import topology
from common.contracts.tasks import Lane, Tier
from common.errors import BrokerUnavailable
from common.ports import QueueState

WATCH_S = 5.0

log = logs.get("rabbit")


class RabbitBroker:
    """Is it there, and who works on it?

    Asked on a connection that does not publish: in an alarm the broker stops to read the others.
    """

    def __init__(self, on: AbstractRobustConnection, publisher: RabbitPublisher) -> None:
        self._connection = on
        self._publisher = publisher
        self._is_silent = False

    async def watch(self) -> None:
        """Find out again and again whether it answers and takes messages, until cancelled."""
        while True:
            self._is_silent = not await self._answers()
            metrics.AVAILABLE.labels("broker").set(not self._is_silent)
            await asyncio.sleep(WATCH_S)

    async def _answers(self) -> bool:
        try:
            await self._look([topology.TRACKING])
            with _all_errors():
                await self._publisher.probe()
        except BrokerUnavailable:
            return False
        return True

    async def check(self) -> None:
        """Raises BrokerUnavailable, also while it takes no messages or leaves questions unanswered."""
        if self._is_silent or self._publisher.is_stuck or not self._connection.connected.is_set():
            raise BrokerUnavailable()

    async def live_slots(self, tier: Tier) -> int:
        """The consumers on the tier's express queue: workers make one there for every slot."""
        (express,) = await self._look([topology.page_queue(tier, Lane.EXPRESS)])
        return express.consumer_count or 0

    async def waiting(self) -> Mapping[str, int]:
        queues = [*topology.TASK_QUEUES, *topology.RETRY_QUEUES, topology.TRACKING]
        looked = await self._look(queues)
        return {name: found.message_count or 0 for name, found in zip(queues, looked, strict=True)}

    async def states(self) -> Mapping[str, QueueState]:
        names = [queue.name for queue in topology.QUEUES]
        looked = await self._look(names)
        return {
            name: QueueState(found.message_count or 0, found.consumer_count or 0)
            for name, found in zip(names, looked, strict=True)
        }

    async def _look(self, queues: Sequence[str]) -> list[spec.Queue.DeclareOk]:
        with _all_errors():
            async with asyncio.timeout(REPLY_LIMIT_S), self._connection.channel() as channel:
                return [
                    (await channel.declare_queue(name, passive=True, robust=False)).declaration_result
                    for name in queues
                ]


@contextlib.contextmanager
def _all_errors() -> Iterator[None]:
    """Whatever a question fails of becomes BrokerUnavailable.

    In the middle of a reconnect the client library raises errors of any kind (AttributeError, ValueError,
    InvalidStateError); what is asked here cannot be at fault.
    """
    try:
        with broker_errors():
            yield
    except BrokerUnavailable:
        raise
    except Exception as error:
        log.exception("question_failed")
        raise BrokerUnavailable() from error
