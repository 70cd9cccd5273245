"""A broker in memory, for the tests of what uses it: one queue for each routing key."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from common.contracts.codec import Encoded, decode, encode
from common.contracts.message import Message
from common.errors import BrokerUnavailable
from common.ports import DeadLetter, Delivery
from common.tracing import Carrier


@dataclass
class Published:
    message: Message
    exchange: str
    routing_key: str
    correlation_id: str
    attempt: int


@dataclass
class FakePublisher:
    """Keeps what was published; the next ``failures`` publishes raise BrokerUnavailable."""

    published: list[Published] = field(default_factory=list)
    failures: int = 0

    async def publish(
        self, message: Message, exchange: str, routing_key: str, *, correlation_id: str, attempt: int = 0
    ) -> None:
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise BrokerUnavailable()
        encode(message)
        self.published.append(Published(message, exchange, routing_key, correlation_id, attempt))

    def sent(self, kind: type[Message]) -> list[Published]:
        return [one for one in self.published if isinstance(one.message, kind)]


@dataclass
class FakeDelivery:
    encoded: Encoded
    attempt: int = 0
    waited_s: float | None = None
    redelivered: bool = False
    routing_key: str = ""
    trace: Carrier = field(default_factory=dict)
    is_lost: bool = False
    settlement: str | None = None

    @classmethod
    def of(cls, message: Message, **properties: object) -> "FakeDelivery":
        return cls(encode(message), **properties)  # type: ignore[arg-type]

    def message(self) -> Message:
        return decode(self.encoded)

    async def ack(self) -> None:
        self.settlement = self.settlement or "acked"

    async def reject(self) -> None:
        self.settlement = self.settlement or "rejected"

    async def hand_back(self) -> None:
        self.settlement = self.settlement or "handed back"


class FakeConsumer:
    def __init__(self) -> None:
        self._waiting: deque[FakeDelivery] = deque()
        self._arrived = asyncio.Event()

    def deliver(self, delivery: FakeDelivery) -> None:
        self._waiting.append(delivery)
        self._arrived.set()

    async def batch(self, max_size: int, wait_s: float) -> Sequence[Delivery]:
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return [self._waiting.popleft() for _ in range(min(max_size, len(self._waiting)))]

    async def hand_back(self) -> None:
        while self._waiting:
            await self._waiting.popleft().hand_back()


@dataclass
class FakeHeldLetters:
    letters: list[DeadLetter]
    left: dict[str, int] = field(default_factory=dict)
    dropped: list[DeadLetter] = field(default_factory=list)

    async def drop(self, letter: DeadLetter) -> None:
        self.dropped.append(letter)


@dataclass
class FakeDeadLetters:
    waiting: list[DeadLetter] = field(default_factory=list)

    @asynccontextmanager
    async def held(self, queues: Sequence[str], limit: int) -> AsyncIterator[FakeHeldLetters]:
        here = [letter for letter in self.waiting if letter.queue in queues]
        held = FakeHeldLetters(here[:limit], {queues[0]: len(here[limit:])})
        yield held
        self.waiting = [letter for letter in self.waiting if letter not in held.dropped]
