"""The queues in which partners' requests wait, made and removed by an operator's command."""

import asyncio

import aio_pika
from aio_pika.abc import AbstractRobustConnection
from aio_pika.exceptions import ChannelNotFoundEntity

from common.adapters.rabbit.connection import DECLARE_LIMIT_S, broker_errors
from common.contracts.partner_topology import intake_binding, intake_queue
from common.contracts.topology import SUBMIT
from common.ports import IntakeQueue


class RabbitIntakeQueues:
    def __init__(self, on: AbstractRobustConnection) -> None:
        self._connection = on

    async def make(self, account: str) -> bool:
        is_new = await self.look(account) is None
        queue = intake_queue(account)
        with broker_errors():
            async with asyncio.timeout(DECLARE_LIMIT_S), self._connection.channel() as channel:
                await channel.declare_exchange(
                    SUBMIT, aio_pika.ExchangeType.TOPIC, durable=True, robust=False
                )
                made = await channel.declare_queue(
                    queue.name, durable=True, arguments=queue.arguments, robust=False
                )
                binding = intake_binding(account)
                await made.bind(binding.exchange, binding.routing_key, robust=False)
        return is_new

    async def look(self, account: str) -> IntakeQueue | None:
        with broker_errors():
            async with asyncio.timeout(DECLARE_LIMIT_S), self._connection.channel() as channel:
                try:
                    found = await channel.declare_queue(
                        intake_queue(account).name, passive=True, robust=False
                    )
                except ChannelNotFoundEntity:
                    return None
        told = found.declaration_result
        return IntakeQueue(waiting=told.message_count or 0, readers=told.consumer_count or 0)

    async def remove(self, account: str) -> int:
        with broker_errors():
            async with asyncio.timeout(DECLARE_LIMIT_S), self._connection.channel() as channel:
                removed = await channel.queue_delete(intake_queue(account).name)
        return removed.message_count or 0
