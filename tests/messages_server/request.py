"""A request of the Messages API, taken apart."""

import base64
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from PIL import Image

from tests.messages_server.document import Document, from_part


@dataclass(frozen=True)
class Request:
    body: dict[str, Any]

    @cached_property
    def images(self) -> list[bytes]:
        return [
            base64.b64decode(part["source"]["data"])
            for _, part in self._parts()
            if part.get("type") == "image"
        ]

    @cached_property
    def pixels(self) -> int:
        sizes = (Image.open(io.BytesIO(image)).size for image in self.images)
        return sum(width * height for width, height in sizes)

    @cached_property
    def user_texts(self) -> list[str]:
        return [part["text"] for role, part in self._parts() if role == "user" and part.get("type") == "text"]

    @cached_property
    def questions(self) -> list[str]:
        """What the user wrote, by turns."""
        turns = (message["content"] for message in self.body["messages"] if message["role"] == "user")
        return [
            turn if isinstance(turn, str) else "\n".join(part["text"] for part in turn if "text" in part)
            for turn in turns
        ]

    @cached_property
    def documents(self) -> list[Document]:
        parts = (part for _, part in self._parts() if part["type"] == "document")
        return [from_part(index, part) for index, part in enumerate(parts)]

    @property
    def is_about_documents(self) -> bool:
        return bool(self.documents) and not self._format

    @property
    def all_parts(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """As the model reads them: with their roles, the system prompt first."""
        system = self.body.get("system") or []
        for part in [{"type": "text", "text": system}] if isinstance(system, str) else system:
            yield "system", part
        yield from self._parts()

    @cached_property
    def earlier_answers(self) -> list[str]:
        return [part["text"] for role, part in self._parts() if role == "assistant"]

    @cached_property
    def system(self) -> str:
        system = self.body.get("system") or ""
        return system if isinstance(system, str) else "\n".join(part["text"] for part in system)

    @cached_property
    def schema(self) -> dict[str, Any] | None:
        """That the answer is held to, or else the first that the instructions hold."""
        if self._format:
            found: dict[str, Any] = self._format["schema"]
            return found
        candidates = (json_in(text, "{") for text in (self.system, *self.user_texts))
        return next(
            (one for one in candidates if one and one.keys() & {"properties", "$defs", "anyOf"}), None
        )

    @property
    def _format(self) -> dict[str, Any] | None:
        return (self.body.get("output_config") or {}).get("format")

    def _parts(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for message in self.body["messages"]:
            content = message["content"]
            if isinstance(content, str):
                content = [{"type": "text", "text": content}]
            for part in content:
                yield message["role"], part


def json_in(text: str, bracket: str) -> Any:
    """The first JSON value in the text that begins with this bracket, or None."""
    start = text.find(bracket)
    while start >= 0:
        try:
            return json.JSONDecoder().raw_decode(text, start)[0]
        except json.JSONDecodeError:
            start = text.find(bracket, start + 1)
    return None
