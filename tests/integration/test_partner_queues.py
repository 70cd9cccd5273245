"""Partners' queues on a real broker: requests come again until settled, and a full one holds up nobody."""

import asyncio
import secrets
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path
from typing import Any

import aio_pika
import pika
import pytest

from common.adapters.rabbit import (
    RabbitBroker,
    RabbitIntakeQueues,
    RabbitPublisher,
    RabbitRequestQueues,
    connected,
    declare_topology,
)
from common.contracts import topology
from common.contracts.job_events import JobAnnounced
from common.contracts.submit import SubmitMessage
from common.errors import BadRequest, BrokerUnavailable, NobodyListens
from common.ports import RequestDelivery, RequestQueue
from front.services.forms import Upload
from front.services.job_news import JobNews
from front.services.partner_request import understood
from tests.fakes.samples import job
from tests.fakes.stores import FakeBlobStore

LIMIT_S = 20


@pytest.fixture
async def account(amqp_url: str) -> str:
    """A partner's name that nobody has used; all else that the broker must have is there."""
    async with connected(amqp_url, "declaring") as on:
        await declare_topology(on)
    return f"acme-{secrets.token_hex(3)}"


async def next_of(queue: RequestQueue) -> RequestDelivery:
    async with asyncio.timeout(LIMIT_S):
        return await queue.next()


@pytest.mark.timeout(60)
async def test_a_request_comes_again_after_the_broker_closed_the_channel(amqp_url: str, account: str) -> None:
    async with connected(amqp_url, "partner") as partner:
        channel = await partner.channel()
        submit = await channel.get_exchange(topology.SUBMIT)
        async with RabbitRequestQueues(amqp_url, "front").reading(account) as queue:
            await submit.publish(aio_pika.Message(b"a file", message_id="r-1"), account)
            first = await next_of(queue)
            assert (first.message.message_id, first.message.deliveries) == ("r-1", 0)
            await first._channel.basic_ack(delivery_tag=999)  # type: ignore[attr-defined]
            again = await next_of(queue)
            assert first.is_lost and not again.is_lost
            assert (again.message.body, again.message.deliveries) == (b"a file", 1)
            await first.ack()  # on a channel that is gone: harmless
            await again.ack()
            await submit.publish(aio_pika.Message(b"another", user_id=None), account)
            assert (await next_of(queue)).message.body == b"another"
        async with RabbitRequestQueues(amqp_url, "front").reading(account) as successor:
            left = await next_of(successor)
            assert left.message.body == b"another", "what was not settled is another reader's"
            await left.ack()


async def test_of_requests_whose_connection_is_lost_none_is_kept(amqp_url: str, account: str) -> None:
    """While the first is being seen to, which may take hours, the connection may be lost again and again."""
    async with RabbitRequestQueues(amqp_url, "front").reading(account) as queue:
        await asyncio.to_thread(_send, amqp_url, account, {"message_id": "r-1"})
        held = await next_of(queue)
        for _ in range(3):
            with suppress(Exception):  # the broker closes the channel for it
                await held._channel.basic_ack(delivery_tag=999)  # type: ignore[attr-defined]
            async with asyncio.timeout(LIMIT_S):
                while queue._waiting.empty() or queue._waiting._queue[0].is_lost:  # type: ignore[attr-defined]
                    await asyncio.sleep(0.01)
            held = queue._waiting._queue[0]  # type: ignore[attr-defined]
        assert queue._waiting.qsize() == 1  # type: ignore[attr-defined]
        again = await next_of(queue)
        assert again.message.message_id == "r-1" and not again.is_lost
        await again.ack()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("is_reopened", [False, True])
async def test_an_intake_that_is_deleted_under_its_reader_is_made_again(
    amqp_url: str, account: str, is_reopened: bool
) -> None:
    """Else what its partner sends would be confirmed, and go nowhere."""
    queues = RabbitRequestQueues(amqp_url, "front")
    async with connected(amqp_url, "operator") as operator:
        async with queues.reading(account) as queue:
            if is_reopened:
                await asyncio.to_thread(_send, amqp_url, account, {"message_id": "r-0"})
                with suppress(Exception):  # the broker closes the channel for it
                    await (await next_of(queue))._channel.basic_ack(delivery_tag=999)  # type: ignore[attr-defined]
                await (await next_of(queue)).ack()
            await RabbitIntakeQueues(operator).remove(account)
            with pytest.raises(BrokerUnavailable):
                await next_of(queue)
        async with queues.reading(account) as queue:
            await asyncio.to_thread(_send, amqp_url, account, {"message_id": "r-1"})
            again = await next_of(queue)
            assert again.message.message_id == "r-1"
            await again.ack()


@pytest.mark.timeout(60)
async def test_of_two_fronts_one_reads_a_partners_queue_and_the_other_when_that_is_gone(
    amqp_url: str, account: str
) -> None:
    """So that one alone counts how many requests are under way."""
    async with AsyncExitStack() as fronts:
        first = await fronts.enter_async_context(RabbitRequestQueues(amqp_url, "one").reading(account))
        async with RabbitRequestQueues(amqp_url, "two").reading(account) as second:
            for number in range(2):
                await asyncio.to_thread(_send, amqp_url, account, {"message_id": f"r-{number}"})
            held = await next_of(first)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await second.next()
            await held.ack()
            assert (await next_of(first)).message.message_id == "r-1"
            await fronts.aclose()
            left = await next_of(second)
            assert left.message.message_id == "r-1"
            await left.ack()


async def test_a_request_that_expires_is_gone_and_lies_nowhere_else(amqp_url: str, account: str) -> None:
    """As dead letters, files would get past every limit of the account that sends them."""
    async with connected(amqp_url, "fronts") as fronts:
        await RabbitIntakeQueues(fronts).make(account)
        await asyncio.to_thread(_send, amqp_url, account, {"message_id": "r-1", "expiration": "1"})
        async with RabbitRequestQueues(amqp_url, "front").reading(account) as queue:
            await asyncio.to_thread(_send, amqp_url, account, {"message_id": "r-2"})
            left = await next_of(queue)
            assert left.message.message_id == "r-2"
            await left.ack()
        waiting = await RabbitBroker(fronts, await RabbitPublisher.open(fronts, "front")).states()
        assert all(not waiting[name].messages for name in topology.DEAD_QUEUES)


async def test_a_partner_whose_queue_takes_nothing_more_holds_up_nobody(amqp_url: str) -> None:
    """As ``overflow`` is the partner's own to choose, no policy can forbid it."""
    async with connected(amqp_url, "front") as front, connected(amqp_url, "partner") as partner:
        await declare_topology(front)
        channel = await partner.channel()
        full = await channel.declare_queue(
            f"partner.acme.{secrets.token_hex(3)}",
            exclusive=True,
            arguments={"x-max-length": 1, "x-overflow": "reject-publish"},
        )
        await full.bind(topology.RESULTS, "job.acme.#")
        publisher = await RabbitPublisher.open(front, "front")
        news = JobNews(publisher, FakeBlobStore(), inline_bytes=1024, public_url="")
        with pytest.raises(NobodyListens):
            for _ in range(3):
                told = announced("page")
                await publisher.publish(told, topology.RESULTS, told.routing_key, correlation_id="c")
        await news.tell(job(account_id="acme"), "page")
        assert publisher.is_open and not publisher.is_stuck


def announced(what: str) -> JobAnnounced:
    return JobAnnounced(
        job_id="f" * 32, account="acme", what=what, status="processing", page_count=1, pages_done=0
    )


@pytest.mark.parametrize(
    "properties",
    [
        {"message_id": b"\xff\xfe"},
        {"message_id": "r-1", "correlation_id": b"\xff" * 255},
        {"message_id": "r-1", "headers": {b"\xff": "x"}},
        {"message_id": "r-1", "timestamp": 1_790_000_000_000_000},
        {"message_id": "r-1", "timestamp": 2**62},
    ],
)
async def test_properties_that_are_no_text_or_no_date_are_values_and_cost_nobody_a_connection(
    amqp_url: str, account: str, properties: dict[str, Any]
) -> None:
    """As some client writes them: microseconds for seconds, bytes for text."""
    other = f"globex-{secrets.token_hex(3)}"
    queues = RabbitRequestQueues(amqp_url, "front")
    async with queues.reading(account) as acme, queues.reading(other) as globex:
        await asyncio.to_thread(_send, amqp_url, other, {"message_id": "honest"})
        honest = await next_of(globex)
        await asyncio.to_thread(_send, amqp_url, account, properties)
        odd = await next_of(acme)
        assert odd.message.deliveries == 0 and not odd.is_lost
        understood_or_refused(odd.message)
        assert not honest.is_lost, "another partner's request is nobody's business here"
        await odd.ack()
        await honest.ack()


async def test_a_count_of_deliveries_that_the_sender_wrote_is_none(amqp_url: str, account: str) -> None:
    async with RabbitRequestQueues(amqp_url, "front").reading(account) as queue:
        forged = {"message_id": "r-1", "headers": {"x-delivery-count": 99}}
        await asyncio.to_thread(_send, amqp_url, account, forged)
        first = await next_of(queue)
        assert first.message.deliveries == 0
        await first.ack()


def understood_or_refused(message: SubmitMessage) -> None:
    """Neither kills who reads it; what comes back is what a message can hold."""
    with suppress(BadRequest):
        understood(message, Upload(Path("unread"), "", len(message.body), ""), "acme")
    assert len((message.correlation_id or "").encode()) <= 255


def _send(url: str, account: str, properties: dict[str, Any]) -> None:
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish(topology.SUBMIT, account, b"a file", pika.BasicProperties(**properties))
