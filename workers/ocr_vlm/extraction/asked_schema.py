"""A caller's JSON Schema as the model is asked by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from common.domain.schema_parts import Schema, changed, everywhere, parts

ANSWER: Final = "answer"  # what the value is called where the schema is of no object

# What a page that is one of several need not have, as the others may.
_OF_THE_WHOLE: Final = (
    "required",
    "dependentRequired",
    "dependentSchemas",
    "minItems",
    "minProperties",
    "contains",
    "minContains",
    "maxContains",
    "not",
    "if",
    "then",
    "else",
)
# Of what the servers of models hold answers to; the rest is told to the model.
_HELD: Final = frozenset(
    ("type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "oneOf")
) | {"$ref", "$defs", "title", "description", "format", "default", "examples", "pattern", "deprecated"}
_LIMITS: Final = frozenset(
    ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength")
) | {"minItems", "maxItems", "uniqueItems", "$comment"}
# The Messages API takes no more of these in one schema.
_MOST_OPTIONAL: Final = 24
_MOST_UNIONS: Final = 16


@dataclass(frozen=True, slots=True)
class AskedSchema:
    """``schema`` is of an object. ``is_wrapped``: that has the caller's value under ``ANSWER``.
    ``can_be_held``: a server can hold an answer to all of its shape.
    """

    schema: Schema
    is_wrapped: bool
    can_be_held: bool


def asked(schema: Mapping[str, Any]) -> AskedSchema:
    """What may be null may be left out instead: that is shorter, and simpler to hold answers to."""
    plain = changed(dict(schema), _with_optional_for_null)
    is_wrapped = plain.get("type") != "object"
    made = _wrapped(plain) if is_wrapped else plain
    return AskedSchema(made, is_wrapped, _can_be_held(made))


def relaxed(schema: Mapping[str, Any]) -> Schema:
    """The schema for one page of several: nothing has to be there."""
    made: Schema = changed(dict(schema), _without_demands)
    return made


def _without_demands(schema: Schema) -> Schema:
    """Of several schemas exactly one of which applies, more do where nothing has to be there."""
    made = {keyword: value for keyword, value in schema.items() if keyword not in _OF_THE_WHOLE}
    if "oneOf" in made:
        options = made.pop("oneOf")
        made.setdefault("anyOf", options)
    return made


def _with_optional_for_null(schema: Schema) -> Schema:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return schema
    made = {name: _without_null(part) for name, part in properties.items()}
    nullable = {name for name in properties if made[name] is not properties[name]}
    required = [name for name in schema.get("required", ()) if name not in nullable]
    rest = {keyword: value for keyword, value in schema.items() if keyword not in ("required", "properties")}
    return rest | {"properties": made} | ({"required": required} if required else {})


def _without_null(schema: Any) -> Any:
    """The same object where it allows no null, or nothing else."""
    if not isinstance(schema, dict):
        return schema
    kinds, options = schema.get("type"), schema.get("anyOf")
    if isinstance(kinds, list) and "null" in kinds and len(kinds) > 1:
        others = [kind for kind in kinds if kind != "null"]
        made = schema | {"type": others[0] if len(others) == 1 else others}
        if isinstance(values := schema.get("enum"), list):
            made["enum"] = [value for value in values if value is not None]
        return made if made.get("enum") != [] else schema
    if isinstance(options, list) and {"type": "null"} in options and len(options) > 1:
        others = [option for option in options if option != {"type": "null"}]
        rest = {keyword: value for keyword, value in schema.items() if keyword != "anyOf"}
        if len(others) > 1 or not isinstance(others[0], dict) or rest.keys() & others[0].keys():
            return rest | {"anyOf": others}
        return rest | others[0]
    return schema


def _wrapped(schema: Schema) -> Schema:
    """Definitions stay at the root, where references look for them; other references go one level down."""
    inner = changed(schema, _with_references_below)
    definitions = {"$defs": inner.pop("$defs")} if "$defs" in inner else {}
    return {
        "type": "object",
        "properties": {ANSWER: inner},
        "required": [ANSWER],
        "additionalProperties": False,
    } | definitions


def _with_references_below(schema: Schema) -> Schema:
    reference = schema.get("$ref")
    if not isinstance(reference, str) or reference.startswith("#/$defs/"):
        return schema
    return schema | {"$ref": f"#/properties/{ANSWER}{reference[1:]}"}


def _can_be_held(schema: Schema) -> bool:
    """Servers hold answers to a part of the language, and silently leave open objects empty."""
    everything = list(everywhere(schema))
    optional = sum(
        len(part.get("properties", {}).keys() - set(part.get("required", ()))) for part in everything
    )
    unions = sum(
        "anyOf" in part or "oneOf" in part or isinstance(part.get("type"), list) for part in everything
    )
    return (
        optional <= _MOST_OPTIONAL
        and unions <= _MOST_UNIONS
        and all(map(_is_plain, everything))
        and not _has_cycle(schema)
    )


def _is_plain(part: Schema) -> bool:
    kind, reference = part.get("type"), part.get("$ref")
    if not part.keys() <= _HELD | _LIMITS or not all(isinstance(inner, dict) for inner in _inner(part)):
        return False
    if isinstance(reference, str):
        return reference.startswith("#/$defs/") and reference.count("/") == 2
    if kind == "object":
        return bool(part.get("properties")) and part.get("additionalProperties", False) is False
    if kind == "array":
        return "items" in part
    return isinstance(kind, str | list) or bool(part.keys() & {"enum", "const", "anyOf", "oneOf"})


def _inner(part: Schema) -> list[Any]:
    return [inner for keyword, inner in parts(part) if keyword != "additionalProperties"]


def _has_cycle(schema: Schema) -> bool:
    definitions = schema.get("$defs", {})
    uses = {
        name: {part["$ref"].rpartition("/")[2] for part in everywhere(of) if "$ref" in part}
        for name, of in definitions.items()
    }
    while loose := [name for name, used in uses.items() if not used & uses.keys()]:
        for name in loose:
            del uses[name]
    return bool(uses)
