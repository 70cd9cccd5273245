"""Which beginnings of requests have been seen: https://platform.claude.com/docs/en/build-with-claude/prompt-caching

Of any length: the real one caches nothing shorter than about a thousand tokens, and forgets after minutes.
"""

import hashlib
import json
from typing import Any

from tests.messages_server.request import Request


class PromptCache:
    def __init__(self) -> None:
        self._known: set[str] = set()

    def clear(self) -> None:
        self._known.clear()

    def characters(self, request: Request) -> tuple[int, int]:
        """Of the longest beginning that is marked: how many are written now, and how many read."""
        marked = _marked(request)
        read = max((characters for digest, characters in marked if digest in self._known), default=0)
        self._known.update(digest for digest, _ in marked)
        whole = max((characters for _, characters in marked), default=0)
        return whole - read, read


def _marked(request: Request) -> list[tuple[str, int]]:
    """What identifies the beginnings that end with a mark, and the length of their text."""
    digest = hashlib.sha256(json.dumps([request.body["model"], request.body.get("tools")]).encode())
    found = []
    characters = 0
    for role, part in request.all_parts:
        plain = {name: value for name, value in part.items() if name != "cache_control"}
        digest.update(json.dumps([role, plain], sort_keys=True).encode())
        characters += _characters(plain)
        if part.get("cache_control"):
            found.append((digest.hexdigest(), characters))
    return found


def _characters(part: Any) -> int:
    match part:
        case {"type": "text", "text": str(text)}:
            return len(text)
        case {"type": "document", "source": {"content": str(text)}}:
            return len(text)
        case {"type": "document", "source": {"content": list(blocks)}}:
            return sum(map(_characters, blocks))
    return 0
