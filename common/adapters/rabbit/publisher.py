"""Publishing with confirms and a time limit."""

import asyncio
import contextlib
from datetime import UTC, datetime
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractExchange, AbstractRobustChannel, AbstractRobustConnection
from aio_pika.exceptions import DeliveryError, PublishError

from common import metrics, tracing
from common.adapters.rabbit.connection import REPLY_LIMIT_S, broker_errors
from common.adapters.rabbit.delivery import ATTEMPT_HEADER, SENT_AT_HEADER
from common.contracts import topology
from common.contracts.codec import CONTENT_TYPE, encode
from common.contracts.events import AnswerPart
from common.contracts.job_events import JobAnnounced, JobHint, JobRejected
from common.contracts.message import Message
from common.errors import BrokerUnavailable, NobodyListens

# Told to whoever listens, be it nobody.
_NEWS = (JobAnnounced, JobRejected, JobHint)
# How long a listener's queue may take to confirm what everybody is told; and one that did not, the last time.
NEWS_LIMIT_S, SLOW_NEWS_LIMIT_S = 2.0, 0.1


class RabbitPublisher:
    """Publishes persistently and waits for the broker's confirm, each publish with a time limit."""

    def __init__(self, on: AbstractRobustConnection, channel: AbstractRobustChannel, app_id: str) -> None:
        self._connection = on
        self._channel = channel
        self._app_id = app_id
        self._exchanges: dict[str, AbstractExchange] = {}
        self._is_stuck = False
        self._unconfirmed = set[tuple[str, str]]()

    @property
    def is_stuck(self) -> bool:
        """The last publish had no answer. A message refused or returned has one: others may be taken. News
        does not count: a queue of one partner's can keep it from being answered.
        """
        return self._is_stuck

    @property
    def is_open(self) -> bool:
        """Connected, and not known to be stuck."""
        return self._connection.connected.is_set() and not self._is_stuck

    @classmethod
    async def open(cls, on: AbstractRobustConnection, app_id: str) -> "RabbitPublisher":
        """``on`` should carry nothing but publishing: a broker alarm blocks the whole connection."""
        with broker_errors():
            async with asyncio.timeout(REPLY_LIMIT_S):
                channel = await on.channel(publisher_confirms=True, on_return_raises=True)
            return cls(on, channel, app_id)

    async def publish(
        self, message: Message, exchange: str, routing_key: str, *, correlation_id: str, attempt: int = 0
    ) -> None:
        with _traced(message, exchange, routing_key):
            await self._tell(message, exchange, routing_key, correlation_id, attempt)

    async def _tell(
        self, message: Message, exchange: str, routing_key: str, correlation_id: str, attempt: int
    ) -> None:
        encoded = encode(message)
        now = datetime.now(UTC)
        envelope = aio_pika.Message(
            encoded.body,
            type=encoded.type,
            content_type=CONTENT_TYPE,
            content_encoding=encoded.content_encoding,
            message_id=uuid4().hex,
            correlation_id=correlation_id,
            app_id=self._app_id,
            timestamp=now,
            delivery_mode=_delivery_mode(message),
            headers={
                ATTEMPT_HEADER: attempt,
                SENT_AT_HEADER: int(now.timestamp() * 1000),
                **tracing.headers(),
            },
        )
        try:
            if isinstance(message, _NEWS):
                await self._publish_news(envelope, exchange, routing_key)
            else:
                await self._publish(envelope, exchange, routing_key, mandatory=True)
        except BrokerUnavailable as error:
            if _is_refused_by_listeners(message, error):
                raise NobodyListens() from error
            metrics.PUBLISHES_FAILED.labels(exchange).inc()
            raise

    async def probe(self) -> None:
        """Publish something for nobody: only so does the broker say that it takes nothing now."""
        await self._publish(aio_pika.Message(b""), topology.TASKS, topology.PROBE_KEY, mandatory=False)

    async def _publish_news(self, envelope: aio_pika.Message, exchange: str, routing_key: str) -> None:
        """Raises NobodyListens where a listener's queue does not confirm it, though the broker confirms other
        messages: all other queues have it by then, and that one gets it when it is back.
        """
        is_slow = (exchange, routing_key) in self._unconfirmed
        limit_s = SLOW_NEWS_LIMIT_S if is_slow else NEWS_LIMIT_S
        try:
            await self._deliver(envelope, exchange, routing_key, mandatory=False, limit_s=limit_s)
        except BrokerUnavailable as error:
            if not isinstance(error.__cause__, TimeoutError):
                raise
            await self.probe()
            self._unconfirmed.add((exchange, routing_key))
            raise NobodyListens() from error
        self._unconfirmed.discard((exchange, routing_key))

    async def _publish(
        self, envelope: aio_pika.Message, exchange: str, routing_key: str, *, mandatory: bool
    ) -> None:
        """Whether that is answered is what ``is_stuck`` tells."""
        try:
            await self._deliver(envelope, exchange, routing_key, mandatory=mandatory, limit_s=REPLY_LIMIT_S)
        except BrokerUnavailable as error:
            self._is_stuck = not isinstance(error.__cause__, DeliveryError)
            raise
        self._is_stuck = False

    async def _deliver(
        self, envelope: aio_pika.Message, exchange: str, routing_key: str, *, mandatory: bool, limit_s: float
    ) -> None:
        with broker_errors():
            target = await self._exchange(exchange)
            await target.publish(envelope, routing_key, mandatory=mandatory, timeout=limit_s)

    async def _exchange(self, name: str) -> AbstractExchange:
        if name not in self._exchanges:
            self._exchanges[name] = await self._channel.get_exchange(name, ensure=False)
        return self._exchanges[name]


def _traced(message: Message, exchange: str, routing_key: str) -> contextlib.AbstractContextManager[None]:
    """Parts of an answer, of which there are hundreds, are within what makes them."""
    if isinstance(message, AnswerPart):
        return contextlib.nullcontext()
    attributes = {"messaging.system": "rabbitmq", "messaging.destination.name": exchange}
    key = {} if isinstance(message, _NEWS) else {"messaging.rabbitmq.destination.routing_key": routing_key}
    return tracing.span(f"publish {message.type}", tracing.Role.PRODUCER, {**attributes, **key})


def _is_refused_by_listeners(message: Message, error: BrokerUnavailable) -> bool:
    """Nobody has asked for an answer's part; or a queue that its owner lets run full refuses what is told to
    everybody.
    """
    if isinstance(message, AnswerPart):
        return isinstance(error.__cause__, PublishError)
    return isinstance(message, _NEWS) and isinstance(error.__cause__, DeliveryError)


def _delivery_mode(message: Message) -> aio_pika.DeliveryMode:
    """Parts of an answer, and hints, are for who listens now, and nobody else."""
    is_fleeting = isinstance(message, AnswerPart | JobHint)
    return aio_pika.DeliveryMode.NOT_PERSISTENT if is_fleeting else aio_pika.DeliveryMode.PERSISTENT
