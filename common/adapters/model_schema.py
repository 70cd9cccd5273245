"""JSON Schemas as models' servers take them: those hold answers to a part of the language alone."""

from typing import Any


def with_single_types(schema: Any) -> Any:
    """``{"type": ["string", "null"]}`` as ``anyOf``, all through the schema; a list of types is not taken."""
    if isinstance(schema, list):
        return [with_single_types(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    types = schema.get("type")
    rest = {key: with_single_types(part) for key, part in schema.items()}
    if not isinstance(types, list):
        return rest
    del rest["type"]
    if "enum" in rest:
        return rest
    about = {key: rest.pop(key) for key in ("title", "description") if key in rest}
    return about | {"anyOf": [{"type": type} | ({} if type == "null" else rest) for type in types]}
