"""Servers that speak the Messages API almost, and ones that send on to others: the real SDK asks them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from common.adapters.anthropic_client import AnthropicModel
from common.errors import ModelUnavailable
from common.model_question import Heard, Question, Segment, SegmentEnded, Text, TextHeard
from common.runtime.model_settings import ModelSettings

SHORT = Question("Say it again.", (Text("Good morning"),))
_MESSAGE = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "model": "x",
    "content": [],
    "usage": {"input_tokens": 1, "output_tokens": 1},
}
_START = {"type": "message_start", "message": _MESSAGE}
_BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
_TEXT = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}}
_END = {"type": "message_stop"}

Serve = Callable[[bytes], Any]


def streamed(*events: dict[str, Any]) -> bytes:
    body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Server:
    """Answers everything with the same bytes, and counts what it is asked."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length:")[2].split()[0]))
        self.asked += 1
        writer.write(self.answer)
        await writer.drain()
        writer.close()


@pytest.fixture
async def served() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def start(answer: bytes) -> Server:
            server = Server(answer)
            listening = await stack.enter_async_context(
                await asyncio.start_server(server.serve, "127.0.0.1", 0)
            )
            server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            return server

        yield start


def model_at(url: str) -> AnthropicModel:
    return AnthropicModel(
        ModelSettings(anthropic_base_url=url, anthropic_api_key="sk-test", tries=1, silence_s=5, timeout_s=8)
    )


@pytest.mark.parametrize(
    "events",
    [
        pytest.param((_BLOCK, _TEXT, _END), id="no beginning"),
        pytest.param((_START, _TEXT, _END), id="text in no block"),
        pytest.param((_START, _BLOCK, {**_TEXT, "delta": None}, _END), id="nothing said"),
        pytest.param(
            (_START, _BLOCK, _TEXT, {"type": "message_delta", "delta": {}, "usage": None}, _END),
            id="no usage",
        ),
        pytest.param(({**_START, "message": {**_MESSAGE, "content": None}}, _BLOCK, _END), id="no content"),
    ],
)
async def test_a_stream_that_is_not_as_it_should_be_is_the_servers_fault(
    served: Serve, events: tuple[dict[str, Any], ...]
) -> None:
    server = await served(streamed(*events))
    async with model_at(server.url) as model:
        with pytest.raises(ModelUnavailable, match="broke off"):
            await model.ask(SHORT)


@pytest.mark.parametrize(
    "citation", [None, {}, {"type": "footnote"}, {"type": "content_block_location", "cited_text": "Hello"}]
)
async def test_a_citation_that_nobody_understands_takes_nothing_from_the_answer(
    served: Serve, citation: Any
) -> None:
    cites = {**_TEXT, "delta": {"type": "citations_delta", "citation": citation}}
    server = await served(
        streamed(_START, _BLOCK, cites, _TEXT, {"type": "content_block_stop", "index": 0}, _END)
    )
    heard: list[Heard] = []
    async with model_at(server.url) as model:
        reply = await model.ask(SHORT, heard.append)
    assert reply.segments == (Segment("Hello"),)
    assert heard == [TextHeard("Hello"), SegmentEnded(Segment("Hello"))]


async def test_documents_are_not_sent_on_to_where_the_server_points(served: Serve) -> None:
    other = await served(streamed(_START, _BLOCK, _TEXT, _END))
    moved = f"HTTP/1.1 307 Moved\r\nlocation: {other.url}/v1/messages\r\ncontent-length: 0\r\n\r\n"
    server = await served(moved.encode())
    async with model_at(server.url) as model:
        with pytest.raises(ModelUnavailable, match="ANTHROPIC_BASE_URL"):
            await model.ask(SHORT)
    assert (server.asked, other.asked) == (1, 0)
