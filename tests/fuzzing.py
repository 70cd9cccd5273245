"""Requests that schemathesis makes up from the OpenAPI document, and what is asked of their answers."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckContext, CheckFunction, not_a_server_error
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.client import Client
from tests.strict_schemas import told_exactly

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"
Known = Mapping[str, Callable[[], Sequence[Any]]]

_LIMIT_S = 60
_EVENTS = "text/event-stream"
_EVENT = re.compile(r"^event: (\w+)\ndata: (.*)$", re.MULTILINE)
_NEVER_WRONG = {"uuid", "file"}
_PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Caller:
    """``client`` decides who asks: whatever schemathesis makes up of tokens is left out."""

    client: Client

    def send(self, case: Case) -> Response:
        case.query.pop("api_token", None)
        for name in [name for name in case.headers if name.lower() == "authorization"]:
            del case.headers[name]
        return case.call(base_url=self.client.url, session=self.client.session, timeout=_LIMIT_S)


def operations() -> dict[str, APIOperation[Any, Any, Any, Any]]:
    """All that the document tells, by their names; no more may be answered than it tells."""
    document = told_exactly(json.loads(DOCUMENT.read_text()))
    found = (result.ok() for result in schemathesis.openapi.from_dict(document).get_all_operations())
    return {operation.definition.raw["operationId"]: operation for operation in found}


def known_code(ctx: CheckContext, response: Response, case: Case) -> None:
    """The code of an error is one of those that are told of its status."""
    if response.headers.get("content-type", [""])[0] != _PROBLEM or not response.content:
        return
    told = case.operation.definition.raw["responses"].get(str(response.status_code), {}).get("x-codes", ())
    code = response.json()["code"]
    if code not in told:
        label = case.operation.label
        raise Failure(operation=label, title="Untold code", message=f"{code} is none of {told}")


def known_events(ctx: CheckContext, response: Response, case: Case) -> None:
    """The events of a stream are of those names, and hold those data, that are told of it."""
    if not response.headers.get("content-type", [""])[0].startswith(_EVENTS):
        return
    told = case.operation.definition.raw["responses"]["200"]["content"][_EVENTS]["x-events"]
    for name, data in _EVENT.findall(response.content.decode()):
        schema = {**told[name], "components": case.operation.schema.raw_schema["components"]}
        Draft202012Validator(schema).validate(json.loads(data))


def refused(ctx: CheckContext, response: Response, case: Case) -> None:
    """Nothing is done for who asks."""
    if response.status_code != 401:
        label = case.operation.label
        raise Failure(operation=label, title="Not refused", message=f"Answered {response.status_code}")


def is_open(operation: APIOperation[Any, Any, Any, Any], token: str | None) -> bool:
    """Whether a caller with a wrong token, or with none, is served: a token that is sent has to be valid."""
    ways = operation.definition.raw["security"]
    return not ways or (token is None and {} in ways)


CONFORMANCE: tuple[CheckFunction, ...] = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    known_code,
    known_events,
)


def fuzz(
    operation: APIOperation[Any, Any, Any, Any],
    caller: Caller,
    *,
    seed: int,
    examples: int,
    modes: Sequence[GenerationMode] = tuple(GenerationMode),
    known: Known,
    checks: Sequence[CheckFunction] = CONFORMANCE,
) -> None:
    """Ask ``examples`` times for each of ``modes``; half of the values are ``known``, by their names."""
    for mode in modes:
        requests = operation.as_strategy(generation_mode=mode)
        ask = _asking(requests, caller, seed, examples, _fitting(known, mode), checks)
        try:
            ask()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, "nothing can be wrong with it"


def _asking(
    requests: st.SearchStrategy[Case],
    caller: Caller,
    seed: int,
    examples: int,
    known: Known,
    checks: Sequence[CheckFunction],
) -> Callable[[], None]:
    @seeded(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate,),  # to shrink takes long, and the made up is short as it is
        suppress_health_check=list(HealthCheck),
    )
    @given(case=requests, chance=st.randoms(use_true_random=False))
    def ask(case: Case, chance: Random) -> None:
        _put_in(case, known, chance)
        response = caller.send(case)
        case.validate_response(response, checks=list(checks))

    return ask


def _fitting(known: Known, mode: GenerationMode) -> Known:
    """What is wrong with a request is not put right."""
    if mode is GenerationMode.POSITIVE:
        return known
    return {name: values for name, values in known.items() if name in _NEVER_WRONG}


def _put_in(case: Case, known: Known, chance: Random) -> None:
    if case.operation.method == "post" and chance.random() < 0.5:
        case.headers["Accept"] = _EVENTS
    for values in (case.path_parameters, case.query, case.body):
        if isinstance(values, dict):
            for name in sorted(values.keys() & known.keys()):
                if chance.random() < 0.5:
                    values[name] = chance.choice(known[name]())
