"""The answer to a request: by its schema, from what is written on its pictures and in its text."""

import json
import re
from collections.abc import Sequence
from typing import Any

from tests.messages_server.document import Statement, ordered
from tests.messages_server.extraction import filled, is_left_out, resolved
from tests.messages_server.faults import Fault
from tests.messages_server.quoting import quoted
from tests.messages_server.reading import Paragraph
from tests.messages_server.request import Request, json_in
from tests.messages_server.translation import translations

HALLUCINATED = "The quarterly dividend of Zanzibar Holdings was approved unanimously."
_REPETITIONS = 400


def statements(
    request: Request, paragraphs: Sequence[Paragraph], fault: Fault | None = None
) -> list[Statement]:
    """The answer by its text blocks, of which only one about documents has more than one."""
    if fault is not None and fault.segments:
        return ordered(fault.segments, request.documents)
    if request.is_about_documents and (fault is None or fault.kind != "says"):
        return quoted(request.questions, request.documents)
    text = answer(request, paragraphs, fault)
    return [Statement(text)] if text else []


def answer(request: Request, paragraphs: Sequence[Paragraph], fault: Fault | None = None) -> str:
    """The text of the answer, with what the fault puts into it."""
    if fault is not None and fault.kind == "says":
        return fault.text
    schema = request.schema
    if schema is None:
        return "\n\n".join(paragraph.text for paragraph in paragraphs) or "\n".join(request.user_texts)
    made = _object(request, schema, paragraphs)
    if fault is not None:
        _spoil(made, fault)
    written = json.dumps(made, ensure_ascii=False)
    return _spoilt_text(written, fault) if fault else written


def _object(request: Request, schema: dict[str, Any], paragraphs: Sequence[Paragraph]) -> dict[str, Any]:
    definitions = schema.get("$defs", {})
    lines = [line for paragraph in paragraphs for line in paragraph.lines]
    lines = lines or [line for text in request.user_texts for line in text.splitlines()]
    made = {}
    whole = resolved(schema, definitions)
    for name, part in whole.get("properties", {}).items():
        kind = resolved(part, definitions)
        item = resolved(kind.get("items", {}), definitions).get("properties", {})
        if name == "blocks" and "text" in item:
            made[name] = _blocks(request, paragraphs, item, definitions)
        elif name == "translations" and "id" in item:
            made[name] = _translations(request)
        elif not is_left_out(whole, name, lines, definitions, name):
            made[name] = filled(part, lines, definitions, name)
    return made


def _blocks(
    request: Request, paragraphs: Sequence[Paragraph], properties: dict[str, Any], definitions: dict[str, Any]
) -> list[dict[str, Any]]:
    """Those that the earlier answers have not given yet."""
    given = sum(len(_whole_items(earlier, "blocks")) for earlier in request.earlier_answers)
    roles = resolved(properties.get("role", {}), definitions).get("enum", ["paragraph"])
    fixed: dict[str, Any] = {"role": "paragraph" if "paragraph" in roles else roles[0], "language": "en"}
    fixed = {name: value for name, value in fixed.items() if name in properties}
    return [fixed | {"text": paragraph.text} for paragraph in paragraphs[given:]]


def _translations(request: Request) -> list[dict[str, Any]]:
    """Of the last array of texts that the user sent."""
    arrays = [array for text in request.user_texts if (array := json_in(text, "[")) is not None]
    texts = next((one for one in arrays if one and isinstance(one[0], dict) and "id" in one[0]), [])
    done = {
        item["id"]
        for earlier in request.earlier_answers
        for item in _whole_items(earlier, "translations")
        if "id" in item
    }
    return translations(request.system, texts, done)


def _whole_items(partial: str, name: str) -> list[Any]:
    """The objects of that array that are complete in an answer that broke off."""
    start = re.search(rf'"{name}"\s*:\s*\[', partial)
    items: list[Any] = []
    at = start.end() if start else len(partial)
    while True:
        at += len(re.match(r"[\s,]*", partial[at:])[0])  # type: ignore[index]
        try:
            item, at = json.JSONDecoder().raw_decode(partial, at)
        except json.JSONDecodeError:
            return items
        items.append(item)


def _spoil(made: dict[str, Any], fault: Fault) -> None:
    blocks = made.get("blocks")
    if blocks is None:
        return
    match fault.kind:
        case "empty_blocks":
            blocks.clear()
        case "hallucination":
            blocks.insert(len(blocks) // 2, {"role": "paragraph", "text": fault.text or HALLUCINATED})
        case "shuffled":
            blocks.reverse()
        case "wrong_boxes":
            for index, block in enumerate(blocks):
                block["bbox"] = [7 * index, 9000, -5, 3]
        case "repetition":
            sentence = fault.text or (blocks[-1]["text"].split("\n")[0] if blocks else HALLUCINATED)
            blocks.append({"role": "paragraph", "text": "\n".join([sentence] * _REPETITIONS)})


def _spoilt_text(written: str, fault: Fault) -> str:
    match fault.kind:
        case "bad_json":
            return written[: 2 * len(written) // 3].replace('"', "'", 3)
        case "fenced":
            return f"Here is what I read on the page:\n\n```json\n{written}\n```\n\nTell me if you need more!"
    return written
