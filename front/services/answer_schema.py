"""The JSON Schema that a caller wants an answer by."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError

from common.domain.answer_errors import is_pattern, pointer
from common.domain.pattern_size import written_out
from common.domain.schema_parts import IN_PLACE, everywhere, parts, referred
from common.errors import InvalidField

MAX_SCHEMA_BYTES: Final = 32 * 1024
MAX_DEPTH: Final = 64  # of JSON in JSON
MAX_PATTERNS: Final = 20_000  # letters of all patterns, with their repetitions written out: a few megabytes
_FIELD: Final = "schema"
# Draft 6 and later differ in nothing that the check of the schema itself would not find.
_DRAFTS: Final = ("draft/2020-12", "draft/2019-09", "draft-07", "draft-06")
_NOT_TAKEN: Final = {
    "patternProperties": "name the properties, or use 'additionalProperties'",
    "unevaluatedProperties": "use 'additionalProperties'",
    "unevaluatedItems": "use 'items'",
    "$dynamicRef": "use '$ref'",
    "$dynamicAnchor": "use '$ref'",
    "$recursiveRef": "use '$ref'",
    "$recursiveAnchor": "use '$ref'",
    "dependencies": "use 'dependentRequired' or 'dependentSchemas'",
}
_ASKS: Final = frozenset(
    ("type", "properties", "items", "prefixItems", "additionalProperties", "enum", "const", "$ref")
) | set(IN_PLACE)


def checked_schema(text: str) -> str:
    """The schema as compact JSON, without what it says of itself ("$schema", "$id").

    Raises InvalidField for what is none that an answer can follow.
    """
    schema = _parsed(text)
    _check_dialect(schema.pop("$schema", None))
    schema.pop("$id", None)
    try:
        Draft202012Validator.check_schema(schema, format_checker=FormatChecker(formats=()))
    except SchemaError as error:
        where = pointer(tuple(error.absolute_path))
        raise _refused(
            f"is no JSON Schema (draft 2020-12): {error.message[:200]} at '{where or '/'}'."
        ) from None
    _check_patterns(schema)
    schemas = {id(schema)} | {id(inner) for part in everywhere(schema) for _, inner in parts(part)}
    for part in everywhere(schema):
        _check_part(part)
        if isinstance(reference := part.get("$ref"), str):
            _check_reference(schema, reference, schemas)
    _check_ends(schema)
    if not _ASKS & schema.keys():
        raise _refused("asks for nothing: name the values that you want under 'properties'.")
    return orjson.dumps(schema).decode()


def _parsed(text: str) -> dict[str, Any]:
    if len(text.encode(errors="replace")) > MAX_SCHEMA_BYTES:
        raise _refused(f"is larger than {MAX_SCHEMA_BYTES // 1024} KiB: shorten it.")
    try:
        schema = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _refused(f"is not JSON: {error}.") from None
    if not isinstance(schema, dict):
        raise _refused("is not a JSON object: send a JSON Schema (draft 2020-12).")
    if not _is_flat(schema):
        raise _refused(f"is nested deeper than {MAX_DEPTH} levels: define parts of it under '$defs'.")
    return schema


def _is_flat(schema: Any) -> bool:
    level: list[Any] = [schema]
    for _ in range(MAX_DEPTH):
        inner = (part.values() if isinstance(part, dict) else part for part in level)
        level = [value for values in inner for value in values if isinstance(value, dict | list)]
        if not level:
            return True
    return False


def _check_dialect(name: Any) -> None:
    if name is None or (isinstance(name, str) and any(draft in name for draft in _DRAFTS)):
        return
    raise _refused(
        f"is of another kind ('$schema' is {str(name)[:80]!r}): send draft 2020-12, and leave '$schema' out."
    )


def _check_patterns(schema: Mapping[str, Any]) -> None:
    """Before any is compiled."""
    patterns = {part["pattern"] for part in everywhere(schema) if isinstance(part.get("pattern"), str)}
    if sum(map(written_out, patterns)) > MAX_PATTERNS:
        raise _refused(
            "has patterns that are too long with their repetitions written out: say how long a text may be "
            "by 'maxLength', and write a-z or 0-9 for \\w or \\d."
        )


def _check_part(part: Mapping[str, Any]) -> None:
    for keyword, instead in _NOT_TAKEN.items():
        if keyword in part:
            raise _refused(f"has '{keyword}', which is not taken here: {instead}.")
    for keyword in ("$id", "$schema"):
        if keyword in part:
            raise _refused(f"has another schema in it, with its own '{keyword}': leave that out.")
    pattern = part.get("pattern")
    if isinstance(pattern, str) and not is_pattern(pattern):
        raise _refused(
            f"has a pattern that is not taken here ({pattern[:80]!r}): write it without look-ahead, "
            "look-behind and references back, and so that it is short when its repetitions are written out."
        )


def _check_reference(schema: Mapping[str, Any], reference: str, schemas: set[int]) -> None:
    """Only within the schema itself: nothing is fetched. ``schemas``: the ids of all that are in it."""
    if not reference.startswith("#"):
        raise _refused(f"refers to {reference[:80]!r}: put what it needs into itself ('#/…').")
    try:
        target = referred(schema, reference)
    except LookupError:
        target = None
    if not isinstance(target, dict) or id(target) not in schemas:
        raise _refused(f"refers to {reference[:80]!r}, and there is no schema there.")


def _check_ends(schema: Mapping[str, Any]) -> None:
    """That no schema is about a value only as itself is: inside of objects and lists it may come again."""
    ended: set[int] = set()
    for part in everywhere(schema):
        _follow(schema, part, (), ended)


def _follow(root: Mapping[str, Any], part: Any, inside: tuple[int, ...], ended: set[int]) -> None:
    if not isinstance(part, dict) or id(part) in ended:
        return
    if id(part) in inside or len(inside) > MAX_DEPTH:
        raise _refused("refers to itself in a circle, or by too many steps.")
    same = [inner for keyword, inner in parts(part) if keyword in IN_PLACE]
    if isinstance(reference := part.get("$ref"), str):
        same.append(referred(root, reference))
    for inner in same:
        _follow(root, inner, (*inside, id(part)), ended)
    ended.add(id(part))


def _refused(what: str) -> InvalidField:
    return InvalidField(_FIELD, f"The schema {what}")
