"""The AsyncAPI document as a page to read: https://www.tornadoweb.org/en/stable/template.html"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tornado.escape import xhtml_escape
from tornado.template import Loader

from front.http.reference.schemas import Json

_CODE: Final = re.compile(r"``?([^`]+)``?")


@dataclass(frozen=True, slots=True)
class Row:
    """A member of an object; ``kind`` is its type, or the name of what it is."""

    name: str
    kind: str
    required: bool
    description: str
    pattern: str
    example: str


def rendered(document: Json, folder: Path) -> bytes:
    """``folder`` holds the template."""
    page = _Page(document)
    introduction, *rules = document["info"]["description"].split("\n- ")
    return (
        Loader(str(folder))
        .load("amqp.html")
        .generate(
            document=document,
            page=page,
            introduction=introduction,
            rules=rules,
            inline=_inline,
            as_json=_as_json,
        )
    )


class _Page:
    def __init__(self, document: Json) -> None:
        self._document = document

    def resolved(self, part: Json) -> Json:
        while "$ref" in part:
            found: Any = self._document
            for name in part["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            part = found
        return part

    def rows(self, schema: Json) -> list[Row]:
        """Of an object. Where several schemas tell the same member, the last one counts."""
        found: dict[str, Row] = {}
        for part in self._parts(schema):
            required = part.get("required", ())
            for name, member in part.get("properties", {}).items():
                if member is False:
                    found.pop(name, None)
                else:
                    found[name] = self._row(name, member, name in required)
        return list(found.values())

    def types(self) -> dict[str, Json]:
        """What rows are said to be, by name; the job's is the REST API's."""
        named = {"Usage", "FailedPage"}
        schemas = self._document["components"]["schemas"]
        return {name: schema for name, schema in schemas.items() if name in named}

    def about(self, schema: Json) -> str:
        return next((part["description"] for part in self._parts(schema) if "description" in part), "")

    def _parts(self, schema: Json) -> Iterator[Json]:
        schema = self.resolved(schema)
        yield schema
        for part in schema.get("allOf", ()):
            yield from self._parts(part)

    def _row(self, name: str, member: Json, required: bool) -> Row:
        description = member.get("description") or self.resolved(member).get("description", "")
        example = next(iter(member.get("examples", ())), "")
        return Row(name, self._kind(member), required, description, member.get("pattern", ""), str(example))

    def _kind(self, member: Json) -> str:
        if "$ref" in member:
            return str(member["$ref"].rpartition("/")[2])
        if "const" in member:
            return json.dumps(member["const"])
        if "enum" in member:
            return " | ".join(map(str, member["enum"]))
        if "anyOf" in member:
            kinds = (self._kind(one) for one in member["anyOf"] if one.get("type") != "null")
            return " | ".join(kinds)
        if member.get("type") == "array":
            return f"list of {self._kind(member['items'])}"
        return str(member.get("type", "any"))


def _inline(text: str) -> str:
    """Text with `code` in it, as HTML."""
    return _CODE.sub(r"<code>\1</code>", xhtml_escape(text))


def _as_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
