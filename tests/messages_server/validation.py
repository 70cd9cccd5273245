"""What the real API refuses: platform.claude.com/docs, on messages, vision and structured outputs."""

import base64
import binascii
import io
from collections.abc import Mapping
from typing import Any, Final

from PIL import Image

from tests.messages_server.document_validation import (
    check_cache_control,
    check_document,
    check_text,
    check_whole,
)
from tests.messages_server.refusal import ApiError as ApiError
from tests.messages_server.refusal import invalid

MAX_IMAGE_BYTES: Final = 5 * 1024 * 1024  # as base64
MAX_SIDE_PX: Final = 8000
MAX_MANY_SIDE_PX: Final = 2000  # with more than 20 images
MANY_IMAGES: Final = 20
MAX_OUTPUT_TOKENS: Final = 128_000
_FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
_EFFORTS: Final = ("low", "medium", "high", "xhigh", "max")
_KNOWN: Final = frozenset(
    (
        "model",
        "messages",
        "max_tokens",
        "system",
        "stream",
        "output_config",
        "thinking",
        "temperature",
        "top_p",
        "top_k",
        "stop_sequences",
        "metadata",
        "tools",
        "tool_choice",
        "service_tier",
        "cache_control",
        "container",
        "inference_geo",
    )
)
_SCHEMA_KEYS: Final = frozenset(
    (
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "anyOf",
        "allOf",
        "enum",
        "const",
        "$ref",
        "$defs",
        "description",
        "title",
        "format",
        "default",
        "minItems",
        "pattern",
    )
)


def check_headers(headers: Mapping[str, str]) -> None:
    key = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
    if not key:
        raise ApiError(401, "authentication_error", "x-api-key header is required")
    if key == "wrong":
        raise ApiError(401, "authentication_error", "invalid x-api-key")
    if "anthropic-version" not in headers:
        raise invalid("anthropic-version: header is required")


def check(body: Any) -> None:
    """Raises ApiError."""
    if not isinstance(body, dict):
        raise invalid("The request body is not valid JSON")
    for name in body.keys() - _KNOWN:
        raise invalid(f"{name}: Extra inputs are not permitted")
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise invalid("model: Field required")
    if model.startswith("missing"):
        raise ApiError(404, "not_found_error", f"model: {model}")
    _check_max_tokens(body)
    if "sonnet-5" in model and any(name in body for name in ("temperature", "top_p", "top_k")):
        raise invalid("`temperature`, `top_p` and `top_k` are not supported by this model")
    _check_system(body.get("system"))
    _check_messages(body.get("messages"))
    _check_output(body.get("output_config"))
    check_whole(body)


def _check_max_tokens(body: dict[str, Any]) -> None:
    tokens = body.get("max_tokens")
    if tokens is None:
        raise invalid("max_tokens: Field required")
    if not isinstance(tokens, int) or isinstance(tokens, bool) or tokens < 1:
        raise invalid("max_tokens: Input should be greater than or equal to 1")
    if tokens > MAX_OUTPUT_TOKENS:
        raise invalid(
            f"max_tokens: {tokens} > {MAX_OUTPUT_TOKENS}, the maximum allowed number of output tokens"
        )


def _check_system(system: Any) -> None:
    if system is None or isinstance(system, str):
        return
    if not isinstance(system, list):
        raise invalid("system: Input should be a valid string")
    for index, part in enumerate(system):
        _check_part(part, f"system.{index}")


def _check_messages(messages: Any) -> None:
    if not isinstance(messages, list):
        raise invalid("messages: Field required")
    if not messages:
        raise invalid("messages: at least one message is required")
    images: list[tuple[int, int]] = []
    for index, message in enumerate(messages):
        where = f"messages.{index}"
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ("user", "assistant"):
            raise invalid(f"{where}.role: Input should be 'user' or 'assistant'")
        if index == 0 and role != "user":
            raise invalid('messages: first message must use the "user" role')
        if message.keys() - {"role", "content"}:
            raise invalid(f"{where}: Extra inputs are not permitted")
        images += _check_content(message.get("content"), where)
        if role == "assistant" and any(part["type"] == "document" for part in _parts(message)):
            raise invalid(f"{where}: `document` blocks are only permitted in user messages")
    if messages[-1]["role"] == "assistant":
        raise invalid("This model does not support assistant message prefill.")
    if len(images) > MANY_IMAGES and any(max(size) > MAX_MANY_SIDE_PX for size in images):
        raise invalid(f"image dimensions exceed max allowed size for many images: {MAX_MANY_SIDE_PX} pixels")


def _check_content(content: Any, where: str) -> list[tuple[int, int]]:
    if isinstance(content, str):
        if not content:
            raise invalid(f"{where}: all messages must have non-empty content")
        return []
    if not isinstance(content, list) or not content:
        raise invalid(f"{where}: all messages must have non-empty content")
    sizes = [_check_part(part, f"{where}.content.{index}") for index, part in enumerate(content)]
    return [size for size in sizes if size]


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    return message["content"] if isinstance(message["content"], list) else []


def _check_part(part: Any, where: str) -> tuple[int, int] | None:
    """The size of an image."""
    match part:
        case {"type": "text", "text": str()}:
            check_text(part, where)
            return None
        case {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": str(data)}}:
            check_cache_control(part, where)
            return _check_image(media_type, data, f"{where}.image.source.base64")
        case {"type": "document"}:
            check_document(part, where)
            return None
    raise invalid(f"{where}: Input tag found using 'type' does not match any of the expected tags")


def _check_image(media_type: Any, data: str, where: str) -> tuple[int, int]:
    if media_type not in _FORMATS:
        raise invalid(
            f"{where}.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"
        )
    if len(data) > MAX_IMAGE_BYTES:
        raise invalid(f"{where}: image exceeds 5 MB maximum: {len(data)} bytes > {MAX_IMAGE_BYTES} bytes")
    try:
        image = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
        image.load()
    except (binascii.Error, OSError, ValueError, SyntaxError) as error:
        raise invalid(f"{where}.data: Could not process image") from error
    if image.format != _FORMATS[media_type]:
        raise invalid(f"{where}: the image is {image.format}, its media type says {media_type}")
    if max(image.size) > MAX_SIDE_PX:
        raise invalid(f"{where}: image dimensions exceed max allowed size: {MAX_SIDE_PX} pixels")
    return image.size


def _check_output(config: Any) -> None:
    if config is None:
        return
    if not isinstance(config, dict) or config.keys() - {"format", "effort"}:
        raise invalid("output_config: Extra inputs are not permitted")
    if config.get("effort") not in (None, *_EFFORTS):
        raise invalid("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'")
    match config.get("format"):
        case None:
            return
        case {"type": "json_schema", "schema": dict(schema), **rest} if not rest:
            _check_schema(schema, schema.get("$defs", {}), ())
        case _:
            raise invalid("output_config.format: Input should be a json_schema with its schema")


def _check_schema(schema: Any, definitions: dict[str, Any], inside: tuple[str, ...]) -> None:
    where = "output_config.format.schema"
    if not isinstance(schema, dict):
        raise invalid(f"{where}: Schema must be an object")
    for key in schema.keys() - _SCHEMA_KEYS:
        raise invalid(f"{where}: For '{schema.get('type')}' type, property '{key}' is not supported")
    if isinstance(schema.get("type"), list):
        raise invalid(f"{where}: 'type' must be one type")
    if schema.get("minItems", 0) > 1:
        raise invalid(f"{where}: For 'array' type, 'minItems' values other than 0 or 1 are not supported")
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        raise invalid(f"{where}: For 'object' type, 'additionalProperties' must be explicitly set to false")
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        if name in inside:
            raise invalid(f"{where}: Circular reference detected in schema definitions: {name}")
        if name not in definitions:
            raise invalid(f"{where}: $ref {reference} not found")
        _check_schema(definitions[name], definitions, (*inside, name))
    below = [*schema.get("properties", {}).values(), *schema.get("anyOf", ()), *schema.get("allOf", ())]
    for part in below + ([schema["items"]] if "items" in schema else []):
        _check_schema(part, definitions, inside)
