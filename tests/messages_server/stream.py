"""Answers on the wire: https://platform.claude.com/docs/en/build-with-claude/streaming"""

import json
from collections.abc import Iterator
from typing import Any

_CHARACTERS_PER_EVENT = 40

Event = tuple[str, dict[str, Any]]


def message(model: str, id: str, text: str, stop_reason: str, usage: dict[str, int]) -> dict[str, Any]:
    return {
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": text}] if text else [],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": usage,
    }


def events(model: str, id: str, text: str, stop_reason: str, usage: dict[str, int]) -> Iterator[Event]:
    begun = message(model, id, "", "", {**usage, "output_tokens": 1}) | {"stop_reason": None}
    yield "message_start", {"message": begun}
    if text:
        yield "content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}
    yield "ping", {}
    for start in range(0, len(text), _CHARACTERS_PER_EVENT):
        delta = {"type": "text_delta", "text": text[start : start + _CHARACTERS_PER_EVENT]}
        yield "content_block_delta", {"index": 0, "delta": delta}
    if text:
        yield "content_block_stop", {"index": 0}
    ending = {"stop_reason": stop_reason, "stop_sequence": None}
    yield "message_delta", {"delta": ending, "usage": {"output_tokens": usage["output_tokens"]}}
    yield "message_stop", {}


def encoded(name: str, data: dict[str, Any]) -> bytes:
    body = json.dumps({"type": name, **data}, ensure_ascii=False)
    return f"event: {name}\ndata: {body}\n\n".encode()


def error_body(type: str, message: str, request_id: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": type, "message": message}, "request_id": request_id}
