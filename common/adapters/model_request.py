"""A question as the Messages API wants it: https://platform.claude.com/docs/en/api/messages"""

import base64
import json
import re
from typing import Any, Final

from common.model_question import JsonSchema, PagedDocument, Part, Picture, Question

_IN_PROMPT: Final = (
    "Answer with one JSON object that follows this JSON Schema, and with nothing before or after it:\n"
)
_NOT_IN_TITLES: Final = re.compile(r"[^\w\s()\[\]-]|_")
_MAX_TITLE_CHARACTERS: Final = 200


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
    match part:
        case PagedDocument():
            return _document(part)
        case Picture():
            return _image(part)
    return _text(part.text)


def _document(document: PagedDocument) -> dict[str, Any]:
    """Pages are cited whole, and cached, so that the next question about them costs a tenth:
    https://platform.claude.com/docs/en/build-with-claude/citations
    """
    block: dict[str, Any] = {
        "type": "document",
        "source": {"type": "content", "content": [_text(page) for page in document.pages]},
        "citations": {"enabled": True},
        "cache_control": {"type": "ephemeral"},
    }
    told = {"title": _title(document.title or ""), "context": document.context}
    return block | {name: text for name, text in told.items() if text}


def _title(title: str) -> str:
    """File names go in as titles, of which some providers take no other characters and no more of them."""
    return " ".join(_NOT_IN_TITLES.sub(" ", title).split())[:_MAX_TITLE_CHARACTERS]


def _image(picture: Picture) -> dict[str, Any]:
    data = base64.standard_b64encode(picture.data).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": picture.media_type, "data": data}}


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}
