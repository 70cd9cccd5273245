"""Whatever is sent, by whomever: every answer is one that the OpenAPI document tells, and no fault of ours.

Requests are made up from the document: such as it allows, and such as it does not.
"""

import json
from collections.abc import Callable

import pytest
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests import files, fuzzing
from tests.client import Client
from tests.pages import blank_page
from tests.stack import Stack

OPERATIONS = fuzzing.operations()
# What their values mean together, or at the moment, no schema can tell, nor that blanks mean nothing.
_MEANINGFUL = {"submitFile", "downloadResult", "listJobs", "getJob", "askQuestion"}
# So that the same is asked each time; with --soak by chance.
_SEED = 9
_EXAMPLES, _OF_OTHERS, _SOAK_EXAMPLES = 12, 4, 100
# Sign-ups are counted by address, and other tests sign up, too.
_ADDRESS = "127.0.77.7"


@pytest.fixture(scope="module")
def caller(new_account: Callable[[str], Client], stack: Stack) -> Client:
    return Client(stack.urls, new_account("paid").token, _ADDRESS)


@pytest.fixture(scope="module")
def known(caller: Client) -> fuzzing.Known:
    """Values that mean something: jobs that are there, tokens, a file that can be read."""
    picture = files.png(blank_page())
    done = [caller.read(picture, "blank.png", language="en")["uuid"] for _ in range(2)]
    caller.post("/api/v1/account/tokens/")

    def spare_tokens() -> list[str]:
        tokens = caller.get("/api/v1/account/tokens/").json()["tokens"]
        return [token["prefix"] for token in tokens if not token["is_this_one"]] or ["x" * 10]

    return {
        "uuid": lambda: done,
        "prefix": spare_tokens,
        "index": lambda: [0, 1],
        "file": lambda: [picture],
        "language": lambda: ["en", "auto", "deu+eng"],
        "translate_to": lambda: ["de", "en"],
        "pages": lambda: ["1", "1-1", "2"],
        "schema": lambda: [json.dumps({"type": "object", "properties": {"total": {"type": "number"}}})],
        "retention": lambda: ["1", "24"],
        "max_cost": lambda: ["1", "5"],
        "message": lambda: ["What is the total?"],
        "conversation": lambda: ["new"],
    }


def test_the_served_document_is_the_committed_one(stack: Stack, client: Client) -> None:
    assert client.get("/api/v1/openapi.json").json() == json.loads(fuzzing.DOCUMENT.read_text())


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "deleteJob"])
def test_an_account_is_answered_as_told(name: str, caller: Client, known: fuzzing.Known) -> None:
    fuzz_as_account(name, caller, known, _SEED, _EXAMPLES)


@pytest.mark.soak
@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "deleteJob"])
def test_an_account_is_answered_as_told_for_long(
    name: str, caller: Client, known: fuzzing.Known, seed: int
) -> None:
    fuzz_as_account(name, caller, known, seed, _SOAK_EXAMPLES)


def test_deleting_is_answered_as_told(caller: Client, known: fuzzing.Known) -> None:
    doomed = {"uuid": lambda: [caller.read(known["file"]()[0], "blank.png", language="en")["uuid"]]}
    fuzz_as_account("deleteJob", caller, doomed, _SEED, _OF_OTHERS)


@pytest.mark.parametrize("token", [None, "of-nobody"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_others_are_answered_as_told(
    name: str, token: str | None, stack: Stack, known: fuzzing.Known
) -> None:
    operation = OPERATIONS[name]
    refusals = () if fuzzing.is_open(operation, token) else (fuzzing.refused,)
    fuzzing.fuzz(
        operation,
        fuzzing.Caller(Client(stack.urls, token, _ADDRESS)),
        seed=_SEED,
        examples=_OF_OTHERS,
        modes=(GenerationMode.POSITIVE,),
        known=known,
        checks=(*fuzzing.CONFORMANCE, *refusals),
    )


def fuzz_as_account(name: str, client: Client, known: fuzzing.Known, seed: int, examples: int) -> None:
    strict = () if name in _MEANINGFUL else (negative_data_rejection, positive_data_acceptance)
    fuzzing.fuzz(
        OPERATIONS[name],
        fuzzing.Caller(client),
        seed=seed,
        examples=examples,
        known=known,
        checks=(*fuzzing.CONFORMANCE, *strict),
    )
