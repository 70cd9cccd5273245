"""Documents of custom content, and what an answer says with their blocks as its source."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """``index``: among the request's documents."""

    index: int
    title: str | None
    blocks: tuple[str, ...]
    is_cited: bool

    def citation(self, start: int, end: int) -> dict[str, Any]:
        """Of its blocks up to ``end``, which is not one of them: their whole text, as the real API has it."""
        return {
            "type": "content_block_location",
            "cited_text": "".join(self.blocks[start:end]),
            "document_index": self.index,
            "document_title": self.title,
            "start_block_index": start,
            "end_block_index": end,
        }


@dataclass(frozen=True, slots=True)
class Statement:
    """A text block of an answer."""

    text: str
    citations: tuple[dict[str, Any], ...] = ()


def from_part(index: int, part: dict[str, Any]) -> Document:
    """Of a valid document block; without blocks where the source is of another kind."""
    content = part["source"].get("content", [])
    blocks = [content] if isinstance(content, str) else [block.get("text", "") for block in content]
    is_cited = bool((part.get("citations") or {}).get("enabled"))
    return Document(index, part.get("title"), tuple(blocks), is_cited)


def ordered(segments: Sequence[dict[str, Any]], documents: Sequence[Document]) -> list[Statement]:
    """What a test wants said: ``{"text": …, "cites": [[start, end], …]}`` each, of the first document."""
    return [
        Statement(
            segment["text"],
            tuple(documents[0].citation(start, end) for start, end in segment.get("cites", ())),
        )
        for segment in segments
    ]
