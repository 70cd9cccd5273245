"""What the pages of a job gave by its schema, as the job shows it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from common.contracts.tasks import Tier
from common.document.extraction import Extraction, ValuePlace
from common.document.geometry import Box
from common.document.page import Page
from common.domain.extraction_schemas import RECEIPT
from common.domain.job_parts import JobRequest
from front.services.extractions import Extractions
from tests.fakes.samples import job, page

SCHEMA = {
    "type": "object",
    "properties": {
        "total": {"type": ["number", "null"]},
        "items": {"type": "array", "items": {"type": "string"}},
        "a/b": {"type": "string"},
    },
    "required": ["total", "items"],
    "additionalProperties": False,
}


def read(answer: Any, *places: ValuePlace) -> Page:
    return replace(page("a page"), extraction=Extraction(json.dumps(answer), places))


def place(pointer: str, text: str = "2") -> ValuePlace:
    return ValuePlace(pointer, Box(1, 2, 3, 4), text, 0.75)


def shown(*pages: Page, schema: Any = SCHEMA) -> Any:
    extract = schema if isinstance(schema, str) or schema is None else json.dumps(schema)
    request = JobRequest(Tier.VLM, "en", ("eng",), extract=extract)
    extractions = Extractions(job(len(pages), request=request))
    extractions.add(dict(enumerate(pages)))
    return extractions.members()


def test_the_extraction_is_the_answer_itself() -> None:
    members = shown(read({"total": 2, "items": ["tea"]}))
    assert members["extraction"] == {"total": 2, "items": ["tea"]}
    assert members["extraction_details"] == {"places": {}, "errors": []}


def test_places_say_the_page_as_people_count_and_the_pointer_in_the_whole() -> None:
    first = read({"items": ["tea"]}, place("/items/0", "tea"))
    second = read({"total": 2, "items": ["cake"]}, place("/items/0", "cake"), place("/total"))
    details = shown(first, second)["extraction_details"]
    assert details["places"] == {
        "/items/0": {"page": 1, "bbox": [1, 2, 3, 4], "text": "tea", "confidence": 0.75},
        "/items/1": {"page": 2, "bbox": [1, 2, 3, 4], "text": "cake", "confidence": 0.75},
        "/total": {"page": 2, "bbox": [1, 2, 3, 4], "text": "2", "confidence": 0.75},
    }


def test_the_place_of_a_value_that_another_page_had_first_is_left_out() -> None:
    details = shown(read({"total": 1}, place("/total", "1")), read({"total": 2}, place("/total", "2")))
    assert details["extraction_details"]["places"]["/total"]["page"] == 1


def test_pages_that_come_in_batches_count_on() -> None:
    request = JobRequest(Tier.VLM, "en", ("eng",), extract=json.dumps(SCHEMA))
    extractions = Extractions(job(3, request=request))
    extractions.add({1: read({"items": ["b"]}, place("/items/0", "b")), 0: read({"items": ["a"]})})
    extractions.add({2: read({"items": ["c"]}, place("/items/0", "c"))})
    members = extractions.members()
    assert members["extraction"]["items"] == ["a", "b", "c"]
    pages = {pointer: at["page"] for pointer, at in members["extraction_details"]["places"].items()}
    assert pages == {"/items/1": 2, "/items/2": 3}


def test_what_no_page_says_is_null_or_an_empty_list_where_the_schema_wants_it() -> None:
    members = shown(read({}), read({}))
    assert members["extraction"] == {"total": None, "items": []}
    assert members["extraction_details"]["errors"] == []


def test_names_with_slashes_are_escaped_in_places_and_errors() -> None:
    details = shown(read({"total": 1, "items": [], "a/b": 5}, place("/a~1b", "5")))["extraction_details"]
    assert list(details["places"]) == ["/a~1b"]
    assert [error["pointer"] for error in details["errors"]] == ["/a~1b"]


def test_offences_against_the_schema_are_listed_up_to_a_limit() -> None:
    details = shown(read({"total": "much", "items": [7] * 50}))["extraction_details"]
    assert details["errors"][0] == {"pointer": "/total", "message": "'much' is not of type 'number', 'null'"}
    assert len(details["errors"]) == 20


def test_a_page_without_values_is_told() -> None:
    members = shown(read({"total": 1, "items": []}), page("unreadable"))
    assert members["extraction"]["total"] == 1
    (error,) = members["extraction_details"]["errors"]
    assert error["page"] == 2 and "No values" in error["message"]


def test_a_job_whose_pages_all_gave_nothing_has_no_extraction() -> None:
    members = shown(page("one"))
    assert members["extraction"] is None
    assert len(members["extraction_details"]["errors"]) == 1


def test_a_job_without_a_schema_has_neither() -> None:
    assert shown(page("one"), schema=None) == {"extraction": None, "extraction_details": None}


@pytest.mark.parametrize("answer", [[1, 2], 7, "text"])
def test_answers_need_not_be_objects(answer: Any) -> None:
    assert shown(read(answer), schema={"type": ["array", "number", "string"]})["extraction"] == answer


def test_a_receipt_of_two_pages_has_every_field() -> None:
    members = shown(
        read({"merchant": "Ann"}), read({"total": 3.5, "items": [{"amount": 3.5}]}), schema=RECEIPT
    )
    assert members["extraction_details"]["errors"] == []
    assert members["extraction"].keys() == json.loads(RECEIPT)["properties"].keys()
    assert members["extraction"]["items"][0]["quantity"] is None
