"""Every limit of the broker is one that an operator changes while it runs."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
import requests
from aio_pika.abc import AbstractRobustConnection

from common.adapters.rabbit import RabbitConsumer, RabbitPublisher, connected, declare_topology
from common.contracts import topology
from common.contracts.tasks import Tier
from common.errors import BrokerUnavailable
from tests.fakes.samples import JOB_ID, task
from tests.stack import Engines

QUEUE = topology.page_queue(Tier.CPU, topology.Lane.BULK)
RETRY = topology.retry_exchange(topology.RETRY_DELAYS_S[1])
LIMIT_S = 20
# Until a queue has heard of its policy.
PASSED_ON_S = 0.5


class Management:
    """The management plugin, asked as an operator."""

    def __init__(self, url: str) -> None:
        self._api = f"{url}/api"

    def ask(self, method: str, path: str, **options: Any) -> Any:
        answer = requests.request(method, f"{self._api}/{path}", timeout=LIMIT_S, **options)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    @contextmanager
    def changed(self, policy: str, **limits: int) -> Iterator[None]:
        """The policy with those limits changed, as the dashboard does it under Admin, Policies."""
        path = f"policies/{topology.VHOST}/{quote(policy)}"
        before = self.ask("GET", path)
        told = {name.replace("_", "-"): limit for name, limit in limits.items()}
        self.ask("PUT", path, json={**before, "definition": {**before["definition"], **told}})
        try:
            yield
        finally:
            self.ask("PUT", path, json=before)


@pytest.fixture
def management(engines: Engines) -> Management:
    if engines.management_url is None:
        pytest.skip("AMQP_MANAGEMENT_URL is not set")
    return Management(engines.management_url)


@pytest.fixture
async def broker(amqp_url: str) -> AsyncIterator[AbstractRobustConnection]:
    async with connected(amqp_url, "policies") as opened:
        await declare_topology(opened)
        async with opened.channel() as channel:
            for name in (QUEUE, RETRY):
                await (await channel.get_queue(name, ensure=False)).purge()
        yield opened


def test_every_limit_of_every_queue_is_a_policy_and_none_is_an_argument(management: Management) -> None:
    patterns = [policy["pattern"] for policy in management.ask("GET", f"policies/{topology.VHOST}")]
    for queue in topology.QUEUES:
        told = management.ask("GET", f"queues/{topology.VHOST}/{quote(queue.name)}")
        assert set(told["arguments"]) <= {"x-queue-type", "x-dead-letter-exchange"}, queue.name
        assert any(re.search(pattern, queue.name) for pattern in patterns), f"{queue.name} has no limits"


async def test_how_much_a_queue_takes_is_changed_live(
    management: Management, broker: AbstractRobustConnection
) -> None:
    publisher = await RabbitPublisher.open(broker, "policies")

    async def is_taken() -> bool:
        try:
            await publisher.publish(task(), topology.TASKS, QUEUE, correlation_id=JOB_ID)
        except BrokerUnavailable:
            return False
        return True

    async with asyncio.timeout(LIMIT_S):
        with management.changed("tasks", max_length=2):
            while await is_taken():  # a few more, until the queue has heard of it
                await asyncio.sleep(0.02)
        while not await is_taken():
            await asyncio.sleep(0.02)


async def test_how_long_a_retry_waits_is_changed_live(
    management: Management, broker: AbstractRobustConnection
) -> None:
    """It waits 15 s as shipped."""
    publisher = await RabbitPublisher.open(broker, "policies")
    consumer = RabbitConsumer([QUEUE])
    await consumer.start(broker, consumers=1, prefetch=1)
    with management.changed("retry-15s", message_ttl=100):
        await asyncio.sleep(PASSED_ON_S)
        async with asyncio.timeout(10):
            await publisher.publish(task(), RETRY, QUEUE, correlation_id=JOB_ID, attempt=1)
            (back,) = await consumer.batch(1, 0)
    assert back.attempt == 1
    await back.ack()
