"""Consuming from queues of falling urgency."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue, AbstractRobustConnection
from aio_pika.exceptions import ChannelNotFoundEntity
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential_jitter

from common import logs
from common.adapters.rabbit.connection import DECLARE_LIMIT_S, REPLY_LIMIT_S, broker_errors
from common.adapters.rabbit.delivery import RabbitDelivery
from common.domain.turns import Turns
from common.errors import BrokerUnavailable
from common.ports import Delivery

log = logs.get("rabbit")


class MissingQueue(BrokerUnavailable):
    """A queue that this process reads is not there yet."""


class RabbitConsumer:
    """Takes deliveries from queues of falling urgency, ``prefetch`` at a time from each.

    One consumer with a prefetch of 1 is made per slot, so the broker's own count of consumers on a
    queue is the number of pages that can be read at once.
    """

    def __init__(self, queues: Sequence[str]) -> None:
        self._queues = queues
        self._waiting: list[deque[RabbitDelivery]] = [deque() for _ in queues]
        self._turns = Turns()
        self._arrived = asyncio.Event()
        # A connection knows its channels by weak references: one that nobody holds while the broker is
        # away may be collected, and does not come back with the connection.
        self._channel: AbstractChannel | None = None
        self._connection: AbstractRobustConnection | None = None
        self._consumers: list[tuple[AbstractQueue, str]] = []
        self._is_ending = False

    @property
    def is_receiving(self) -> bool:
        """Whether what comes into the queues would come here now."""
        return self._connection is not None and self._connection.connected.is_set() and not self._is_ending

    async def start(self, on: AbstractRobustConnection, *, consumers: int, prefetch: int) -> None:
        """Begin to receive; waits for queues that are not there yet. Raises BrokerUnavailable."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(MissingQueue),
            wait=wait_exponential_jitter(multiplier=0.5, max=5),
            before_sleep=lambda state: log.warning("waiting_for_queues", attempt=state.attempt_number),
        ):
            with attempt, broker_errors():
                async with asyncio.timeout(DECLARE_LIMIT_S):
                    await self._subscribe(on, consumers, prefetch)
        self._connection = on

    async def _subscribe(self, on: AbstractRobustConnection, consumers: int, prefetch: int) -> None:
        self._consumers = []
        self._channel = channel = await on.channel()
        await channel.set_qos(prefetch_count=prefetch)
        for position, name in enumerate(self._queues):
            try:
                # Declared, though passively: only then is the consumer restored after a reconnect.
                queue = await channel.declare_queue(name, passive=True)
            except ChannelNotFoundEntity:
                await channel.close()
                raise MissingQueue(f"there is no queue {name!r} yet") from None
            for number in range(1, consumers + 1):
                # Operators see whose consumer it is: a connection of ours is called as its process is.
                tag = f"{on} {name} {number}"
                await queue.consume(self._receiver(position), consumer_tag=tag)
                self._consumers.append((queue, tag))

    def _receiver(self, position: int) -> Callable[[AbstractIncomingMessage], Awaitable[None]]:
        async def receive(incoming: AbstractIncomingMessage) -> None:
            delivery = RabbitDelivery(incoming)
            if self._is_ending:
                await delivery.hand_back()
                return
            self._waiting[position].append(delivery)
            self._arrived.set()

        return receive

    async def hand_back(self) -> None:
        self._is_ending = True
        with contextlib.suppress(BrokerUnavailable), broker_errors():
            async with asyncio.timeout(REPLY_LIMIT_S):
                # Before what waits here is given back: the broker would send the next ones in its place.
                for queue, tag in self._consumers:
                    await queue.cancel(tag)
        for lane in self._waiting:
            while lane:
                await lane.popleft().hand_back()

    async def batch(self, max_size: int, wait_s: float) -> Sequence[Delivery]:
        taken = [await self._next()]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while len(taken) < max_size:
                    taken.append(self._take() or await self._next())
        return taken

    async def _next(self) -> Delivery:
        while True:
            delivery = self._take()
            if delivery is not None:
                return delivery
            self._arrived.clear()
            await self._arrived.wait()

    def _take(self) -> Delivery | None:
        """The most urgent delivery that is here, but none whose connection is gone."""
        while (position := self._turns.choose([bool(lane) for lane in self._waiting])) is not None:
            delivery = self._waiting[position].popleft()
            if not delivery.is_lost:
                return delivery
        return None
