"""Publishing, consuming and announcing on a real broker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractRobustConnection
from yarl import URL

from common.adapters.rabbit import (
    RabbitAnnouncements,
    RabbitBroker,
    RabbitConsumer,
    RabbitDeadLetters,
    RabbitPublisher,
    connected,
    declare_topology,
)
from common.contracts import topology
from common.contracts.events import AnswerPart
from common.contracts.job_events import JobAnnounced, JobHint
from common.contracts.message import Message
from common.contracts.tasks import Lane, RecognizePage, Tier
from common.errors import BrokerUnavailable, NobodyListens
from common.ports import Delivery
from common.runtime.holding import until_available
from tests.fakes.samples import JOB_ID, QUESTION_ID, answer_part, recognized, task
from tests.proxy import proxy_to

EXPRESS, PRIORITY, BULK = topology.page_queues(Tier.CPU)


@pytest.fixture
async def broker(amqp_url: str) -> AsyncIterator[AbstractRobustConnection]:
    """A connection to a broker whose task queues are empty."""
    async with connected(amqp_url, "integration-tests") as opened:
        await declare_topology(opened)
        async with opened.channel() as channel:
            for queue in topology.QUEUES:
                await (await channel.get_queue(queue.name, ensure=False)).purge()
        yield opened


@pytest.fixture
async def publisher(broker: AbstractRobustConnection) -> RabbitPublisher:
    return await RabbitPublisher.open(broker, "integration-tests")


async def send(publisher: RabbitPublisher, message: RecognizePage, queue: str = EXPRESS) -> None:
    await publisher.publish(message, topology.TASKS, queue, correlation_id=JOB_ID)


async def consumer_of(broker: AbstractRobustConnection, *queues: str, prefetch: int = 10) -> RabbitConsumer:
    consumer = RabbitConsumer(queues)
    await consumer.start(broker, consumers=1, prefetch=prefetch)
    return consumer


async def taken(consumer: RabbitConsumer, count: int) -> list[Delivery]:
    """Exactly ``count`` deliveries; times out where there are fewer."""
    deliveries: list[Delivery] = []
    async with asyncio.timeout(20):
        while len(deliveries) < count:
            deliveries.extend(await consumer.batch(count - len(deliveries), 0.01))
    return deliveries


async def test_a_task_arrives_as_it_was_sent(
    broker: AbstractRobustConnection, publisher: RabbitPublisher
) -> None:
    consumer = await consumer_of(broker, EXPRESS)
    await publisher.publish(task(3), topology.TASKS, EXPRESS, correlation_id=JOB_ID, attempt=2)
    (delivery,) = await taken(consumer, 1)
    assert delivery.message() == task(3)
    assert (delivery.attempt, delivery.redelivered, delivery.routing_key) == (2, False, EXPRESS)
    await delivery.ack()


async def test_properties_tell_operators_what_a_message_is(
    broker: AbstractRobustConnection, publisher: RabbitPublisher
) -> None:
    await send(publisher, task())
    async with broker.channel() as channel:
        message = await (await channel.get_queue(EXPRESS, ensure=False)).get(timeout=10)
        assert message is not None
        await message.ack()
    assert message.type == "ocr.page.recognize.v1"
    assert message.content_type == "application/json"
    assert message.correlation_id == JOB_ID
    assert message.app_id == "integration-tests"
    assert message.message_id and message.timestamp
    assert message.delivery_mode is aio_pika.DeliveryMode.PERSISTENT


async def test_a_task_without_a_queue_is_not_taken_for_sent(publisher: RabbitPublisher) -> None:
    with pytest.raises(BrokerUnavailable):
        await publisher.publish(task(), topology.TASKS, "no.such.queue", correlation_id=JOB_ID)
    await send(publisher, task())


async def test_an_announcement_may_find_nobody(publisher: RabbitPublisher) -> None:
    announced = JobAnnounced(
        job_id=JOB_ID, account="nobody", what="done", status="done", page_count=1, pages_done=1
    )
    await publisher.publish(announced, topology.RESULTS, announced.routing_key, correlation_id=JOB_ID)


def announced(what: str) -> JobAnnounced:
    return JobAnnounced(job_id=JOB_ID, account="demo", what=what, status="done", page_count=1, pages_done=1)


async def test_announcements_are_heard_and_again_after_a_lost_connection(
    amqp_url: str, publisher: RabbitPublisher
) -> None:
    heard: asyncio.Queue[JobAnnounced] = asyncio.Queue()
    listens = asyncio.Event()
    url = URL(amqp_url)
    assert url.port
    async with proxy_to(url.port) as proxy, asyncio.timeout(30):
        feed = RabbitAnnouncements(str(url.with_host("127.0.0.1").with_port(proxy.port)), "front-test")
        listening = asyncio.create_task(feed.listen(heard.put_nowait, listens))
        for what in ("page", "failed"):
            await listens.wait()
            message = announced(what)
            await publisher.publish(message, topology.RESULTS, message.routing_key, correlation_id=JOB_ID)
            assert await heard.get() == message
            listens.clear()
            proxy.cut()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_a_publisher_one_of_whose_messages_is_returned_is_not_stuck(publisher: RabbitPublisher) -> None:
    with pytest.raises(BrokerUnavailable):
        await publisher.publish(task(), topology.TASKS, "no.such.queue", correlation_id=JOB_ID)
    assert not publisher.is_stuck


async def test_what_is_published_to_learn_whether_messages_are_taken_is_allowed(
    publisher: RabbitPublisher,
) -> None:
    await publisher.probe()
    assert not publisher.is_stuck


async def test_the_urgent_queue_is_served_first_and_the_last_is_not_starved(
    broker: AbstractRobustConnection, publisher: RabbitPublisher
) -> None:
    for index in range(20):
        await send(publisher, task(index, lane=Lane.EXPRESS), EXPRESS)
        await send(publisher, task(index, lane=Lane.BULK), BULK)
    consumer = await consumer_of(broker, EXPRESS, PRIORITY, BULK, prefetch=20)
    async with asyncio.timeout(10):
        while sum(len(lane) for lane in consumer._waiting) < 40:
            await asyncio.sleep(0.01)
    lanes = []
    for delivery in await taken(consumer, 40):
        message = delivery.message()
        assert isinstance(message, RecognizePage)
        lanes.append(message.lane)
        await delivery.ack()
    assert lanes[:7] == [Lane.EXPRESS] * 7 and Lane.BULK in lanes[:10]
    assert lanes[-10:] == [Lane.BULK] * 10


async def test_no_more_is_taken_than_the_prefetch(
    broker: AbstractRobustConnection, publisher: RabbitPublisher
) -> None:
    for index in range(5):
        await send(publisher, task(index))
    consumer = await consumer_of(broker, EXPRESS, prefetch=1)
    (first,) = await taken(consumer, 1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await consumer.batch(1, 0)
    await first.ack()
    (second,) = await taken(consumer, 1)
    assert first.message() == task(0) and second.message() == task(1)
    await second.ack()
    for _ in range(3):
        (one,) = await taken(consumer, 1)
        await one.ack()


async def test_an_unacked_delivery_of_a_lost_consumer_comes_again(
    amqp_url: str, broker: AbstractRobustConnection, publisher: RabbitPublisher
) -> None:
    async with connected(amqp_url, "first") as first:
        consumer = await consumer_of(first, EXPRESS)
        await send(publisher, task())
        (lost,) = await taken(consumer, 1)
    assert lost.is_lost
    await lost.ack()
    (again,) = await taken(await consumer_of(broker, EXPRESS), 1)
    assert again.redelivered and again.message() == task()
    await again.ack()


async def test_what_is_handed_back_comes_to_another_at_once_and_as_the_same_attempt(
    amqp_url: str, broker: AbstractRobustConnection, publisher: RabbitPublisher
) -> None:
    async with connected(amqp_url, "ending") as ending:
        consumer = await consumer_of(ending, EXPRESS, prefetch=2)
        assert consumer.is_receiving
        for index in range(3):
            await send(publisher, task(index))
        (held,) = await taken(consumer, 1)
        await consumer.hand_back()
        assert not consumer.is_receiving
        others = await taken(await consumer_of(broker, EXPRESS), 2)
        assert sorted(one.message().page_index for one in others) == [1, 2]  # type: ignore[union-attr]
        assert [one.attempt for one in others] == [0, 0]
        assert not held.is_lost and held.message() == task(0)
        for one in (held, *others):
            await one.ack()


async def test_a_rejected_task_is_kept_for_the_operator_and_told_to_the_tracking(
    broker: AbstractRobustConnection, publisher: RabbitPublisher
) -> None:
    await send(publisher, task())
    (poison,) = await taken(await consumer_of(broker, EXPRESS), 1)
    await poison.reject()
    for queue in (f"{EXPRESS}.dead", topology.TRACKING):
        (dead,) = await taken(await consumer_of(broker, queue), 1)
        assert dead.message() == task()
        await dead.ack()


async def test_a_task_that_waits_for_its_retry_returns_to_its_own_queue(
    broker: AbstractRobustConnection, publisher: RabbitPublisher
) -> None:
    delay_s = topology.RETRY_DELAYS_S[0]
    await publisher.publish(
        task(), topology.retry_exchange(delay_s), PRIORITY, correlation_id=JOB_ID, attempt=1
    )
    (delivery,) = await taken(await consumer_of(broker, PRIORITY), 1)
    assert delivery.attempt == 1 and delivery.message() == task()
    await delivery.ack()


async def test_results_reach_the_tracking(
    broker: AbstractRobustConnection, publisher: RabbitPublisher
) -> None:
    await publisher.publish(recognized(0), topology.RESULTS, "page.recognized", correlation_id=JOB_ID)
    (delivery,) = await taken(await consumer_of(broker, topology.TRACKING), 1)
    assert delivery.message() == recognized(0)
    await delivery.ack()


async def test_live_slots_are_the_consumers_of_the_express_queue(
    broker: AbstractRobustConnection, publisher: RabbitPublisher
) -> None:
    asked = RabbitBroker(broker, publisher)
    before = await asked.live_slots(Tier.CPU)
    await RabbitConsumer([EXPRESS, BULK]).start(broker, consumers=3, prefetch=1)
    assert await asked.live_slots(Tier.CPU) == before + 3


async def test_consuming_and_publishing_go_on_after_a_cut_connection(
    amqp_url: str, broker: AbstractRobustConnection
) -> None:
    url = URL(amqp_url)
    assert url.port
    async with (
        proxy_to(url.port) as proxy,
        connected(str(url.with_host("127.0.0.1").with_port(proxy.port)), "to-be-cut") as cut,
    ):
        consumer = await consumer_of(cut, EXPRESS)
        publisher = await RabbitPublisher.open(cut, "integration-tests")
        await send(publisher, task(0))
        (held,) = await taken(consumer, 1)
        proxy.cut()
        (again,) = await taken(consumer, 1)
        assert held.is_lost and again.redelivered and not again.is_lost
        await again.ack()
        async for attempt in until_available():
            with attempt:
                await send(publisher, task(1))
        (new,) = await taken(consumer, 1)
        assert new.message() == task(1)
        await new.ack()


async def test_nothing_is_lost_when_the_node_that_all_are_connected_to_is_gone(
    amqp_url: str, broker: AbstractRobustConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two ways to one broker stand for two nodes of it."""
    monkeypatch.setattr("random.randrange", lambda count: count - 1)  # all begin at the same
    count, url, ways = 200, URL(amqp_url), {}
    assert url.port
    async with asyncio.timeout(40), AsyncExitStack() as one, AsyncExitStack() as other:
        for way in (one, other):
            ways[await way.enter_async_context(proxy_to(url.port))] = way
        hosts = ",".join(f"127.0.0.1:{proxy.port}" for proxy in ways)
        nodes = f"amqp://{url.user}:{url.password}@{hosts}{url.path}?reconnect_interval=0.2"
        async with connected(nodes, "sender") as sending, connected(nodes, "taker") as taking:
            publisher = await RabbitPublisher.open(sending, "integration-tests")
            consumer = await consumer_of(taking, EXPRESS)
            (used,) = [proxy for proxy in ways if proxy.connections == 2]
            (left,) = ways.keys() - {used}

            async def send_all() -> None:
                for index in range(count):
                    if index == count // 2:
                        await ways[used].aclose()
                    async for attempt in until_available():
                        with attempt:
                            await send(publisher, task(index))

            sender, seen = asyncio.create_task(send_all()), set()
            while len(seen) < count:
                (came,) = await taken(consumer, 1)
                message = came.message()
                assert isinstance(message, RecognizePage) and came.attempt == 0
                seen.add(message.page_index)
                await came.ack()
            await sender
            assert seen == set(range(count)) and left.connections == 2


async def test_a_broker_that_is_not_there_is_told_in_our_words(unused_tcp_port: int) -> None:
    with pytest.raises(BrokerUnavailable):
        async with connected(f"amqp://x:y@127.0.0.1:{unused_tcp_port}/ocr", "nobody", limit_s=0.5):
            pass


@asynccontextmanager
async def listening(url: str) -> AsyncIterator[tuple[RabbitAnnouncements, "asyncio.Queue[AnswerPart]"]]:
    """Whoever hears answers, and the parts that came."""
    announcements, came = RabbitAnnouncements(url, "listener"), asyncio.Queue[AnswerPart]()
    heard = asyncio.Event()

    def notice(message: JobAnnounced | JobHint | AnswerPart) -> None:
        if isinstance(message, AnswerPart):
            came.put_nowait(message)

    running = asyncio.create_task(announcements.listen(notice, heard))
    await asyncio.wait_for(heard.wait(), 20)
    try:
        yield announcements, came
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def tell(publisher: RabbitPublisher, part: AnswerPart) -> None:
    await publisher.publish(part, topology.RESULTS, part.routing_key, correlation_id=JOB_ID)


async def test_parts_of_an_answer_are_heard_as_long_as_somebody_listens(
    amqp_url: str, publisher: RabbitPublisher
) -> None:
    async with listening(amqp_url) as (announcements, came):
        with pytest.raises(NobodyListens):
            await tell(publisher, answer_part(0))
        async with announcements.answers(QUESTION_ID):
            await tell(publisher, answer_part(1))
            assert await asyncio.wait_for(came.get(), 20) == answer_part(1)
            with pytest.raises(NobodyListens):
                await tell(publisher, answer_part(2, question_id="b" * 32))
        with pytest.raises(NobodyListens):
            await tell(publisher, answer_part(3))
        assert came.empty()
    assert not publisher.is_stuck


async def test_answers_are_heard_again_after_a_lost_connection(
    amqp_url: str, publisher: RabbitPublisher
) -> None:
    url = URL(amqp_url)
    assert url.port
    async with (
        proxy_to(url.port) as proxy,
        listening(str(url.with_host("127.0.0.1").with_port(proxy.port))) as (announcements, came),
        announcements.answers(QUESTION_ID),
        asyncio.timeout(20),
    ):
        proxy.cut()
        while came.empty():
            with suppress(NobodyListens):
                await tell(publisher, answer_part(1))
            await asyncio.sleep(0.05)


async def test_who_hears_nothing_is_told_so() -> None:
    with pytest.raises(BrokerUnavailable):
        async with RabbitAnnouncements("amqp://nowhere", "listener").answers(QUESTION_ID):
            pass


DEAD = f"{EXPRESS}.dead"


async def test_dead_letters_are_looked_at_and_stay(
    broker: AbstractRobustConnection, publisher: RabbitPublisher
) -> None:
    for index in range(3):
        await publisher.publish(task(index), topology.DEAD, EXPRESS, correlation_id=JOB_ID, attempt=1)
    dead = RabbitDeadLetters(broker)
    for _ in range(2):
        assert await looked_at(dead, limit=2, until=2) == [task(0), task(1)]
    await drop_second(dead)
    assert await looked_at(dead, limit=9, until=2) == [task(0), task(2)]


@pytest.mark.parametrize(("limit", "left"), [(2, 1), (3, 0), (9, 0)])
async def test_it_is_told_how_many_dead_letters_were_not_looked_at(
    broker: AbstractRobustConnection, publisher: RabbitPublisher, limit: int, left: int
) -> None:
    for index in range(3):
        await publisher.publish(task(index), topology.DEAD, EXPRESS, correlation_id=JOB_ID)
    dead = RabbitDeadLetters(broker)
    assert len(await looked_at(dead, limit=9, until=3)) == 3
    async with asyncio.timeout(20):
        while True:
            async with dead.held([DEAD], limit) as held:
                if len(held.letters) == min(limit, 3):
                    break
    assert held.left == {DEAD: left}


async def drop_second(dead: RabbitDeadLetters) -> None:
    async with asyncio.timeout(20):
        while True:
            async with dead.held([DEAD], limit=2) as held:
                if len(held.letters) == 2:
                    assert held.letters[0].attempts == 1
                    await held.drop(held.letters[1])
                    return


async def looked_at(dead: RabbitDeadLetters, limit: int, until: int) -> list[Message | None]:
    """Letters are back a moment after whoever looked has gone."""
    async with asyncio.timeout(20):
        while True:
            async with dead.held([DEAD], limit) as held:
                if len(held.letters) >= until:
                    return [letter.message for letter in held.letters]


@pytest.mark.parametrize("told", [["x"], "x", [{"count": "many"}], [{"queue": 1, "time": "now"}]])
async def test_what_another_wrote_of_a_letters_past_takes_nobody_the_sight_of_it(
    broker: AbstractRobustConnection, told: Any
) -> None:
    letter = aio_pika.Message(b"no task", message_id="odd", headers={"x-death": told})
    async with broker.channel() as channel:
        await (await channel.get_exchange(topology.DEAD)).publish(letter, EXPRESS)
    dead = RabbitDeadLetters(broker)
    assert await looked_at(dead, limit=9, until=1) == [None]


async def test_a_dead_letter_without_an_id_can_be_named_all_the_same(
    broker: AbstractRobustConnection,
) -> None:
    async with broker.channel() as channel:
        await (await channel.get_exchange(topology.DEAD)).publish(aio_pika.Message(b"no task"), EXPRESS)
    names = set()
    for _ in range(2):
        async with asyncio.timeout(20):
            while not (found := await ids_of(RabbitDeadLetters(broker))):
                await asyncio.sleep(0.05)
        names |= found
    (name,) = names
    assert len(name) >= 32


async def ids_of(dead: RabbitDeadLetters) -> set[str]:
    async with dead.held([DEAD], limit=9) as held:
        return {letter.id for letter in held.letters}


async def test_a_look_that_breaks_off_loses_no_dead_letter(
    broker: AbstractRobustConnection, publisher: RabbitPublisher
) -> None:
    await publisher.publish(task(0), topology.DEAD, EXPRESS, correlation_id=JOB_ID)
    dead = RabbitDeadLetters(broker)
    with pytest.raises(ValueError):
        async with dead.held([DEAD], limit=9):
            raise ValueError
    assert await looked_at(dead, limit=9, until=1) == [task(0)]


async def test_a_dead_letter_says_where_it_died_and_of_what(
    broker: AbstractRobustConnection, publisher: RabbitPublisher
) -> None:
    await send(publisher, task(5))
    (delivery,) = await taken(await consumer_of(broker, EXPRESS), 1)
    await delivery.reject()
    dead = RabbitDeadLetters(broker)
    async with asyncio.timeout(20):
        while True:
            async with dead.held([DEAD], limit=9) as held:
                if held.letters:
                    break
    (letter,) = held.letters
    assert letter.death is not None and letter.death.at is not None
    assert (letter.death.queue, letter.death.reason, letter.message) == (EXPRESS, "rejected", task(5))
