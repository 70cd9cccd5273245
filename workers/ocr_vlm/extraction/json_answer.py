"""The JSON that a model wrote, whatever it wrote around it, as far as it wrote it."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import orjson

from workers.ocr_vlm.json_candidates import json_candidates

MAX_DEPTH: Final = 64
_MOST_ENDS: Final = 100
# In linear time: answers that break off often end in something that a model said without end.
_TOKEN: Final = re.compile(
    r'(?P<text>")(?:[^"\\]++|\\.)*+(?P<closed>")?|[{}\[\]:,]|(?P<word>[^\s{}\[\]:,"]++)', re.DOTALL
)


class NoJson(ValueError):
    """There is no JSON object in the answer."""


def parsed(text: str) -> dict[str, Any]:
    """The JSON object that the text is, or has in it. Raises NoJson."""
    for candidate in json_candidates(text):
        found = _decoded(candidate)
        if found is not None:
            return found
    raise NoJson


def salvaged(text: str) -> dict[str, Any]:
    """What is whole of an object whose text breaks off: its members, and of lists the items.

    Raises NoJson where that is nothing.
    """
    begun = text[text.find("{") :] if "{" in text else ""
    for end, closing in islice(reversed(list(_ends(begun))), _MOST_ENDS):
        found = _decoded(begun[:end] + closing)
        if found is not None:
            return found
    raise NoJson


def _decoded(text: str) -> dict[str, Any] | None:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and _depth(found) <= MAX_DEPTH else None


def _ends(text: str) -> Iterator[tuple[int, str]]:
    """Where the object may be ended, and by which brackets: behind a member that is in no item of a list,
    and behind an item that is in no other.
    """
    closing: list[str] = []
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if (token["text"] and not token["closed"]) or (token["word"] and token.end() == len(text)):
            return  # there may have been more of it
        if mark in ("{", "["):
            closing.append("}" if mark == "{" else "]")
        elif mark in ("}", "]") and (not closing or closing.pop() != mark):
            return
        elif mark not in (":", ",") and "]" not in closing[:-1]:
            yield token.end(), "".join(reversed(closing))


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH:
        inner = (part.values() if isinstance(part, dict) else part for part in level)
        level = [one for values in inner for one in values if isinstance(one, dict | list)]
        depth += 1
    return depth
