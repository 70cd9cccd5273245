"""What the broker lets a partner forward into another's intake: nothing comes of it, whoever it bears."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack

import pika
import pytest

from tests import files
from tests.pages import text_page
from tests.partner import Partner, admitted, connected
from tests.stack import Stack

SUBMIT = "ocr.submit"
SCAN = files.scanned_pdf([text_page(["Invoice number 4711"])])
WITHOUT_USER = "unauthorized"


@pytest.fixture(scope="module")
def both(stack: Stack) -> Iterator[tuple[Partner, Partner]]:
    """One who takes detours, and one who is the aim of them."""
    with ExitStack() as opened:
        names = [f"{name}-{secrets.token_hex(3)}" for name in ("acme", "globex")]
        acme, globex = (opened.enter_context(connected(name, *admitted(stack, name))) for name in names)
        yield acme, globex


@pytest.mark.parametrize("tells", [True, False], ids=["saying who it is", "saying nothing"])
def test_only_what_a_partner_sent_itself_is_read_and_paid(tells: bool, both: tuple[Partner, Partner]) -> None:
    acme, globex = both
    heard, used = len(globex.heard), [one.client.account()["used"] for one in both]
    for exchange, key, headers in (
        (_letters(acme, globex.name), "", None),
        (_alternate(acme), globex.name, None),
        (_bound(acme, globex.name), globex.name, None),
        (SUBMIT, acme.name, {"CC": [globex.name]}),
    ):
        properties = pika.BasicProperties(
            user_id=f"partner.{acme.name}" if tells else None,
            message_id=f"detour-{secrets.token_hex(6)}",
            correlation_id="of acme",
            reply_to=f"partner.{globex.name}.answers",
            headers=headers,
        )
        acme.channel.basic_publish(exchange, key, SCAN, properties)
    request = globex.send(SCAN, headers={"language": "en"})
    globex.told(request, last="done")

    others = [one for one in globex.heard[heard:] if one.body.get("request_id") != request]
    assert {one.body.get("code") for one in others} <= (set() if tells else {WITHOUT_USER})
    assert all(one.correlation_id != "of acme" for one in others)
    assert [one.client.account()["used"] for one in both] == [used[0], used[1] + 1]


def _letters(me: Partner, key: str) -> str:
    """An exchange of one's own, whose messages die at once and are forwarded under that key."""
    name = _own(me)
    arguments = {"x-dead-letter-exchange": SUBMIT, "x-dead-letter-routing-key": key, "x-message-ttl": 0}
    me.channel.queue_declare(name, durable=True, arguments=arguments)
    me.channel.exchange_declare(name, "fanout")
    me.channel.queue_bind(name, name)
    return name


def _alternate(me: Partner) -> str:
    name = _own(me)
    me.channel.exchange_declare(name, "topic", arguments={"alternate-exchange": SUBMIT})
    return name


def _bound(me: Partner, key: str) -> str:
    name = _own(me)
    me.channel.exchange_declare(name, "topic")
    me.channel.exchange_bind(SUBMIT, name, key)
    return name


def _own(me: Partner) -> str:
    return f"partner.{me.name}.{secrets.token_hex(4)}"
