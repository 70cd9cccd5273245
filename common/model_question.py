"""What a language or vision model is asked, and what comes of it: the same whoever serves the model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from common.document.model_usage import ModelUsage

PictureType = Literal["image/jpeg", "image/png", "image/gif", "image/webp"]
JsonSchema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded image; models take up to 8000 px a side and about 3.7 MB (5 MB as base64)."""

    media_type: PictureType
    data: bytes


Part = Text | Picture


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What the model answered so far, and what it is asked next."""

    answer: str
    request: str


@dataclass(frozen=True, slots=True)
class Question:
    """``schema``: of the JSON object that is the answer; None: plain text.

    ``system`` holds our instructions; all that comes of documents belongs into ``parts``.
    ``max_tokens``: None for what the settings say.
    """

    system: str
    parts: tuple[Part, ...]
    schema: JsonSchema | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """``stop``: ``max_tokens`` where the text breaks off and may be continued by a follow-up.

    The input tokens of ``usage`` are all, those of the provider's cache too.
    """

    text: str
    stop: Literal["end", "max_tokens"]
    usage: ModelUsage


class LanguageModel(Protocol):
    async def ask(self, question: Question) -> Reply:
        """Returns the whole answer. Raises a ModelError for this question's own failures, ModelUnavailable
        while nothing is answered (ask again later), and ModelDown once that has lasted too long."""
