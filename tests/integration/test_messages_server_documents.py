"""What tests may rely on of the Messages server about documents: how it cites, and what it refuses."""

import json
import socket
import time
from typing import Any

import pytest
import requests

from tests.messages_server.quoting import NOT_SAID
from tests.messages_server.server import MessagesServer

HEADERS = {"x-api-key": "any", "anthropic-version": "2023-06-01"}
PAGES = (
    "Lease of the boathouse.\nThe landlord is Amber Marine Ltd. The tenant is Ida Brook.",
    "The rent is 850 euros a month. It is due on the\nthird day of each month.",
    "Die Kündigungsfrist beträgt drei Monate.",
)


def block(**changes: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": page} for page in PAGES]
    return {
        "type": "document",
        "source": {"type": "content", "content": content},
        "title": "Lease",
        "citations": {"enabled": True},
        "cache_control": {"type": "ephemeral"},
    } | changes


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def asking(*turns: Any, document: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Questions and answers in turn; the document comes before the first."""
    first = {"role": "user", "content": [document or block(), text(turns[0])]}
    rest = [
        {"role": "user" if index % 2 else "assistant", "content": words}
        for index, words in enumerate(turns[1:])
    ]
    return {"model": "reader", "max_tokens": 1000, "messages": [first, *rest]} | changes


def post(server: MessagesServer, sent: Any) -> requests.Response:
    return requests.post(f"{server.url}/v1/messages", json=sent, headers=HEADERS, timeout=20)


def said(server: MessagesServer, *turns: str) -> list[dict[str, Any]]:
    response = post(server, asking(*turns))
    assert response.status_code == 200, response.text
    content: list[dict[str, Any]] = response.json()["content"]
    return content


def test_a_statement_is_quoted_and_cites_its_whole_page(messages_server: MessagesServer) -> None:
    opening, statement = said(messages_server, "Who is the tenant?")
    assert opening == {"type": "text", "text": "The document says: "}
    assert statement["text"] == "The tenant is Ida Brook."
    assert statement["citations"] == [
        {
            "type": "content_block_location",
            "cited_text": PAGES[0],
            "document_index": 0,
            "document_title": "Lease",
            "start_block_index": 0,
            "end_block_index": 1,
        }
    ]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When is it due?", "It is due on the third day of each month."),
        ("Wie lang ist die Kündigungsfrist?", PAGES[2]),
    ],
)
def test_the_best_sentence_is_found(messages_server: MessagesServer, question: str, answer: str) -> None:
    assert said(messages_server, question)[1]["text"] == answer


def test_what_the_document_does_not_say_is_said_without_a_citation(messages_server: MessagesServer) -> None:
    assert said(messages_server, "Are dogs allowed?") == [{"type": "text", "text": NOT_SAID}]


def test_a_short_question_leans_on_the_one_before(messages_server: MessagesServer) -> None:
    assert said(messages_server, "And when?") == [{"type": "text", "text": NOT_SAID}]
    follow_up = said(messages_server, "Who is the landlord?", "Amber Marine Ltd.", "And who signed?")
    assert follow_up[1]["text"] == "The landlord is Amber Marine Ltd."
    other = said(messages_server, "Who is the landlord?", "Amber Marine Ltd.", "And the tenant?")
    assert [one["text"] for one in other[1:]] == ["The tenant is Ida Brook."]


def events(server: MessagesServer, sent: dict[str, Any]) -> list[dict[str, Any]]:
    lines = post(server, sent | {"stream": True}).text.splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


def test_a_stream_has_a_block_for_each_statement_with_its_citations(messages_server: MessagesServer) -> None:
    segments = [{"text": "It is"}, {"text": " 850 euros a month.", "cites": [[1, 2], [0, 2]]}]
    messages_server.misbehave("none", segments=segments)
    told = events(messages_server, asking("How much is the rent?"))
    starts = [one["content_block"] for one in told if one["type"] == "content_block_start"]
    assert starts == [text(""), text("", citations=[])]
    deltas = [(one["index"], one["delta"]) for one in told if one["type"] == "content_block_delta"]
    assert [(index, delta["type"]) for index, delta in deltas] == [
        (0, "text_delta"),
        (1, "citations_delta"),
        (1, "text_delta"),
        (1, "citations_delta"),
    ]
    assert deltas[3][1]["citation"]["cited_text"] == PAGES[0] + PAGES[1]
    assert [one["index"] for one in told if one["type"] == "content_block_stop"] == [0, 1]


def test_a_beginning_that_comes_again_is_read_from_the_cache(messages_server: MessagesServer) -> None:
    sent = asking("Who is the tenant?", system="Answer.")
    first = post(messages_server, sent).json()["usage"]
    assert first["cache_creation_input_tokens"] > 20
    assert first["cache_read_input_tokens"] == 0
    longer = asking("Who is the tenant?", "Ida Brook.", "And the rent?", system="Answer.")
    second = post(messages_server, longer).json()["usage"]
    assert second["cache_read_input_tokens"] == first["cache_creation_input_tokens"]
    assert second["cache_creation_input_tokens"] == 0
    other = post(messages_server, asking("Who?", system="Answer!")).json()["usage"]
    assert other["cache_read_input_tokens"] == 0


def content(*blocks: Any) -> dict[str, Any]:
    return {"source": {"type": "content", "content": list(blocks)}}


MARK = {"cache_control": {"type": "ephemeral"}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pages": 3}, "document.pages: Extra inputs are not permitted"),
        ({"source": None}, "document.source: Field required"),
        ({"source": {"type": "pages"}}, "document.source: Input tag"),
        ({"source": {"type": "content", "content": [], "n": 1}}, "content.n: Extra inputs are not permitted"),
        ({"source": {"type": "content"}}, "source.content.content: Input should be a valid list"),
        (content(), "at least 1 item"),
        (content(text("a"), text(" \n")), "content.1.text: text content blocks must contain non-whitespace"),
        (content({"type": "text"}), "content.0.text.text: Field required"),
        (content({"type": "text", "text": 5}), "valid string"),
        (content("page"), "content.0: Input tag"),
        (content(text("a", page=1)), "content.0.text.page: Extra inputs are not permitted"),
        ({"title": 5}, "document.title: Input should be a valid string"),
        ({"title": "x" * 501}, "at most 500 characters"),
        ({"context": ""}, "document.context: String should have at least 1 character"),
        ({"citations": True}, "document.citations: Input should be an object"),
        ({"citations": {"enabled": "yes"}}, "document.citations.enabled: Input should be a valid boolean"),
        ({"citations": {"enabled": True, "kind": 1}}, "document.citations.kind: Extra inputs"),
        ({"cache_control": "ephemeral"}, "document.cache_control: Input should be an object"),
        ({"cache_control": {"type": "lasting"}}, "document.cache_control: Input tag"),
        ({"cache_control": {"type": "ephemeral", "ttl": "2h"}}, "ttl: Input should be '5m' or '1h'"),
        (
            content(*[text("a", **MARK)] * 4),
            "A maximum of 4 blocks with cache_control may be provided. Found 5.",
        ),
    ],
)
def test_documents_that_the_real_one_refuses_are_refused(
    messages_server: MessagesServer, changes: dict[str, Any], words: str
) -> None:
    response = post(messages_server, asking("Who?", document=block(**changes)))
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert words in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "string"}}}},
            "citations are not supported together",
        ),
        (
            {"messages": [{"role": "user", "content": [block(), block(citations=None), text("Who?")]}]},
            "on all or none of the documents",
        ),
        (
            {
                "messages": [
                    *asking("Who?", "I.")["messages"][:1],
                    {"role": "assistant", "content": [block()]},
                ]
            },
            "only permitted in user messages",
        ),
    ],
    ids=["a format", "half of them", "the assistant's"],
)
def test_what_does_not_go_with_citations_is_refused(
    messages_server: MessagesServer, changes: dict[str, Any], words: str
) -> None:
    response = post(messages_server, asking("Who?", **changes))
    assert response.status_code == 400
    assert words in response.json()["error"]["message"]


def test_a_client_that_leaves_in_the_middle_is_remembered(messages_server: MessagesServer) -> None:
    messages_server.misbehave("none", segments=[{"text": "word " * 800}], pause_s=0.02)
    body = json.dumps(asking("Who?", stream=True)).encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    with socket.create_connection(("127.0.0.1", messages_server.port), timeout=5) as connection:
        connection.sendall(
            f"POST /v1/messages HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    ends_at = time.monotonic() + 5
    while not messages_server.abandoned and time.monotonic() < ends_at:
        time.sleep(0.01)
    (abandoned,) = messages_server.abandoned
    assert abandoned.events_sent < abandoned.events == 106
    assert messages_server.transcript.outcomes["abandoned"] == 1
