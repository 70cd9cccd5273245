"""A connection that comes back by itself, and the topology that the fleet needs on it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import aio_pika
from aio_pika.abc import AbstractRobustConnection
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, AMQPError
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter
from yarl import URL

from common import logs
from common.adapters.rabbit.foreign_frames import accept_foreign_frames
from common.adapters.rabbit.nodes import Nodes
from common.contracts import topology
from common.errors import BrokerUnavailable

CONNECT_LIMIT_S = 60
REPLY_LIMIT_S = 10
HEARTBEAT_S = 30
# Each node is tried again after so long.
RECONNECT_S = 5
DECLARE_LIMIT_S = 60

CONNECTION_ERRORS = (*CONNECTION_EXCEPTIONS, AMQPError, TimeoutError)

log = logs.get("rabbit")


@contextlib.asynccontextmanager
async def connected(
    url: str, name: str, limit_s: float = CONNECT_LIMIT_S
) -> AsyncIterator[AbstractRobustConnection]:
    """A connection that comes back by itself; operators see it as ``name``.

    Where ``url`` names several nodes, see ``Nodes``, it comes back at the next one that answers.
    Raises BrokerUnavailable when none can be reached within ``limit_s`` at the start.
    """
    opened = await _connect(Nodes(url), name, limit_s)
    try:
        yield opened
    finally:
        with contextlib.suppress(*CONNECTION_ERRORS):
            async with asyncio.timeout(REPLY_LIMIT_S):
                await opened.close()


async def _connect(nodes: Nodes, name: str, limit_s: float) -> AbstractRobustConnection:
    accept_foreign_frames()
    async for attempt in AsyncRetrying(
        retry=retry_if_exception_type(BrokerUnavailable),
        stop=stop_after_delay(limit_s),
        wait=wait_exponential_jitter(multiplier=0.2, max=5),
        before_sleep=lambda state: log.warning("waiting_for_broker", attempt=state.attempt_number),
        reraise=True,
    ):
        with attempt, broker_errors():
            connection = _Connection(nodes, name)
            await connection.connect(REPLY_LIMIT_S)
            return connection
    raise AssertionError("unreachable")


class _Channel(aio_pika.RobustChannel):
    """One that opens within a time, or not at all.

    Opening waits for a connection that an alarm has blocked. Where that dies meanwhile nobody wakes
    this up, and what reopens the channel on the next connection waits behind it for ever.
    """

    async def _open(self) -> None:
        async with asyncio.timeout(REPLY_LIMIT_S):
            await super()._open()


class _Connection(aio_pika.RobustConnection):
    """One that stops trying when whoever opens it does; else it goes on for ever, unseen."""

    CHANNEL_CLASS = _Channel

    def __init__(self, nodes: Nodes, name: str) -> None:
        self._nodes = nodes
        self._name = name
        first = URL(nodes.current)
        interval_s = first.query.get("reconnect_interval", RECONNECT_S / len(nodes))
        super().__init__(
            first, client_properties={"connection_name": name}, reconnect_interval=str(interval_s)
        )

    @property
    def url(self) -> URL:
        """Of the node to try: the library asks for it once a try, and never while it is connected."""
        return URL(self._nodes.move_on()).update_query(heartbeat=HEARTBEAT_S)

    @url.setter
    def url(self, url: URL) -> None:
        """The library remembers the first one, where several are known here."""

    def __str__(self) -> str:
        return self._name

    async def connect(self, timeout: float | None = None) -> None:
        try:
            await super().connect(timeout)
        except BaseException:
            await self.close()
            raise


async def declare_topology(on: AbstractRobustConnection) -> None:
    """Make every exchange, queue and binding that is not there yet; limits are the broker's policies.

    Raises BrokerUnavailable, also where something exists with other properties: the message says which.
    """
    with broker_errors():
        async with asyncio.timeout(DECLARE_LIMIT_S), on.channel() as channel:
            for exchange in topology.EXCHANGES:
                await channel.declare_exchange(
                    exchange.name, aio_pika.ExchangeType(exchange.kind), durable=True, robust=False
                )
            for queue in topology.QUEUES:
                await channel.declare_queue(queue.name, durable=True, arguments=queue.arguments, robust=False)
            for binding in topology.BINDINGS:
                bound = await channel.get_queue(binding.queue, ensure=False)
                await bound.bind(binding.exchange, binding.routing_key)


@contextlib.contextmanager
def broker_errors() -> Iterator[None]:
    """Whatever a connection can die of becomes BrokerUnavailable.

    A closing channel also *cancels* what waits on it; that is told apart from our own cancellation
    by ``Task.cancelling``. And an error on the way out of a cancelled block may not take the place of
    the cancellation: it comes but once, and whoever repeats what is unavailable would never end.
    """
    try:
        yield
    except CONNECTION_ERRORS as error:
        if _is_cancelled():
            raise asyncio.CancelledError from error
        raise BrokerUnavailable() from error
    except asyncio.CancelledError:
        if _is_cancelled():
            raise
        raise BrokerUnavailable() from None


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
