"""What the AsyncAPI document tells partners is so: its examples are sent, and what is heard is held to it."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tests.client import accepted
from tests.partner import Partner, Told, admitted, connected
from tests.stack import Stack
from tests.strict_schemas import told_exactly

DOCUMENT = json.loads((Path(__file__).resolve().parents[2] / "docs" / "asyncapi.json").read_text())
MESSAGES = DOCUMENT["components"]["messages"]


@pytest.fixture(scope="module")
def partner(stack: Stack) -> Iterator[Partner]:
    name = f"reader-{secrets.token_hex(3)}"
    with connected(name, *admitted(stack, name)) as one:
        yield one


def send(partner: Partner, message: str, payload: bytes | None = None, **changes: Any) -> str:
    """The example of a message, as this partner's; the request's id."""
    example = MESSAGES[message]["examples"][0]
    (properties,) = MESSAGES[message]["x-amqp-properties"]["examples"]
    own = {"user_id": f"partner.{partner.name}", "message_id": f"example-{secrets.token_hex(4)}"}
    body = example["payload"] if isinstance(example["payload"], str) else json.dumps(example["payload"])
    headers = {**example.get("headers", {}), **changes}
    return partner.send(payload or body.encode(), **{**properties, **own, "headers": headers})


def check_told(one: Told) -> None:
    """The event is one of the document's, and holds what that tells and nothing else."""
    told = told_exactly({"components": DOCUMENT["components"]})
    schema = {**told, "allOf": [MESSAGES[one.what]["payload"]]}
    assert [error.message for error in Draft7Validator(schema).iter_errors(one.body)] == []


def test_the_served_document_is_the_committed_one(partner: Partner) -> None:
    assert partner.client.get("/api/v1/asyncapi.json").json() == DOCUMENT


def test_the_example_file_is_read(partner: Partner) -> None:
    told = partner.told(send(partner, "sentFile"), last="done")
    assert [one.what for one in told] == ["accepted", "page", "done"]
    assert {one.correlation_id for one in told} == {"order 4711"}
    for one in told:
        check_told(one)
    assert told[-1].body["result"]["filename"] == "blank.pbm"


def test_the_example_of_a_named_job_is_told_of(partner: Partner) -> None:
    picture = MESSAGES["sentFile"]["examples"][0]["payload"].encode()
    job = accepted(partner.client.submit(picture, "blank.pbm", language="en"))
    body = json.dumps({**MESSAGES["namedJob"]["examples"][0]["payload"], "job": job["uuid"]}).encode()
    told = partner.told(send(partner, "namedJob", body), last="done")
    assert {one.body["job_id"] for one in told} == {job["uuid"]}
    for one in told:
        check_told(one)


def test_a_rejection_is_as_told(partner: Partner) -> None:
    told = partner.told(send(partner, "sentFile", pages="9"), last="rejected")
    for one in told:
        check_told(one)
