"""Values drawn from documents by a JSON Schema, each with the place where it stands."""

import json
from typing import Any

import pytest

from tests import files
from tests.client import Client, Job, words
from tests.pages import draw_sheet
from tests.system.judging import check_inside, check_problem

RECEIPT = draw_sheet(
    [
        "Harbour Market",
        "Date 2026-03-14",
        "",
        "Butter 2.40",
        "Paper lantern 7.10",
        "",
        "Total 9.50 EUR",
    ]
)
ORDERS = [
    draw_sheet(["Order number: HX-4711", "", "Butter 2.40", "Candles 5.20"]),
    draw_sheet(["Ginger 3.15", "", "Total 10.75"]),
]
SCHEMA = {
    "type": "object",
    "properties": {
        "order_number": {"type": ["string", "null"]},
        "total": {"type": ["number", "null"]},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"description": {"type": "string"}, "amount": {"type": "number"}},
                "required": ["description", "amount"],
            },
        },
    },
    "required": ["order_number", "total", "items"],
}


@pytest.fixture(scope="module")
def order(client: Client) -> Job:
    pdf = files.scanned_pdf([sheet.image for sheet in ORDERS], dpi=300)
    return client.read(pdf, "order.pdf", tier="vlm", language="en", schema=json.dumps(SCHEMA))


@pytest.mark.live
def test_a_receipt_becomes_fields(client: Client) -> None:
    job = client.read(files.png(RECEIPT.image), tool="receipt-to-json", language="en")
    assert (job["status"], job["tier"]) == ("done", "vlm")
    found = job["extraction"]
    assert (found["merchant"], found["date"]) == ("Harbour Market", "2026-03-14")
    assert (found["total"], found["currency"]) == (9.5, "EUR")
    assert [(item["description"], item["amount"]) for item in found["items"]] == [
        ("Butter", 2.4),
        ("Paper lantern", 7.1),
    ]
    assert job["extraction_details"]["errors"] == []
    assert words(job["text"]) == words(RECEIPT.text)


@pytest.mark.live
def test_an_answer_follows_the_schema_over_all_pages(order: Job) -> None:
    assert order["status"] == "done"
    assert order["extraction"]["order_number"] == "HX-4711"
    assert order["extraction"]["total"] == 10.75
    assert order["extraction"]["items"] == [
        {"description": "Butter", "amount": 2.4},
        {"description": "Candles", "amount": 5.2},
        {"description": "Ginger", "amount": 3.15},
    ]
    assert order["extraction_details"]["errors"] == []
    assert order["usage"]["credits"] == 10


@pytest.mark.live
def test_every_value_says_on_which_page_and_where_it_stands(order: Job) -> None:
    check_place(order, "/order_number", 1, "HX-4711")
    check_place(order, "/total", 2, "10.75")
    check_place(order, "/items/0/amount", 1, "2.40")
    check_place(order, "/items/2/description", 2, "Ginger")


def check_place(job: Job, pointer: str, page: int, text: str) -> None:
    place = job["extraction_details"]["places"][pointer]
    assert (place["page"], place["text"]) == (page, text)
    check_inside(place["bbox"], job["pages"][page - 1])
    [drawn] = [word.bbox for word in ORDERS[page - 1].words if word.text == text]
    assert place["bbox"] == pytest.approx(drawn, abs=6)


def test_other_jobs_have_no_extraction(client: Client) -> None:
    job = client.read(files.png(RECEIPT.image), language="en")
    assert job["extraction"] is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"schema": json.dumps(SCHEMA)}, "tier"),
        ({"schema": json.dumps(SCHEMA), "tier": "cpu"}, "tier"),
        ({"tool": "receipt-to-json", "tier": "cpu"}, "tier"),
        ({"schema": "{", "tier": "vlm"}, "schema"),
        ({"schema": "[]", "tier": "vlm"}, "schema"),
        ({"schema": '{"type": "objekt"}', "tier": "vlm"}, "schema"),
        ({"schema": '{"$ref": "https://example.com/schema.json"}', "tier": "vlm"}, "schema"),
    ],
)
def test_a_schema_that_makes_no_sense_is_refused(client: Client, fields: dict[str, str], field: str) -> None:
    before: Any = client.account()
    body = check_problem(client.submit(files.png(RECEIPT.image), **fields), 400, "invalid_field")
    assert body["field"] == field
    assert client.account() == before
