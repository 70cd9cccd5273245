"""The model's words as an answer: JSON, though models put it between fences or break it off."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from jiter import from_json
from pydantic import ValidationError

from common.document.fit_text import fit
from common.document.page import Role
from common.errors import ModelNonsense
from workers.ocr_vlm.answer import BlockAnswer, PageAnswer
from workers.ocr_vlm.json_candidates import json_candidates

_BLOCKS: Final = "blocks"


@dataclass(frozen=True, slots=True)
class Begun:
    """What is complete of an answer that broke off; ``is_in_table``: the last block is the rows that are
    complete of a table. ``unfinished``: all that was said after that.
    """

    blocks: tuple[BlockAnswer, ...] = ()
    is_in_table: bool = False
    unfinished: str = ""


def page_answer(text: str) -> PageAnswer:
    """The answer that ``text`` holds. Raises ModelNonsense for what is none."""
    try:
        return PageAnswer.model_validate(json_object(text))
    except ValidationError as error:
        where = ", ".join(sorted({".".join(map(str, one["loc"][-1:])) for one in error.errors()}))
        raise ModelNonsense(
            f"The model's answer is not in the form that it was asked for: {where}."
        ) from None


def begun_answer(text: str) -> Begun:
    start = text.find("{")
    try:
        found = from_json(text[start:].encode(), partial_mode="trailing-strings") if start >= 0 else {}
    except ValueError:
        return Begun(unfinished=text)
    blocks = _fit(found.get(_BLOCKS)) if isinstance(found, dict) else None
    if not isinstance(blocks, list) or not blocks:
        return Begun(unfinished=text)
    complete = []
    for block in blocks[:-1]:
        try:
            complete.append(BlockAnswer.model_validate(block))
        except ValidationError:
            return Begun(tuple(complete))
    table = _whole_rows(blocks[-1])
    if table is not None:
        return Begun((*complete, table), is_in_table=True)
    return Begun(tuple(complete), unfinished="\n".join(_strings(blocks[-1])))


def json_object(text: str) -> Any:
    """The JSON object in ``text``, whatever stands around it. Raises ModelNonsense where there is none."""
    for candidate in json_candidates(text):
        try:
            found = _fit(json.loads(candidate))
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            return found
    raise ModelNonsense("The model's answer is no JSON.")


def _fit(value: Any) -> Any:
    """A JSON value with all its strings fit for messages and files."""
    match value:
        case str():
            return fit(value)
        case dict():
            return {_fit(key): _fit(member) for key, member in value.items()}
        case list():
            return [_fit(member) for member in value]
    return value


def _whole_rows(block: Any) -> BlockAnswer | None:
    """A table that broke off, without its last row; None where it is none or has no other."""
    rows = block.get("table") if isinstance(block, dict) else None
    if not isinstance(rows, list) or len(rows) < 2:
        return None
    try:
        return BlockAnswer.model_validate({"role": Role.TABLE, "text": "", "table": rows[:-1]})
    except ValidationError:
        return None


def _strings(value: Any) -> list[str]:
    """All that is text in a JSON value."""
    match value:
        case str():
            return [value]
        case Mapping():
            return [text for one in value.values() for text in _strings(one)]
        case list():
            return [text for one in value for text in _strings(one)]
    return []
