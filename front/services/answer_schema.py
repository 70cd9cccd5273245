"""The JSON Schema that a caller wants an answer by."""

from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from common.errors import InvalidField

MAX_SCHEMA_BYTES: Final = 32 * 1024
_FIELD: Final = "schema"


def checked_schema(text: str) -> str:
    """The schema as compact JSON. Raises InvalidField for what is none that an answer can follow."""
    if len(text.encode()) > MAX_SCHEMA_BYTES:
        raise InvalidField(_FIELD, f"The schema is larger than {MAX_SCHEMA_BYTES // 1024} KiB: shorten it.")
    try:
        schema = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidField(_FIELD, f"The schema is not JSON: {error}.") from None
    if not isinstance(schema, dict):
        raise InvalidField(_FIELD, "The schema is not a JSON object: send a JSON Schema (draft 2020-12).")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        where = "".join(f"/{step}" for step in error.absolute_path)
        raise InvalidField(
            _FIELD,
            f"The schema is no JSON Schema (draft 2020-12): {error.message[:200]} at '{where or '/'}'.",
        ) from None
    _check_references(schema)
    return orjson.dumps(schema).decode()


def _check_references(part: Any) -> None:
    """Only within the schema itself: nothing is fetched."""
    match part:
        case dict():
            for key, value in part.items():
                if key in ("$ref", "$dynamicRef") and isinstance(value, str) and not value.startswith("#"):
                    raise InvalidField(
                        _FIELD, f"The schema refers to {value[:80]!r}: put what it needs into itself ('#/…')."
                    )
                _check_references(value)
        case list():
            for value in part:
                _check_references(value)
