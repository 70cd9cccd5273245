"""The AsyncAPI document says of the queues what the fleet does there."""

from typing import Any

import pytest
from jsonschema import Draft7Validator

from common.contracts.partner_topology import EVENTS
from common.contracts.submit import FIELDS, FILENAME
from common.contracts.topology import EXCHANGES
from front.http.reference.asyncapi import document
from tests.strict_schemas import told_exactly

DOCUMENT = document()
MESSAGES = DOCUMENT["components"]["messages"]
_PARTS = {"payload", "headers"}


def wrong(schema: Any, value: Any) -> list[str]:
    whole = {**told_exactly({"components": DOCUMENT["components"]}), "allOf": [schema]}
    return [error.message for error in Draft7Validator(whole).iter_errors(value)]


@pytest.mark.parametrize("name", MESSAGES)
def test_examples_are_what_their_message_tells(name: str) -> None:
    message = MESSAGES[name]
    for example in message["examples"]:
        for part in _PARTS & example.keys():
            assert wrong(message[part], example[part]) == []
    for properties in message["x-amqp-properties"].get("examples", ()):
        assert wrong(message["x-amqp-properties"], properties) == []


def test_a_wrong_example_would_be_seen() -> None:
    payload = MESSAGES["page"]["examples"][0]["payload"]
    assert wrong(MESSAGES["page"]["payload"], {**payload, "what": "done"})
    assert wrong(MESSAGES["page"]["payload"], {**payload, "page_count": "2"})
    assert wrong(MESSAGES["page"]["payload"], {name: payload[name] for name in payload if name != "job_id"})


def test_every_event_that_partners_may_hear_is_told() -> None:
    assert DOCUMENT["channels"]["events"]["messages"].keys() == set(EVENTS)
    assert DOCUMENT["channels"]["answers"]["messages"].keys() == set(EVENTS)


def test_a_file_has_the_headers_that_are_read() -> None:
    assert MESSAGES["sentFile"]["headers"]["properties"].keys() == {FILENAME, *FIELDS}


@pytest.mark.parametrize("name", ["requests", "events"])
def test_exchanges_are_those_of_the_topology(name: str) -> None:
    told = DOCUMENT["channels"][name]["bindings"]["amqp"]["exchange"]
    assert (told["name"], told["type"]) in {(exchange.name, exchange.kind) for exchange in EXCHANGES}
