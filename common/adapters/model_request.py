"""A question as the Messages API wants it: https://platform.claude.com/docs/en/api/messages"""

import base64
import json
from typing import Any, Final

from common.model_question import JsonSchema, Part, Picture, Question

_IN_PROMPT: Final = (
    "Answer with one JSON object that follows this JSON Schema, and with nothing before or after it:\n"
)


def system(question: Question, schema_in_prompt: JsonSchema | None) -> str:
    """The instructions, with the schema where the server does not hold the answer to it."""
    if schema_in_prompt is None:
        return question.system
    written = _IN_PROMPT + json.dumps(schema_in_prompt, ensure_ascii=False)
    return f"{question.system}\n\n{written}" if question.system else written


def messages(question: Question) -> list[Any]:
    """Turns of user and assistant, which begin and end with the user's."""
    turns = [_turn("user", [_content(part) for part in question.parts])]
    for follow_up in question.follow_ups:
        turns.append(_turn("assistant", [_text(follow_up.answer)]))
        turns.append(_turn("user", [_text(follow_up.request)]))
    return turns


def output_config(schema: JsonSchema | None, effort: str | None) -> Any:
    """Empty where nothing is asked for that servers might not know."""
    config: dict[str, Any] = {}
    if schema is not None:
        config["format"] = {"type": "json_schema", "schema": schema}
    if effort is not None:
        config["effort"] = effort
    return config


def _turn(role: str, content: list[Any]) -> dict[str, Any]:
    return {"role": role, "content": content}


def _content(part: Part) -> dict[str, Any]:
    if not isinstance(part, Picture):
        return _text(part.text)
    data = base64.standard_b64encode(part.data).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": part.media_type, "data": data}}


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}
