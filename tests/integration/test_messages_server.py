"""What tests may rely on of the Messages server: the wire, what it refuses, and how it answers."""

import base64
import io
import json
from typing import Any

import pytest
import requests
from PIL import Image

from tests.messages_server.faults import Kind
from tests.messages_server.server import MessagesServer
from tests.pages import draw_sheet

HEADERS = {"x-api-key": "any", "anthropic-version": "2023-06-01"}
RECEIPT = draw_sheet(
    ["Corner Bakery", "Date 2026-11-03", "2 x Rye bread 7.40", "Apple pie 12.50", "TOTAL 19.90"], font_px=44
)


def picture(image: Image.Image, format: str = "PNG", media_type: str = "image/png") -> dict[str, Any]:
    buffer = io.BytesIO()
    image.save(buffer, format)
    data = base64.b64encode(buffer.getvalue()).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}


def body(*content: dict[str, Any], **changes: Any) -> dict[str, Any]:
    content = content or ({"type": "text", "text": "Good morning"},)
    return {
        "model": "reader",
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": list(content)}],
    } | changes


def following(schema: dict[str, Any]) -> dict[str, Any]:
    return {"format": {"type": "json_schema", "schema": schema}}


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def post(server: MessagesServer, sent: Any, headers: dict[str, str] | None = None) -> requests.Response:
    return requests.post(f"{server.url}/v1/messages", json=sent, headers=headers or HEADERS, timeout=20)


def answered(server: MessagesServer, sent: dict[str, Any]) -> Any:
    response = post(server, sent)
    assert response.status_code == 200, response.text
    return json.loads(response.json()["content"][0]["text"])


def test_an_answer_has_the_shape_of_a_message(messages_server: MessagesServer) -> None:
    message = post(messages_server, body()).json()
    assert message["content"] == [{"type": "text", "text": "Good morning"}]
    assert (message["type"], message["role"], message["stop_reason"]) == ("message", "assistant", "end_turn")
    assert message["usage"]["input_tokens"] > 0 < message["usage"]["output_tokens"]


def test_a_stream_has_the_events_in_their_order(messages_server: MessagesServer) -> None:
    lines = post(messages_server, body(stream=True)).text.splitlines()
    events = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    assert events == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    data = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert [one["type"] for one in data] == events
    assert data[-2]["usage"]["output_tokens"] > 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 10**6}, "maximum allowed"),
        ({"model": ""}, "model"),
        ({"output_format": {}}, "Extra inputs are not permitted"),
        ({"messages": []}, "at least one message"),
        ({"messages": [{"role": "assistant", "content": "Hm"}]}, 'first message must use the "user" role'),
        ({"messages": [{"role": "system", "content": "Hm"}]}, "'user' or 'assistant'"),
        ({"messages": [{"role": "user", "content": ""}]}, "non-empty content"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": " "}]}]}, "non-whitespace"),
        (
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]},
            "prefill",
        ),
        ({"output_config": {"effort": "tremendous"}}, "effort"),
        ({"output_config": following({"type": "object", "properties": {}})}, "additionalProperties"),
        ({"output_config": following(closed(n={"type": "integer", "minimum": 1}))}, "'minimum'"),
        ({"output_config": following(closed(n={"type": ["string", "null"]}))}, "one type"),
        (
            {"output_config": following({"$defs": {"N": {"$ref": "#/$defs/N"}}, "$ref": "#/$defs/N"})},
            "Circular",
        ),
    ],
)
def test_what_the_real_one_refuses_is_refused(
    messages_server: MessagesServer, changes: dict[str, Any], words: str
) -> None:
    response = post(messages_server, body(**changes))
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert words in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (picture(Image.new("RGB", (8, 8)), media_type="image/jpeg"), "media type"),
        (picture(Image.new("RGB", (8, 8)), "BMP", "image/bmp"), "media_type"),
        (picture(Image.new("1", (8001, 1))), "8000 pixels"),
        (picture(Image.effect_noise((2300, 2300), 90)), "exceeds 5 MB"),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
            "process",
        ),
    ],
    ids=["mismatch", "kind", "side", "bytes", "broken"],
)
def test_pictures_that_the_real_one_refuses_are_refused(
    messages_server: MessagesServer, image: dict[str, Any], words: str
) -> None:
    response = post(messages_server, body(image))
    assert response.status_code == 400
    assert words in response.json()["error"]["message"]


def test_without_a_key_nobody_is_answered(messages_server: MessagesServer) -> None:
    response = post(messages_server, body(), {"anthropic-version": "2023-06-01"})
    assert response.status_code == 401
    assert response.json()["error"]["type"] == "authentication_error"


def test_a_schema_is_filled_from_what_the_picture_says(messages_server: MessagesServer) -> None:
    item = closed(description={"type": "string"}, quantity={"type": "integer"}, amount={"type": "number"})
    schema = closed(
        merchant={"type": "string"},
        date={"type": "string"},
        total=closed(value={"type": "number"}, quote={"type": "string"}),
        tax={"anyOf": [{"type": "number"}, {"type": "null"}]},
        items={"type": "array", "items": item},
    )
    assert answered(messages_server, body(picture(RECEIPT.image), output_config=following(schema))) == {
        "merchant": "Corner Bakery",
        "date": "2026-11-03",
        "total": {"value": 19.9, "quote": "19.90"},
        "tax": None,
        "items": [
            {"description": "Rye bread", "quantity": 2, "amount": 7.4},
            {"description": "Apple pie", "quantity": 1, "amount": 12.5},
        ],
    }


TEXTS = [{"id": 4, "text": "Amber bridge, 12 km"}, {"id": 7, "text": "copper"}]
TRANSLATIONS = closed(
    translations={
        "type": "array",
        "items": closed(id={"type": "integer"}, text={"type": "string"}),
    }
)


def test_a_translation_keeps_ids_and_shows_its_language(messages_server: MessagesServer) -> None:
    sent = body(
        {"type": "text", "text": "Texts:\n" + json.dumps(TEXTS)},
        system="Translate into German.",
        output_config=following(TRANSLATIONS),
    )
    assert answered(messages_server, sent) == {
        "translations": [
            {"id": 4, "text": "[de] rebmA egdirb, 12 mk"},
            {"id": 7, "text": "[de] reppoc"},
        ]
    }


def test_a_translation_that_broke_off_goes_on_with_the_rest(messages_server: MessagesServer) -> None:
    begun = '{"translations": [{"id": 4, "text": "[de] x"}, {"id": 7, "te'
    sent = body(system="Translate to German.", output_config=following(TRANSLATIONS))
    sent["messages"] = [
        {"role": "user", "content": json.dumps(TEXTS)},
        {"role": "assistant", "content": begun},
        {"role": "user", "content": "Go on."},
    ]
    assert [one["id"] for one in answered(messages_server, sent)["translations"]] == [7]


def test_faults_are_ordered_and_requests_looked_at_over_http(messages_server: MessagesServer) -> None:
    control = f"{messages_server.url}/control"
    order = {"faults": [{"kind": "server_error", "every": 2, "times": None}], "delay_s": 0.01}
    assert requests.post(f"{control}/behaviour", json=order, timeout=5).status_code == 200
    statuses = [post(messages_server, body()).status_code for _ in range(4)]
    assert statuses == [200, 500, 200, 500]
    told = requests.get(f"{control}/requests", timeout=5).json()
    assert told["outcomes"] == {"answered": 2, "server_error": 2}
    assert len(told["requests"]) == told["total"] == 4
    refused = requests.post(f"{control}/behaviour", json={"faults": [{"kind": "sulk"}]}, timeout=5)
    assert refused.status_code == 400


def test_a_fault_can_be_meant_for_what_is_on_a_picture(messages_server: MessagesServer) -> None:
    messages_server.misbehave("server_error", containing="Corner Bakery", times=None)
    assert post(messages_server, body()).status_code == 200
    assert post(messages_server, body(picture(RECEIPT.image))).status_code == 500


def test_pictures_are_remembered_by_their_size_and_digest(messages_server: MessagesServer) -> None:
    post(messages_server, body(picture(RECEIPT.image)))
    (request,) = messages_server.requests
    source = request["messages"][0]["content"][0]["source"]
    assert (source["width"], source["height"]) == RECEIPT.image.size
    assert "data" not in source


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("empty_blocks", []),
        ("shuffled", ["Below", "Above"]),
        ("hallucination", ["Above", "Made up.", "Below"]),
        ("repetition", ["Above", "Below", "\n".join(["Made up."] * 400)]),
    ],
)
def test_pages_can_be_read_wrongly(messages_server: MessagesServer, kind: Kind, texts: list[str]) -> None:
    page = draw_sheet(["Above", "", "", "", "", "Below"], font_px=60)
    block = closed(role={"type": "string", "enum": ["paragraph"]}, text={"type": "string"})
    schema = closed(blocks={"type": "array", "items": block})
    messages_server.misbehave(kind, text="Made up.")
    sent = body(picture(page.image), output_config=following(schema), max_tokens=10_000)
    assert [one["text"] for one in answered(messages_server, sent)["blocks"]] == texts
