"""Partners' queues on a real broker: requests come again until settled, and a full one holds up nobody."""

import asyncio
import secrets

import aio_pika
import pytest

from common.adapters.rabbit import RabbitPublisher, RabbitRequestQueues, connected, declare_topology
from common.contracts import topology
from common.contracts.job_events import JobAnnounced
from common.errors import NobodyListens
from common.ports import RequestDelivery, RequestQueue
from front.services.job_news import JobNews
from tests.fakes.samples import job
from tests.fakes.stores import FakeBlobStore

LIMIT_S = 20


async def next_of(queue: RequestQueue) -> RequestDelivery:
    async with asyncio.timeout(LIMIT_S):
        return await queue.next()


@pytest.mark.timeout(60)
async def test_a_request_comes_again_after_the_broker_closed_the_channel(amqp_url: str) -> None:
    account = f"acme-{secrets.token_hex(3)}"
    async with connected(amqp_url, "fronts") as fronts, connected(amqp_url, "partner") as partner:
        await declare_topology(fronts)
        channel = await partner.channel()
        submit = await channel.get_exchange(topology.SUBMIT)
        async with RabbitRequestQueues(fronts).reading(account) as queue:
            await submit.publish(aio_pika.Message(b"a file", message_id="r-1"), account)
            first = await next_of(queue)
            assert (first.message.message_id, first.message.deliveries) == ("r-1", 0)
            await first._incoming.channel.basic_ack(delivery_tag=999)  # type: ignore[attr-defined]
            again = await next_of(queue)
            assert first.is_lost and not again.is_lost
            assert (again.message.body, again.message.deliveries) == (b"a file", 1)
            await first.ack()  # on a channel that is gone: harmless
            await again.ack()
            await submit.publish(aio_pika.Message(b"another", user_id=None), account)
            assert (await next_of(queue)).message.body == b"another"
        async with RabbitRequestQueues(fronts).reading(account) as successor:
            left = await next_of(successor)
            assert left.message.body == b"another", "what was not settled is another reader's"
            await left.reject()
        dead = await (await fronts.channel()).get_queue(topology.INTAKE_DEAD)
        async with asyncio.timeout(LIMIT_S):
            while (letter := await dead.get(fail=False)) is None:
                await asyncio.sleep(0.1)
        assert letter.body == b"another"
        await letter.ack()


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
