"""The model's words as an answer: JSON, though models put it between fences or break it off."""

import json
import re
from typing import Any, Final

from jiter import from_json
from pydantic import ValidationError

from common.errors import ModelNonsense
from workers.ocr_vlm.answer import BlockAnswer, PageAnswer

_FENCED: Final = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)
_BLOCKS: Final = "blocks"


def page_answer(text: str) -> PageAnswer:
    """The answer that ``text`` holds. Raises ModelNonsense for what is none."""
    try:
        return PageAnswer.model_validate(json_object(text))
    except ValidationError as error:
        where = ", ".join(sorted({".".join(map(str, one["loc"][-1:])) for one in error.errors()}))
        raise ModelNonsense(
            f"The model's answer is not in the form that it was asked for: {where}."
        ) from None


def begun_answer(text: str) -> PageAnswer:
    """The blocks that are complete in an answer that broke off."""
    start = text.find("{")
    try:
        found = from_json(text[start:].encode(), partial_mode=True) if start >= 0 else {}
    except ValueError:
        found = {}
    blocks = found.get(_BLOCKS, []) if isinstance(found, dict) else []
    complete = []
    for block in blocks[:-1] if isinstance(blocks, list) else []:
        try:
            complete.append(BlockAnswer.model_validate(block))
        except ValidationError:
            break
    return PageAnswer(blocks=tuple(complete))


def json_object(text: str) -> Any:
    """The JSON object in ``text``, whatever stands around it. Raises ModelNonsense where there is none."""
    for candidate in (text, *_FENCED.findall(text), text[text.find("{") : text.rfind("}") + 1]):
        try:
            found = json.loads(candidate)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    raise ModelNonsense("The model's answer is no JSON.")
