"""What the real API refuses of document blocks: platform.claude.com/docs, on citations and prompt caching."""

from collections.abc import Iterator
from typing import Any, Final

from tests.messages_server.refusal import invalid

MAX_CACHED_BLOCKS: Final = 4
_MAX_TITLE_CHARACTERS: Final = 500
_KNOWN: Final = frozenset(("type", "source", "title", "context", "citations", "cache_control"))
_OTHER_SOURCES: Final = ("base64", "text", "url", "file")
_NOT_PERMITTED: Final = "Extra inputs are not permitted"


def check_document(part: dict[str, Any], where: str) -> None:
    """Sources of other kinds than custom content are not looked into."""
    where = f"{where}.document"
    for name in part.keys() - _KNOWN:
        raise invalid(f"{where}.{name}: {_NOT_PERMITTED}")
    _check_source(part.get("source"), f"{where}.source")
    _check_text(part.get("title"), f"{where}.title", _MAX_TITLE_CHARACTERS)
    _check_text(part.get("context"), f"{where}.context", None)
    _check_citations(part.get("citations"), f"{where}.citations")
    check_cache_control(part, where)


def check_text(part: dict[str, Any], where: str) -> None:
    if not part["text"].strip():
        raise invalid(f"{where}: text content blocks must contain non-whitespace text")
    for name in part.keys() - {"type", "text", "cache_control", "citations"}:
        raise invalid(f"{where}.{name}: {_NOT_PERMITTED}")
    check_cache_control(part, where)


def check_cache_control(part: dict[str, Any], where: str) -> None:
    where = f"{where}.cache_control"
    match part.get("cache_control"):
        case None:
            return
        case {"type": "ephemeral", **rest}:
            for name in rest.keys() - {"ttl"}:
                raise invalid(f"{where}.ephemeral.{name}: {_NOT_PERMITTED}")
            if rest.get("ttl", "5m") not in ("5m", "1h"):
                raise invalid(f"{where}.ephemeral.ttl: Input should be '5m' or '1h'")
        case dict():
            raise invalid(
                f"{where}: Input tag found using 'type' does not match the expected tag 'ephemeral'"
            )
        case _:
            raise invalid(f"{where}: Input should be an object")


def check_whole(body: dict[str, Any]) -> None:
    """What holds for all the blocks of a request together."""
    cached = sum(1 for block in _objects(body) if block.get("cache_control"))
    if cached > MAX_CACHED_BLOCKS:
        raise invalid(
            f"A maximum of {MAX_CACHED_BLOCKS} blocks with cache_control may be provided. Found {cached}."
        )
    documents = [block for block in _objects(body["messages"]) if block.get("type") == "document"]
    cites = {bool((document.get("citations") or {}).get("enabled")) for document in documents}
    if len(cites) > 1:
        raise invalid("Citations must be enabled on all or none of the documents in a request")
    if True in cites and (body.get("output_config") or {}).get("format"):
        raise invalid("output_config.format: citations are not supported together with an output format")


def _check_source(source: Any, where: str) -> None:
    if not isinstance(source, dict):
        raise invalid(f"{where}: Field required" if source is None else f"{where}: Input should be an object")
    if source.get("type") in _OTHER_SOURCES:
        return
    if source.get("type") != "content":
        raise invalid(f"{where}: Input tag found using 'type' does not match any of the expected tags")
    where = f"{where}.content"
    for name in source.keys() - {"type", "content"}:
        raise invalid(f"{where}.{name}: {_NOT_PERMITTED}")
    _check_blocks(source.get("content"), f"{where}.content")


def _check_blocks(content: Any, where: str) -> None:
    if isinstance(content, str):
        check_text({"text": content}, where)
        return
    if not isinstance(content, list):
        raise invalid(f"{where}: Input should be a valid list")
    if not content:
        raise invalid(f"{where}: List should have at least 1 item after validation, not 0")
    for index, block in enumerate(content):
        match block:
            case {"type": "text", "text": str()}:
                check_text(block, f"{where}.{index}.text")
            case {"type": "text", "text": _}:
                raise invalid(f"{where}.{index}.text.text: Input should be a valid string")
            case {"type": "text"}:
                raise invalid(f"{where}.{index}.text.text: Field required")
            case _:
                raise invalid(f"{where}.{index}: Input tag found using 'type' does not match 'text', 'image'")


def _check_text(value: Any, where: str, most: int | None) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise invalid(f"{where}: Input should be a valid string")
    if not value:
        raise invalid(f"{where}: String should have at least 1 character")
    if most is not None and len(value) > most:
        raise invalid(f"{where}: String should have at most {most} characters")


def _check_citations(citations: Any, where: str) -> None:
    if citations is None:
        return
    if not isinstance(citations, dict):
        raise invalid(f"{where}: Input should be an object")
    for name in citations.keys() - {"enabled"}:
        raise invalid(f"{where}.{name}: {_NOT_PERMITTED}")
    if not isinstance(citations.get("enabled", False), bool):
        raise invalid(f"{where}.enabled: Input should be a valid boolean")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _objects(part)
