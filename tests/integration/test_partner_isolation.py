"""Two partners on a real broker: what one tries upon the other is refused, and what is theirs works."""

import asyncio
import json
import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pika
import pytest
import requests
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import AMQPError, ChannelClosedByBroker, NackError, UnroutableError
from yarl import URL

from common.adapters.rabbit import (
    Management,
    RabbitIntakeQueues,
    RabbitPartnerAccess,
    connected,
    declare_topology,
)
from common.contracts import partner_topology as partners
from common.contracts import topology
from tests.stack import Engines

LIMIT_S = 20
REFUSED, MISMATCH = 403, 406


@dataclass(frozen=True)
class Side:
    """A partner as a foreign client sees it, or an operator."""

    name: str
    url: str

    def connect(self) -> BlockingConnection:
        parameters = pika.URLParameters(self.url)
        parameters.socket_timeout = parameters.blocked_connection_timeout = LIMIT_S
        return BlockingConnection(parameters)

    @property
    def user(self) -> str:
        return partners.partner_user(self.name)

    @property
    def own(self) -> str:
        """A fresh name that the partner may declare."""
        return f"{partners.own_prefix(self.name)}{uuid.uuid4().hex}"


@pytest.fixture(scope="module")
def management_url(engines: Engines) -> str:
    if engines.management_url is None:
        pytest.skip("AMQP_MANAGEMENT_URL is not set")
    return engines.management_url


@pytest.fixture(scope="module")
def sides(amqp_url: str, management_url: str) -> Iterator[tuple[Side, Side]]:
    """Two partners whom nobody serves: what they send stays in their intakes."""
    names = [f"{name}-{secrets.token_hex(3)}" for name in ("acme", "globex")]
    passwords = {name: secrets.token_urlsafe() for name in names}
    asyncio.run(_add(amqp_url, management_url, passwords))
    url = URL(amqp_url)
    acme, globex = (
        Side(name, str(url.with_user(partners.partner_user(name)).with_password(passwords[name])))
        for name in names
    )
    yield acme, globex
    asyncio.run(_remove(amqp_url, management_url, names))


async def _add(amqp_url: str, management_url: str, passwords: dict[str, str]) -> None:
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(connected(amqp_url, "tests"))
        access = RabbitPartnerAccess(stack.enter_context(closing(Management(management_url))))
        await declare_topology(connection)
        for name, password in passwords.items():
            await RabbitIntakeQueues(connection).make(name)
            await access.identify(name, password)
            await access.allow(name)


async def _remove(amqp_url: str, management_url: str, names: list[str]) -> None:
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(connected(amqp_url, "tests"))
        access = RabbitPartnerAccess(stack.enter_context(closing(Management(management_url))))
        for name in names:
            assert await access.shut_out(name)
            await access.clear(name)
            await RabbitIntakeQueues(connection).remove(name)


@pytest.fixture(scope="module")
def acme(sides: tuple[Side, Side]) -> Side:
    return sides[0]


@pytest.fixture(scope="module")
def globex(sides: tuple[Side, Side]) -> Side:
    return sides[1]


@pytest.fixture(scope="module")
def operator(amqp_url: str) -> Iterator[BlockingConnection]:
    with Side("operator", amqp_url).connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def connection(acme: Side) -> Iterator[BlockingConnection]:
    """Of acme, who does what it should not."""
    with acme.connect() as connection:
        yield connection


@pytest.fixture
def channel(connection: BlockingConnection) -> BlockingChannel:
    channel = connection.channel()
    channel.confirm_delivery()
    return channel


@pytest.fixture(scope="module")
def answers(globex: Side) -> Iterator[str]:
    """A queue of globex's."""
    with globex.connect() as connection:
        yield connection.channel().queue_declare(globex.own).method.queue


def publish(
    channel: BlockingChannel, exchange: str, key: str, *, user: str | None = None, **more: Any
) -> None:
    properties = pika.BasicProperties(user_id=user, message_id=uuid.uuid4().hex, **more)
    channel.basic_publish(exchange, key, b"%PDF", properties, mandatory=True)


def refusal(attempt: Callable[[], Any]) -> int:
    with pytest.raises(ChannelClosedByBroker) as refused:
        attempt()
    return refused.value.reply_code


Attempt = Callable[[BlockingChannel, Side, Side, str], Any]


def _own_queue(channel: BlockingChannel, me: Side, **arguments: Any) -> str:
    return str(channel.queue_declare(me.own, durable=True, arguments=arguments).method.queue)


def _bind(key: str) -> Attempt:
    return lambda channel, me, other, answers: channel.queue_bind(
        _own_queue(channel, me), topology.RESULTS, key.format(other=other.name)
    )


def _bind_exchange(source: str, key: str) -> Attempt:
    def attempt(channel: BlockingChannel, me: Side, other: Side, answers: str) -> None:
        name = me.own
        channel.exchange_declare(name, "topic")
        channel.exchange_bind(name, source, key.format(other=other.name))

    return attempt


def _dead_letters_to(exchange: str, key: str = "") -> Attempt:
    return lambda channel, me, other, answers: _own_queue(
        channel,
        me,
        **{"x-dead-letter-exchange": exchange, "x-dead-letter-routing-key": key or answers},
    )


def _alternate(exchange: str) -> Attempt:
    return lambda channel, me, other, answers: channel.exchange_declare(
        me.own, "fanout", arguments={"alternate-exchange": exchange}
    )


def _into(exchange: str) -> Attempt:
    def attempt(channel: BlockingChannel, me: Side, other: Side, answers: str) -> None:
        name = me.own
        channel.exchange_declare(name, "fanout")
        channel.exchange_bind(exchange, name, "")

    return attempt


ATTEMPTS: dict[str, Attempt] = {
    "consume the other's answers": lambda c, me, other, answers: c.basic_consume(answers, lambda *_: None),
    "get from the other's answers": lambda c, me, other, answers: c.basic_get(answers),
    "purge the other's answers": lambda c, me, other, answers: c.queue_purge(answers),
    "delete the other's answers": lambda c, me, other, answers: c.queue_delete(answers),
    "bind the other's answers": lambda c, me, other, answers: c.queue_bind(
        answers, topology.RESULTS, f"job.{me.name}.done"
    ),
    "declare under the other's name": lambda c, me, other, answers: c.queue_declare(other.own),
    "declare under another name": lambda c, me, other, answers: c.queue_declare(uuid.uuid4().hex),
    "declare under a name that begins alike": lambda c, me, other, answers: c.queue_declare(
        f"partner.{me.name}x.q"
    ),
    "have the broker name a queue": lambda c, me, other, answers: c.queue_declare(""),
    "declare an exchange under the other's name": lambda c, me, other, answers: c.exchange_declare(other.own),
    "delete an exchange of ours": lambda c, me, other, answers: c.exchange_delete(topology.RESULTS),
    "publish with the other's key": lambda c, me, other, answers: publish(
        c, topology.SUBMIT, other.name, user=me.user
    ),
    "publish with a wildcard": lambda c, me, other, answers: publish(c, topology.SUBMIT, "#"),
    "publish to the other's answers": lambda c, me, other, answers: publish(c, "", answers),
    "publish to its own intake past its exchange": lambda c, me, other, answers: publish(
        c, "", partners.intake_queue(me.name).name
    ),
    "publish a task": lambda c, me, other, answers: publish(c, topology.TASKS, topology.PAGE_QUEUES[0]),
    "publish a retry": lambda c, me, other, answers: publish(c, topology.RETRY_QUEUES[0], "x"),
    "publish a page's result": lambda c, me, other, answers: publish(c, topology.RESULTS, "page.recognized"),
    "publish an event of its own": lambda c, me, other, answers: publish(
        c, topology.RESULTS, f"job.{me.name}.done"
    ),
    "publish an event of the other's": lambda c, me, other, answers: publish(
        c, topology.RESULTS, f"job.{other.name}.done"
    ),
    "publish a dead letter": lambda c, me, other, answers: publish(c, topology.DEAD, topology.PAGE_QUEUES[0]),
    "publish to the exchanges that every broker has": lambda c, me, other, answers: publish(
        c, "amq.topic", "x"
    ),
    "bind everything": _bind("#"),
    "bind all jobs": _bind("job.#"),
    "bind what is done of all": _bind("job.*.done"),
    "bind all that has three words": _bind("*.*.*"),
    "bind the other's jobs": _bind("job.{other}.#"),
    "bind the other's end": _bind("job.{other}.done"),
    "bind pages": _bind("page.*"),
    "bind answers to questions": _bind("answer.#"),
    "bind what fronts are told": _bind("hint.job"),
    "bind an exchange to everything": _bind_exchange(topology.RESULTS, "#"),
    "bind an exchange to the other's jobs": _bind_exchange(topology.RESULTS, "job.{other}.#"),
    "bind an exchange to requests": _bind_exchange(topology.SUBMIT, "#"),
    "bind an exchange to the other's requests": _bind_exchange(topology.SUBMIT, "{other}"),
    "bind an exchange to dead letters": _bind_exchange(topology.DEAD, "#"),
    "bind an exchange to tasks": _bind_exchange(topology.TASKS, topology.PAGE_QUEUES[0]),
    "bind an exchange to the log": _bind_exchange("amq.rabbitmq.trace", "#"),
    "have dead letters become tasks": _dead_letters_to(topology.TASKS, topology.PAGE_QUEUES[0]),
    "have dead letters become results": _dead_letters_to(topology.RESULTS, "page.recognized"),
    "have dead letters go to the other": _dead_letters_to(""),
    "have what finds no queue become a task": _alternate(topology.TASKS),
    "have what finds no queue become a result": _alternate(topology.RESULTS),
    "bind tasks to an exchange of its own": _into(topology.TASKS),
    "bind results to an exchange of its own": _into(topology.RESULTS),
    **{
        f"read {queue}": lambda c, me, other, answers, queue=queue: c.basic_get(queue)
        for queue in (
            topology.TRACKING,
            topology.DEAD_QUEUES[0],
            topology.PAGE_QUEUES[0],
            topology.CHAT_QUEUE,
        )
    },
    "read its own intake": lambda c, me, other, answers: c.basic_get(partners.intake_queue(me.name).name),
    "read the other's intake": lambda c, me, other, answers: c.basic_get(
        partners.intake_queue(other.name).name
    ),
    "purge the other's intake": lambda c, me, other, answers: c.queue_purge(
        partners.intake_queue(other.name).name
    ),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_partner_is_refused_to(
    attempt: str, channel: BlockingChannel, acme: Side, globex: Side, answers: str
) -> None:
    assert refusal(lambda: ATTEMPTS[attempt](channel, acme, globex, answers)) == REFUSED


def test_a_partner_is_refused_to_publish_as_the_other(
    channel: BlockingChannel, acme: Side, globex: Side
) -> None:
    assert refusal(lambda: publish(channel, topology.SUBMIT, acme.name, user=globex.user)) == MISMATCH


def test_a_partner_is_refused_another_virtual_host(acme: Side) -> None:
    with pytest.raises(AMQPError):
        Side(acme.name, str(URL(acme.url).with_path("/%2f", encoded=True))).connect()


@pytest.mark.parametrize("path", ["overview", "users", f"queues/{topology.VHOST}", "definitions", "whoami"])
def test_a_partner_is_refused_the_management_api(path: str, acme: Side, management_url: str) -> None:
    url, login = URL(management_url), URL(acme.url)
    answer = requests.get(
        str(url.with_user(None).with_path(f"/api/{path}")),
        auth=(login.user or "", login.password or ""),
        timeout=LIMIT_S,
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("word", [*partners.EVENTS, "*", "#"])
def test_a_partner_hears_of_its_own_jobs(
    word: str, channel: BlockingChannel, acme: Side, globex: Side, operator: BlockingConnection
) -> None:
    queue = _own_queue(channel, acme)
    channel.queue_bind(queue, topology.RESULTS, f"job.{acme.name}.{word}")
    events = operator.channel()
    for name in (globex.name, acme.name):
        events.basic_publish(topology.RESULTS, f"job.{name}.{word.strip('*#') or 'done'}", name.encode())
    _, _, body = next(channel.consume(queue, inactivity_timeout=LIMIT_S))
    assert body == acme.name.encode()
    channel.queue_delete(queue)


@pytest.mark.parametrize("tells", [True, False], ids=["saying who it is", "saying nothing"])
def test_a_partner_sends_requests_under_its_own_name(
    tells: bool, channel: BlockingChannel, acme: Side, operator: BlockingConnection
) -> None:
    publish(channel, topology.SUBMIT, acme.name, user=acme.user if tells else None)
    assert _taken(operator, acme).user_id == (acme.user if tells else None)


def _taken(operator: BlockingConnection, side: Side) -> pika.BasicProperties:
    """Of the one request that waits in the partner's intake, which is empty then."""
    channel = operator.channel()
    intake = partners.intake_queue(side.name).name
    _, properties, _ = next(channel.consume(intake, auto_ack=True, inactivity_timeout=LIMIT_S))
    channel.close()
    assert properties is not None, "no request has come"
    return properties


# --- what the broker cannot keep apart, so that the intake has to (ARCHITECTURE.md says how) ----------------


@pytest.mark.parametrize("tells", [True, False], ids=["saying who it is", "saying nothing"])
@pytest.mark.parametrize("way", ["dead letters", "an alternate exchange", "an exchange", "a copy"])
def test_what_comes_to_the_others_intake_by_a_detour_never_bears_the_others_name(
    way: str, tells: bool, channel: BlockingChannel, acme: Side, globex: Side, operator: BlockingConnection
) -> None:
    """On none of these ways is the key compared with the topic permissions. The user is, with the login."""
    user, key, own = acme.user if tells else None, globex.name, acme.own
    try:
        if way == "dead letters":
            letters = {"x-dead-letter-exchange": topology.SUBMIT, "x-dead-letter-routing-key": key}
            queue = _own_queue(channel, acme, **letters, **{"x-message-ttl": 0})
            channel.exchange_declare(own, "fanout", auto_delete=True)
            channel.queue_bind(queue, own)
            publish(channel, own, "", user=user)
        elif way == "an alternate exchange":
            channel.exchange_declare(own, "topic", arguments={"alternate-exchange": topology.SUBMIT})
            publish(channel, own, key, user=user)
        elif way == "an exchange":
            channel.exchange_declare(own, "topic", auto_delete=True)
            channel.exchange_bind(topology.SUBMIT, own, key)
            publish(channel, own, key, user=user)
        else:
            publish(channel, topology.SUBMIT, acme.name, user=user, headers={"CC": [key]})
            _taken(operator, acme)
    except (ChannelClosedByBroker, NackError, UnroutableError):
        return  # a newer broker that refuses it
    arrived = _taken(operator, globex)
    assert arrived.user_id == user != globex.user


def test_of_other_queues_a_partner_sees_how_much_waits_and_nothing_else(
    connection: BlockingConnection, answers: str
) -> None:
    """AMQP has no permission for looking: https://www.rabbitmq.com/docs/access-control"""
    for queue in (topology.TRACKING, answers):
        seen = connection.channel().queue_declare(queue, passive=True).method
        assert seen.message_count == 0


# --- limits -------------------------------------------------------------------------------------------------


@contextmanager
def limited(management_url: str, policy: str, **limits: int) -> Iterator[None]:
    """With other limits in that policy of ours, until a queue is declared or hears of it."""
    path = f"{management_url}/api/policies/{topology.VHOST}/{policy}"
    before = requests.get(path, timeout=LIMIT_S).json()
    changed = {name.replace("_", "-"): limit for name, limit in limits.items()}
    definition = {**before["definition"], **changed}
    requests.put(path, json={**before, "definition": definition}, timeout=LIMIT_S).raise_for_status()
    try:
        yield
    finally:
        requests.put(path, json=before, timeout=LIMIT_S).raise_for_status()


@pytest.mark.parametrize("limit", [{"max_length": 2}, {"max_length_bytes": 2}], ids=["messages", "bytes"])
@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_of_what_a_partner_does_not_read_the_oldest_goes(
    kind: str,
    limit: dict[str, int],
    channel: BlockingChannel,
    acme: Side,
    operator: BlockingConnection,
    management_url: str,
) -> None:
    """By the policy, though the queue itself says that it takes more."""
    wishes = {"x-queue-type": kind, "x-max-length": 10**6, "x-max-length-bytes": 10**9}
    events = operator.channel()
    events.confirm_delivery()
    with limited(management_url, "partner", **limit):
        queue = channel.queue_declare(acme.own, durable=True, arguments=wishes).method.queue
        channel.queue_bind(queue, topology.RESULTS, f"job.{acme.name}.done")
        for number in range(6):
            events.basic_publish(topology.RESULTS, f"job.{acme.name}.done", str(number).encode())
        assert list(_all(channel, queue)) == [b"4", b"5"]
        channel.queue_delete(queue)


def test_of_a_stream_that_a_partner_fills_the_oldest_goes(
    channel: BlockingChannel, acme: Side, operator: BlockingConnection, management_url: str
) -> None:
    """Whatever the stream itself says; streams let go of whole segments, once they have begun another."""
    wishes = {
        "x-queue-type": "stream",
        "x-max-length-bytes": 10**12,
        "x-max-age": "10Y",
        "x-stream-max-segment-size-bytes": 10**9,
    }
    limits = {"max_length_bytes": 2_000_000, "stream_max_segment_size_bytes": 1_000_000}
    with limited(management_url, "partner-streams", **limits):
        queue, own = _own_queue(channel, acme, **wishes), acme.own
        channel.exchange_declare(own, "fanout", auto_delete=True)
        channel.queue_bind(queue, own)
        published = 0
        while _oldest(channel, queue) == 0:
            assert published < 100, "the stream keeps everything"
            for _ in range(10):
                channel.basic_publish(own, "", bytes(500_000))
                published += 1
        channel.queue_delete(queue)


def _oldest(channel: BlockingChannel, stream: str) -> int:
    """The offset of the oldest message that is left in it."""
    reading = channel.connection.channel()
    reading.basic_qos(prefetch_count=1)
    offset = {"x-stream-offset": "first"}
    _, properties, _ = next(reading.consume(stream, arguments=offset, inactivity_timeout=1))
    reading.close()
    return int(properties.headers["x-stream-offset"]) if properties else 0


def _all(channel: BlockingChannel, queue: str) -> Iterator[bytes]:
    while True:
        method, _, body = channel.basic_get(queue, auto_ack=True)
        if method is None:
            return
        yield body


@pytest.mark.parametrize("kind", ["classic", "quorum"])
def test_what_a_partner_does_not_read_in_time_goes(
    kind: str, channel: BlockingChannel, acme: Side, operator: BlockingConnection, management_url: str
) -> None:
    """By the policy, though the queue itself says that it keeps it longer."""
    events = operator.channel()
    events.confirm_delivery()
    with limited(management_url, "partner", message_ttl=1):
        queue = _own_queue(channel, acme, **{"x-queue-type": kind, "x-message-ttl": 10**9})
        channel.queue_bind(queue, topology.RESULTS, f"job.{acme.name}.done")
        events.basic_publish(topology.RESULTS, f"job.{acme.name}.done", b"unread")
        time.sleep(0.1)
        assert list(_all(channel, queue)) == []
        channel.queue_delete(queue)


def test_a_queue_that_nobody_uses_goes(channel: BlockingChannel, acme: Side, management_url: str) -> None:
    with limited(management_url, "partner", expires=100):
        queue = _own_queue(channel, acme, **{"x-expires": 10**9})
        deadline = time.monotonic() + LIMIT_S
        while _exists(channel.connection, queue):
            assert time.monotonic() < deadline, "the queue is still there"
            time.sleep(0.2)


def _exists(connection: BlockingConnection, queue: str) -> bool:
    try:
        connection.channel().queue_declare(queue, passive=True)
    except ChannelClosedByBroker:
        return False
    return True


def test_an_intake_that_is_full_refuses_and_keeps_what_it_has(
    acme: Side, connection: BlockingConnection, operator: BlockingConnection, management_url: str
) -> None:
    channel, taken = _confirming(connection), 0
    with limited(management_url, "intake", max_length=2), suppress(NackError):
        while taken < 1000:
            publish(channel, topology.SUBMIT, acme.name)
            taken += 1
    assert 2 <= taken < 1000
    purged = operator.channel().queue_purge(partners.intake_queue(acme.name).name)
    assert purged.method.message_count == taken


def test_a_message_may_be_as_large_as_is_told_and_not_larger(
    acme: Side, connection: BlockingConnection, operator: BlockingConnection
) -> None:
    channel = _confirming(connection)
    channel.basic_publish(
        topology.SUBMIT,
        acme.name,
        b"\0" * topology.MAX_MESSAGE_BYTES,
        pika.BasicProperties(message_id="as large as may be"),
    )
    assert _taken(operator, acme).message_id == "as large as may be"
    too_large = b"\0" * (topology.MAX_MESSAGE_BYTES + 1)
    assert refusal(lambda: channel.basic_publish(topology.SUBMIT, acme.name, too_large)) == MISMATCH


def _confirming(connection: BlockingConnection) -> BlockingChannel:
    channel = connection.channel()
    channel.confirm_delivery()
    return channel


def test_a_partner_has_so_many_connections_and_channels(acme: Side, management_url: str) -> None:
    (told,) = requests.get(f"{management_url}/api/user-limits/{acme.user}", timeout=LIMIT_S).json()
    assert told["value"] == partners.LIMITS


def test_every_user_has_topic_permissions_on_every_topic_exchange(sides: Any, management_url: str) -> None:
    """Where there is none the broker allows all."""
    known = requests.get(f"{management_url}/api/permissions", timeout=LIMIT_S).json()
    users = {one["user"] for one in known if one["vhost"] == topology.VHOST}
    given = requests.get(f"{management_url}/api/topic-permissions", timeout=LIMIT_S).json()
    by_topic = {(one["user"], one["exchange"]) for one in given if one["vhost"] == topology.VHOST}
    exchanges = requests.get(f"{management_url}/api/exchanges/{topology.VHOST}", timeout=LIMIT_S).json()
    topics = {one["name"] for one in exchanges if one["type"] == "topic" and one["name"].startswith("ocr.")}
    assert topics == set(topology.TOPIC_EXCHANGES)
    assert {(user, topic) for user in users for topic in topics} <= by_topic


# --- coming and going ---------------------------------------------------------------------------------------


def test_connections_end_with_the_password_and_with_the_user_and_an_operators_limits_stay(
    amqp_url: str, management_url: str
) -> None:
    name, passwords = f"initech-{secrets.token_hex(3)}", [secrets.token_urlsafe() for _ in range(2)]
    asyncio.run(_add(amqp_url, management_url, {name: passwords[0]}))
    first, second = (
        Side(name, str(URL(amqp_url).with_user(partners.partner_user(name)).with_password(password)))
        for password in passwords
    )
    narrow = f"{management_url}/api/user-limits/{first.user}/max-connections"
    requests.put(narrow, json={"value": 3}, timeout=LIMIT_S).raise_for_status()
    with_old = first.connect()
    asyncio.run(_change(management_url, name, passwords[1]))
    assert _is_ended(with_old)
    with pytest.raises(AMQPError):
        first.connect()
    told = requests.get(f"{management_url}/api/user-limits/{first.user}", timeout=LIMIT_S).json()
    assert told[0]["value"] == {**partners.LIMITS, "max-connections": 3}
    with_new = second.connect()
    own = with_new.channel().queue_declare(second.own, durable=True).method.queue
    asyncio.run(_remove(amqp_url, management_url, [name]))
    assert _is_ended(with_new)
    with pytest.raises(AMQPError):
        second.connect()
    queues = requests.get(f"{management_url}/api/queues/{topology.VHOST}", timeout=LIMIT_S)
    assert own not in json.dumps(queues.json())


async def _change(management_url: str, name: str, password: str) -> None:
    with closing(Management(management_url)) as management:
        access = RabbitPartnerAccess(management)
        await access.renew(name, password)
        await access.allow(name)


def _is_ended(connection: BlockingConnection) -> bool:
    try:
        connection.process_data_events(time_limit=LIMIT_S)
    except AMQPError:
        return True
    return False
