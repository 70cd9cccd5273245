"""A received message with its settlement."""

import contextlib
import time

from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import ChannelInvalidStateError

from common.adapters.rabbit.connection import broker_errors
from common.contracts.codec import Encoded, decode
from common.contracts.message import Message
from common.errors import BrokerUnavailable
from common.tracing import PARENT_HEADER, Carrier

ATTEMPT_HEADER = "attempt"
# AMQP's own timestamp has whole seconds; the broker's timestamp interceptor uses this name too.
SENT_AT_HEADER = "timestamp_in_ms"


class RabbitDelivery:
    """A message from a queue; settling it on a lost connection does nothing."""

    def __init__(self, incoming: AbstractIncomingMessage) -> None:
        self._incoming = incoming

    @property
    def attempt(self) -> int:
        attempt = self._incoming.headers.get(ATTEMPT_HEADER, 0)
        return attempt if isinstance(attempt, int) and attempt >= 0 else 0

    @property
    def waited_s(self) -> float | None:
        sent_at_ms = self._incoming.headers.get(SENT_AT_HEADER)
        return max(0.0, time.time() - sent_at_ms / 1000) if isinstance(sent_at_ms, int) else None

    @property
    def redelivered(self) -> bool:
        return bool(self._incoming.redelivered)

    @property
    def routing_key(self) -> str:
        return self._incoming.routing_key or ""

    @property
    def trace(self) -> Carrier:
        parent = self._incoming.headers.get(PARENT_HEADER)
        return {PARENT_HEADER: parent} if isinstance(parent, str) else {}

    @property
    def is_lost(self) -> bool:
        try:
            return self._incoming.channel.is_closed
        except ChannelInvalidStateError:
            return True

    def message(self) -> Message:
        return decode(
            Encoded(self._incoming.type or "", self._incoming.content_encoding, self._incoming.body)
        )

    async def ack(self) -> None:
        with contextlib.suppress(BrokerUnavailable), broker_errors():
            await self._incoming.ack()

    async def reject(self) -> None:
        with contextlib.suppress(BrokerUnavailable), broker_errors():
            await self._incoming.reject(requeue=False)

    async def hand_back(self) -> None:
        with contextlib.suppress(BrokerUnavailable), broker_errors():
            await self._incoming.nack(requeue=True)  # unlike a reject no failed delivery, since RabbitMQ 4.3
