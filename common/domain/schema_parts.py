"""The schemas inside a JSON Schema (draft 2020-12): by keyword, since properties may be called like one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

Schema = dict[str, Any]

# About the same value as the schema they stand in; the rest are about what is inside that value.
IN_PLACE: Final = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas")
_ONE: Final = frozenset(
    ("items", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else")
)
_LISTS: Final = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_MAPS: Final = frozenset(("properties", "$defs", "definitions", "dependentSchemas"))


def parts(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The schemas right inside of this one, each with its keyword."""
    for keyword, value in schema.items():
        if keyword in _ONE:
            yield keyword, value
        elif keyword in _LISTS and isinstance(value, list):
            yield from ((keyword, part) for part in value)
        elif keyword in _MAPS and isinstance(value, dict):
            yield from ((keyword, part) for part in value.values())


def everywhere(schema: Any) -> Iterator[Schema]:
    """This schema and all inside of it; those that are just true or false are left out."""
    if isinstance(schema, dict):
        yield schema
        for _, part in parts(schema):
            yield from everywhere(part)


def changed(schema: Any, change: Callable[[Schema], Schema]) -> Any:
    """The schema with ``change`` made to it and to all inside of it, the innermost first."""
    if not isinstance(schema, dict):
        return schema
    made: Schema = {}
    for keyword, value in schema.items():
        if keyword in _ONE:
            made[keyword] = changed(value, change)
        elif keyword in _LISTS and isinstance(value, list):
            made[keyword] = [changed(part, change) for part in value]
        elif keyword in _MAPS and isinstance(value, dict):
            made[keyword] = {name: changed(part, change) for name, part in value.items()}
        else:
            made[keyword] = value
    return change(made)


def referred(root: Mapping[str, Any], reference: str) -> Any:
    """What a reference within ``root`` means: "#", or "#/…" with a JSON Pointer (RFC 6901).

    Raises LookupError where it leads nowhere.
    """
    if reference == "#":
        return root
    if not reference.startswith("#/"):
        raise LookupError(reference)
    found: Any = root
    for step in reference[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, dict) and name in found:
            found = found[name]
        else:
            raise LookupError(reference)
    return found
