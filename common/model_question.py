"""What a language or vision model is asked, and what comes of it: the same whoever serves the model."""

from collections.abc import Callable, Mapping
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


@dataclass(frozen=True, slots=True)
class PagedDocument:
    """What the answer is to rest on and to cite by page: one in a question, which then has no ``schema``.

    No page may be blank: the request would be refused. ``title`` (of which the model is told
    letters and digits) and ``context`` are never cited.
    """

    pages: tuple[str, ...]
    title: str | None = None
    context: str | None = None


Part = Text | Picture | PagedDocument


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
class BlockCitation:
    """Pages of the question's document, from 0; the end is the first page that is not cited.

    ``cited_text``: the whole text of those pages.
    """

    start_page_index: int
    end_page_index: int
    cited_text: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of an answer, and what all of it rests on: nothing for connecting words."""

    text: str
    citations: tuple[BlockCitation, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """``stop``: ``max_tokens`` where the text breaks off and may be continued by a follow-up.

    The input tokens of ``usage`` are all, those of the provider's cache too. ``segments`` make up ``text``.
    """

    text: str
    stop: Literal["end", "max_tokens"]
    usage: ModelUsage
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class TextHeard:
    """The next characters of the segment under way."""

    text: str


@dataclass(frozen=True, slots=True)
class CitationHeard:
    """The segment under way rests on this, too; it comes before its text, after it, or in between."""

    citation: BlockCitation


@dataclass(frozen=True, slots=True)
class SegmentEnded:
    """What has been heard since the last one is this segment."""

    segment: Segment


@dataclass(frozen=True, slots=True)
class Restarted:
    """The call failed midway and is made again: all that was heard is void."""


Heard = TextHeard | CitationHeard | SegmentEnded | Restarted
Hear = Callable[[Heard], None]


class LanguageModel(Protocol):
    async def ask(self, question: Question, hear: Hear | None = None) -> Reply:
        """Returns the whole answer; ``hear`` is told its parts as they come, and neither waits nor raises.

        What was heard before an error is no answer. Cancelling the task ends the call to the model.

        Raises a ModelError for this question's own failures, ModelUnavailable while nothing is answered (ask
        again later), and ModelDown once that has lasted too long.
        """
