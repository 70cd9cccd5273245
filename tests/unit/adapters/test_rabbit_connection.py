"""How what goes wrong with the broker is told, whatever else happens at that moment."""

import asyncio

import pytest
from aio_pika.exceptions import AMQPConnectionError, ChannelInvalidStateError

from common.adapters.rabbit.connection import broker_errors, connected
from common.adapters.rabbit.nodes import Nodes
from common.adapters.rabbit.publisher import RabbitPublisher
from common.contracts import topology
from common.errors import BrokerUnavailable
from common.runtime.holding import until_available
from tests.fakes.amqp_server import amqp_server


@pytest.mark.parametrize("error", [AMQPConnectionError(), ChannelInvalidStateError(), TimeoutError()])
async def test_a_lost_connection_is_a_broker_that_is_not_available(error: Exception) -> None:
    with pytest.raises(BrokerUnavailable), broker_errors():
        raise error


async def test_what_a_closing_channel_cancels_is_a_broker_that_is_not_available() -> None:
    with pytest.raises(BrokerUnavailable), broker_errors():
        raise asyncio.CancelledError


async def test_an_error_while_winding_up_does_not_hide_a_cancellation() -> None:
    """Else a loop that repeats what is unavailable would go on for ever."""
    begun = asyncio.Event()

    async def work() -> None:
        with broker_errors():
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                raise AMQPConnectionError

    working = asyncio.create_task(work())
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working


async def test_a_limit_of_time_within_is_no_cancellation() -> None:
    with pytest.raises(BrokerUnavailable), broker_errors():
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()


async def test_a_broker_of_several_nodes_is_tried_at_each_in_turn() -> None:
    nodes = Nodes("amqp://user:p%40ss@one:1,two:2,[::1]:3/ocr?heartbeat=5")
    seen = [nodes.move_on() for _ in range(6)]
    assert set(seen[:3]) == {
        f"amqp://user:p%40ss@{host}/ocr?heartbeat=5" for host in ("one:1", "two:2", "[::1]:3")
    }
    assert seen[3:] == seen[:3]


async def test_of_one_node_the_url_stays_as_it_is() -> None:
    nodes = Nodes("amqps://one/ocr")
    assert (nodes.current, nodes.move_on(), len(nodes)) == ("amqps://one/ocr", "amqps://one/ocr", 1)


async def test_a_connection_goes_on_at_another_node_when_its_own_is_gone(unused_tcp_port: int) -> None:
    async with asyncio.timeout(20), amqp_server() as first, amqp_server() as second:
        servers = {first.port: first, second.port: second}
        hosts = f"127.0.0.1:{unused_tcp_port},127.0.0.1:{first.port},127.0.0.1:{second.port}"
        url = f"amqp://user:word@{hosts}/x?reconnect_interval=0.05"
        async with connected(url, "test") as connection:
            publisher = await RabbitPublisher.open(connection, "test")
            await publisher.probe()
            (one,) = [server for server in servers.values() if server.published]
            (other,) = {first, second} - {one}
            await one.close()
            async for attempt in until_available():
                with attempt:
                    await publisher.probe()
            assert publisher.is_open and other.published == [(topology.TASKS, topology.PROBE_KEY)]


async def test_a_connection_that_is_gone_is_not_open() -> None:
    async with asyncio.timeout(20), amqp_server() as server, connected(server.url, "test") as connection:
        publisher = await RabbitPublisher.open(connection, "test")
        assert publisher.is_open
        await server.close()
        while publisher.is_open:
            await asyncio.sleep(0.01)
