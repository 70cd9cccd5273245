"""A partner's system: a foreign AMQP client with a queue of its own, which knows nothing but the contract."""

import json
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from tests.client import Client
from tests.stack import Stack

_WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it came: under which key, with which correlation, and its JSON body."""

    key: str
    correlation_id: str | None
    body: Mapping[str, Any]

    @property
    def what(self) -> str:
        return self.key.rpartition(".")[2]


@dataclass
class Partner:
    """``client`` asks for the same account over HTTP. ``heard`` are all events so far, in their order."""

    name: str
    client: Client
    channel: BlockingChannel
    queue: str
    heard: list[Told] = field(default_factory=list)

    def send(self, body: bytes, *, key: str | None = None, **properties: Any) -> str:
        """Publish a request, with the properties that a partner sets unless others are given; its id."""
        given = {
            "user_id": f"partner.{self.name}",
            "message_id": f"r-{secrets.token_hex(6)}",
            "delivery_mode": 2,
            **properties,
        }
        routing_key = self.name if key is None else key
        self.channel.basic_publish(
            "ocr.submit", routing_key, body, pika.BasicProperties(**given), mandatory=True
        )
        return str(given["message_id"])

    def until(self, is_enough: Callable[[Sequence[Told]], bool], wait_s: float = _WAIT_S) -> Sequence[Told]:
        """All that was heard, once it is enough; fails when that takes too long."""
        deadline = time.monotonic() + wait_s
        while not is_enough(self.heard):
            assert time.monotonic() < deadline, [(one.key, one.correlation_id) for one in self.heard]
            self._hear()
        return self.heard

    def told(self, request: str, *, last: str, times: int = 1) -> Sequence[Told]:
        """What was said of one request, once ``last`` has been said ``times`` times."""

        def of_it(heard: Sequence[Told]) -> Sequence[Told]:
            return [one for one in heard if one.body.get("request_id") == request]

        return of_it(self.until(lambda heard: sum(one.what == last for one in of_it(heard)) >= times))

    def listen_for(self, seconds: float) -> None:
        """Hear what else comes."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._hear()

    def _hear(self) -> None:
        method, properties, body = self.channel.basic_get(self.queue, auto_ack=True)
        if method is None:
            self.channel.connection.sleep(0.05)
            return
        key = method.routing_key or ""
        self.heard.append(Told(key, properties.correlation_id, json.loads(body)))


def admitted(stack: Stack, name: str, *, credits: int = 1000) -> tuple[Client, str]:
    """A partner as an operator makes it: its REST client, and its AMQP URL."""
    client = stack.client(stack.account(name, credits=credits))
    return client, add(stack, name)


def add(stack: Stack, name: str) -> str:
    """Make an account a partner's; its AMQP URL."""
    printed = stack.admin("partner", "add", name)
    found = re.search(r"^AMQP_URL=(\S+)$", printed, re.MULTILINE)
    assert found, printed
    return found.group(1)


@contextmanager
def connected(name: str, client: Client, url: str) -> Iterator[Partner]:
    """With a queue of its own that hears everything about its jobs."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        queue = f"partner.{name}.{secrets.token_hex(4)}"
        channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
        channel.queue_bind(queue, "ocr.results", f"job.{name}.#")
        yield Partner(name, client, channel, queue)
        channel.queue_delete(queue)
    finally:
        connection.close()
