"""Answers on the wire: https://platform.claude.com/docs/en/build-with-claude/streaming"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tests.messages_server.document import Statement

_CHARACTERS_PER_EVENT = 40

Event = tuple[str, dict[str, Any]]


def message(
    model: str, id: str, statements: Sequence[Statement], stop_reason: str, usage: dict[str, int]
) -> dict[str, Any]:
    return {
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [_block(one, one.text, one.citations) for one in statements],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": usage,
    }


def events(
    model: str, id: str, statements: Sequence[Statement], stop_reason: str, usage: dict[str, int]
) -> Iterator[Event]:
    begun = message(model, id, (), "", {**usage, "output_tokens": 1}) | {"stop_reason": None}
    yield "message_start", {"message": begun}
    for index, statement in enumerate(statements):
        yield "content_block_start", {"index": index, "content_block": _block(statement, "", ())}
        if index == 0:
            yield "ping", {}
        for delta in _deltas(statement):
            yield "content_block_delta", {"index": index, "delta": delta}
        yield "content_block_stop", {"index": index}
    ending = {"stop_reason": stop_reason, "stop_sequence": None}
    yield "message_delta", {"delta": ending, "usage": {"output_tokens": usage["output_tokens"]}}
    yield "message_stop", {}


def _deltas(statement: Statement) -> Iterator[dict[str, Any]]:
    """The first citation before the text and others after it: clients can rely on neither."""
    cited = [{"type": "citations_delta", "citation": citation} for citation in statement.citations]
    yield from cited[:1]
    for start in range(0, len(statement.text), _CHARACTERS_PER_EVENT):
        yield {"type": "text_delta", "text": statement.text[start : start + _CHARACTERS_PER_EVENT]}
    yield from cited[1:]


def _block(statement: Statement, text: str, citations: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Without the member where nothing is cited."""
    return {"type": "text", "text": text, **({"citations": list(citations)} if statement.citations else {})}


def encoded(name: str, data: dict[str, Any]) -> bytes:
    body = json.dumps({"type": name, **data}, ensure_ascii=False)
    return f"event: {name}\ndata: {body}\n\n".encode()


def error_body(type: str, message: str, request_id: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": type, "message": message}, "request_id": request_id}
