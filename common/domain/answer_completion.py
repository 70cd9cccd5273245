"""Answers in which what is not there was left out, with the nulls and empty lists that their schema wants."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from common.domain.schema_parts import Schema, referred

MOST_MEMBERS: Final = 500_000


def without_nulls(answer: Any) -> Any:
    """The answer without members that are null: left out is the same, and every schema knows it."""
    match answer:
        case dict():
            return {name: without_nulls(value) for name, value in answer.items() if value is not None}
        case list():
            return [without_nulls(value) for value in answer]
    return answer


def completed(answer: Any, schema: Mapping[str, Any]) -> Any:
    """With null for each required value that is missing and may be null, and [] for each such list.

    Members come in the order of the schema. Behind the first ``MOST_MEMBERS`` that the schema names, of all
    objects together, the answer stays as it is: else a short one to a wide schema has no bounds.
    """
    return _Completing(schema).complete(answer, schema)


class _Completing:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._members_left = MOST_MEMBERS

    def complete(self, answer: Any, schema: Any) -> Any:
        if answer is None:
            return next(_nothing(schema, self._root), None)
        schema = _meant(schema, self._root)
        if isinstance(answer, list) and "items" in schema:
            return [one if one is None else self.complete(one, schema["items"]) for one in answer]
        if isinstance(answer, dict) and isinstance(schema.get("properties"), dict):
            self._members_left -= len(schema["properties"])
            return self._with_members(answer, schema) if self._members_left >= 0 else answer
        return answer

    def _with_members(self, answer: Mapping[str, Any], schema: Schema) -> Schema:
        made: dict[str, Any] = {}
        required = frozenset(schema.get("required", ()))
        for name, part in schema["properties"].items():
            if answer.get(name) is not None:
                made[name] = self.complete(answer[name], part)
            elif name in required:
                for nothing in _nothing(part, self._root):
                    made[name] = nothing
        return made | {name: value for name, value in answer.items() if name not in schema["properties"]}


def _nothing(schema: Any, root: Mapping[str, Any]) -> Iterator[Any]:
    """What stands for no value, if the schema has it; of an object, where that is of plain members alone."""
    plain = list(_plain_nothing(schema, root))
    meant = _meant(schema, root)
    if plain or meant.get("type") != "object":
        yield from plain
        return
    required = meant.get("required", ())
    members = {name: list(_plain_nothing(meant.get("properties", {}).get(name), root)) for name in required}
    if all(members.values()):
        yield {name: nothing for name, (nothing,) in members.items()}


def _plain_nothing(schema: Any, root: Mapping[str, Any]) -> Iterator[Any]:
    meant = _meant(schema, root)
    if _may_be_null(meant) or {"type": "null"} in _options(schema, root):
        yield None
    elif meant.get("type") == "array" and not meant.get("minItems"):
        yield []


def _may_be_null(schema: Schema) -> bool:
    kinds = schema.get("type")
    if kinds is not None:
        return "null" in (kinds if isinstance(kinds, list) else [kinds])
    if "const" in schema or "enum" in schema:
        return None in [schema.get("const", ...), *schema.get("enum", ())]
    return not schema.keys() & {"not", "if", "allOf", "anyOf", "oneOf"}


def _meant(schema: Any, root: Mapping[str, Any]) -> Schema:
    """The schema without its reference, and of a choice between it and null, it."""
    schema = _resolved(schema, root)
    others = [option for option in _options(schema, root) if option != {"type": "null"}]
    is_choice = len(others) == 1 and not schema.keys() & {"type", "properties"}
    return _meant(others[0], root) if is_choice else schema


def _options(schema: Any, root: Mapping[str, Any]) -> list[Any]:
    resolved = _resolved(schema, root)
    return [*resolved.get("anyOf", ()), *resolved.get("oneOf", ())]


def _resolved(schema: Any, root: Mapping[str, Any]) -> Schema:
    """Empty for a schema that is just true or false."""
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema = referred(root, schema["$ref"])
    return schema if isinstance(schema, dict) else {}
