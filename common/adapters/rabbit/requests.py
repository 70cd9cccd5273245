"""Reading partners' intake queues: raw messages of other programs, with their AMQP properties."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from aio_pika.abc import AbstractIncomingMessage, AbstractRobustChannel
from aio_pika.exceptions import ChannelInvalidStateError

from common.adapters.rabbit.connection import DECLARE_LIMIT_S, broker_errors, connected
from common.contracts.partner_topology import intake_binding, intake_queue
from common.contracts.submit import SubmitMessage
from common.errors import BrokerUnavailable
from common.ports import RequestDelivery, RequestQueue

# Each may have 16 MiB, and there may be many partners.
PREFETCH = 1
# Of messages that another queue gave away, or that an exchange of the partner's passed on.
_FORWARDED = ("x-death", "x-first-death-queue", "x-first-death-reason")
_DELIVERIES = "x-delivery-count"


class RabbitRequestDelivery:
    """Settling it on a lost connection does nothing. Of what came it keeps no more than it needs, as it may
    wait for hours.
    """

    def __init__(self, incoming: AbstractIncomingMessage) -> None:
        self._channel = incoming.channel
        self._tag = incoming.delivery_tag or 0
        self._message = _message(incoming)

    @property
    def message(self) -> SubmitMessage:
        return self._message

    @property
    def is_lost(self) -> bool:
        return self._channel.is_closed

    def release_body(self) -> None:
        self._message = replace(self._message, body=b"")

    async def ack(self) -> None:
        with contextlib.suppress(BrokerUnavailable), broker_errors():
            await self._channel.basic_ack(self._tag)


class RabbitRequestQueue:
    def __init__(self) -> None:
        self._waiting: asyncio.Queue[RabbitRequestDelivery | None] = asyncio.Queue(PREFETCH)

    async def receive(self, incoming: AbstractIncomingMessage) -> None:
        with contextlib.suppress(ChannelInvalidStateError):  # lost already: it comes again
            self._give(RabbitRequestDelivery(incoming))

    def end(self, *_: object) -> None:
        """The broker gives no more: somebody has deleted the queue."""
        self._give(None)

    async def next(self) -> RequestDelivery:
        while (delivery := await self._waiting.get()) is not None:
            if not delivery.is_lost:
                return delivery
        raise BrokerUnavailable()

    def _give(self, delivery: RabbitRequestDelivery | None) -> None:
        while self._waiting.full():  # of a connection before this one, else the broker would not give more
            self._waiting.get_nowait()
        self._waiting.put_nowait(delivery)


class RabbitRequestQueues:
    """A connection for each partner, so that what one sends costs no other anything."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name

    @asynccontextmanager
    async def reading(self, account_id: str) -> AsyncGenerator[RequestQueue]:
        requests = RabbitRequestQueue()
        async with connected(self._url, f"{self._name} intake {account_id}") as connection:
            with broker_errors():
                async with asyncio.timeout(DECLARE_LIMIT_S):
                    channel = await connection.channel()
                    await channel.set_qos(prefetch_count=PREFETCH)
                    wanted, binding = intake_queue(account_id), intake_binding(account_id)
                    queue = await channel.declare_queue(wanted.name, durable=True, arguments=wanted.arguments)
                    await queue.bind(binding.exchange, binding.routing_key)
                    await _on_cancel(channel, requests.end)
                    tag = f"{self._name} intake {account_id}"
                    await queue.consume(requests.receive, consumer_tag=tag)
            yield requests


async def _on_cancel(channel: AbstractRobustChannel, end: Callable[..., None]) -> None:
    """The library restores a consumer whose queue is there, and waits for ever for one that is not."""

    async def hear(*_: object) -> None:
        opened = await channel.get_underlay_channel()
        opened.on_consumer_cancel_callbacks.add(end)

    await hear()
    channel.reopen_callbacks.add(hear)


def _message(incoming: AbstractIncomingMessage) -> SubmitMessage:
    headers = dict(incoming.headers)
    # At the first delivery the broker sets none, and one that is there is the sender's.
    deliveries = headers.get(_DELIVERIES)
    return SubmitMessage(
        body=incoming.body,
        user_id=incoming.user_id,
        message_id=incoming.message_id,
        correlation_id=incoming.correlation_id,
        reply_to=incoming.reply_to,
        content_type=incoming.content_type,
        content_encoding=incoming.content_encoding,
        headers=headers,
        is_forwarded=any(name in headers for name in _FORWARDED),
        deliveries=deliveries if isinstance(deliveries, int) and incoming.redelivered else 0,
    )
