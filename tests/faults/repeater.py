"""A broker that delivers everything twice, as one may: each message is sent once more as it was."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractIncomingMessage

# Exchange and key of all tasks of long paid jobs and of exports, and of whatever workers and fronts tell.
_HEARD = (
    ("ocr.tasks", "ocr.cpu.pages.priority"),
    ("ocr.tasks", "ocr.export.documents"),
    ("ocr.results", "#"),
)
_MARK = "x-repeated"
_LIMIT_S = 20


class Repeater:
    """Listens beside those that the messages are for; ``repeated`` counts by routing key."""

    def __init__(self, amqp_url: str) -> None:
        self.repeated = Counter[str]()
        self.listens = threading.Event()
        self._amqp_url = amqp_url
        self._loop = asyncio.new_event_loop()
        self._enough = asyncio.Event()

    def run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._listen())

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._enough.set)

    async def _listen(self) -> None:
        async with await aio_pika.connect(self._amqp_url) as connection:
            channel = await connection.channel()
            for exchange, key in _HEARD:
                await self._repeat(channel, await channel.get_exchange(exchange), key)
            self.listens.set()
            await self._enough.wait()

    async def _repeat(self, channel: AbstractChannel, exchange: AbstractExchange, key: str) -> None:
        async def receive(message: AbstractIncomingMessage) -> None:
            if _MARK in message.headers:
                return
            message.headers[_MARK] = True
            routing_key = message.routing_key or ""
            await exchange.publish(message, routing_key, mandatory=False)
            self.repeated[routing_key] += 1

        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(exchange, key)
        await queue.consume(receive, no_ack=True)


@contextmanager
def everything_twice(amqp_url: str) -> Iterator[Repeater]:
    repeater = Repeater(amqp_url)
    thread = threading.Thread(target=repeater.run)
    thread.start()
    try:
        assert repeater.listens.wait(_LIMIT_S)
        yield repeater
    finally:
        repeater.stop()
        thread.join(_LIMIT_S)
