"""What a publisher, and whoever asks whether there is a broker, make of one in trouble."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aio_pika.abc import AbstractRobustConnection
from prometheus_client import REGISTRY

from common.adapters.rabbit import RabbitBroker, RabbitPublisher, broker, connected, connection, publisher
from common.contracts import topology
from common.contracts.job_events import JobAnnounced
from common.errors import BrokerUnavailable, NobodyListens
from tests.fakes.amqp_server import AmqpServer, amqp_server
from tests.fakes.samples import JOB_ID, task

QUEUE = topology.TASK_QUEUES[0]
REPLY_LIMIT_S = 0.3


@dataclass
class Bench:
    server: AmqpServer
    connection: AbstractRobustConnection
    publisher: RabbitPublisher
    broker: RabbitBroker

    async def send(self) -> None:
        await self.publisher.publish(task(), topology.TASKS, QUEUE, correlation_id=JOB_ID)


@pytest.fixture
async def bench(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    for module in (broker, connection, publisher):
        monkeypatch.setattr(module, "REPLY_LIMIT_S", REPLY_LIMIT_S)
    monkeypatch.setattr(broker, "WATCH_S", 0.01)
    async with amqp_server() as server, connected(server.url, "test") as opened:
        sender = await RabbitPublisher.open(opened, "test")
        yield Bench(server, opened, sender, RabbitBroker(opened, sender))


def failures(exchange: str) -> float:
    return REGISTRY.get_sample_value("ocr_publishes_failed_total", {"exchange": exchange}) or 0


NEWS = JobAnnounced(
    job_id=JOB_ID, account="demo", what="page", status="processing", page_count=2, pages_done=1
)


async def tell(bench: Bench) -> None:
    await bench.publisher.publish(NEWS, topology.RESULTS, NEWS.routing_key, correlation_id=JOB_ID)


async def test_news_that_a_listeners_queue_does_not_confirm_is_told_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partner may have bound a queue whose node is gone; neither tasks nor its own jobs are to wait."""
    monkeypatch.setattr(publisher, "NEWS_LIMIT_S", 0.2)
    monkeypatch.setattr(publisher, "SLOW_NEWS_LIMIT_S", 0.01)
    bench.server.unconfirmed = {NEWS.routing_key}
    with pytest.raises(NobodyListens):
        await tell(bench)
    assert not bench.publisher.is_stuck
    monkeypatch.setattr(publisher, "NEWS_LIMIT_S", 3600.0)
    async with asyncio.timeout(20):  # not waited for at length again and again
        with pytest.raises(NobodyListens):
            await tell(bench)
    bench.server.unconfirmed = set()
    await tell(bench)
    bench.server.unconfirmed = {NEWS.routing_key}
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await tell(bench)


async def test_news_that_the_broker_does_not_take_is_not_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "NEWS_LIMIT_S", 0.05)
    bench.server.alarm()
    with pytest.raises(BrokerUnavailable):
        await tell(bench)
    assert bench.publisher.is_stuck


async def test_publishing_goes_on_after_a_broker_died_in_an_alarm(bench: Bench) -> None:
    await bench.send()
    bench.server.alarm()
    with pytest.raises(BrokerUnavailable):
        await bench.send()
    bench.server.cut()
    async with asyncio.timeout(20):
        while True:
            try:
                await bench.send()
                break
            except BrokerUnavailable:
                await asyncio.sleep(0.05)
    assert not bench.publisher.is_stuck


async def test_a_full_queue_is_no_broker_that_takes_nothing(bench: Bench) -> None:
    bench.server.refuses = True
    with pytest.raises(BrokerUnavailable):
        await bench.send()
    await bench.broker.check()


async def test_an_alarm_is_a_broker_that_takes_nothing(bench: Bench) -> None:
    bench.server.alarm()
    with pytest.raises(BrokerUnavailable):
        await bench.send()
    with pytest.raises(BrokerUnavailable):
        await bench.broker.check()


async def test_a_question_without_an_answer_is_not_yet_a_broker_that_is_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(bench, monkeypatch, TimeoutError())
    with pytest.raises(BrokerUnavailable):
        await bench.broker.waiting()
    await bench.broker.check()


@pytest.mark.parametrize(
    "error", [TimeoutError(), AttributeError(), ValueError(), asyncio.InvalidStateError()]
)
async def test_the_watch_goes_on_whatever_a_question_fails_of(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    watching = asyncio.create_task(bench.broker.watch())
    with monkeypatch.context() as patch:
        fail(bench, patch, error)
        async with asyncio.timeout(10):
            while await is_there(bench):
                await asyncio.sleep(0.01)
    async with asyncio.timeout(10):
        while not await is_there(bench):
            await asyncio.sleep(0.01)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


def fail(bench: Bench, patch: pytest.MonkeyPatch, error: Exception) -> None:
    def channel(*_: object) -> None:
        raise error

    patch.setattr(bench.connection, "channel", channel)


async def is_there(bench: Bench) -> bool:
    try:
        await bench.broker.check()
    except BrokerUnavailable:
        return False
    return True


async def test_a_probe_goes_where_no_wildcard_finds_it_and_is_no_failed_message(bench: Bench) -> None:
    exchange, key = topology.TASKS, topology.PROBE_KEY
    before = failures(exchange)
    await bench.publisher.probe()
    assert bench.server.published == [(exchange, key)]
    assert {one.kind for one in topology.EXCHANGES if one.name == exchange} == {"direct"}
    assert (exchange, key) not in {(one.exchange, one.routing_key) for one in topology.BINDINGS}
    bench.server.alarm()
    with pytest.raises(BrokerUnavailable):
        await bench.publisher.probe()
    assert failures(exchange) == before
    with pytest.raises(BrokerUnavailable):
        await bench.send()
    assert failures(exchange) == before + 1
