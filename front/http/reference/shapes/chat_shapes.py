"""Questions and answers. The views: front.http.chat_view."""

from typing import Literal

from pydantic import Field

from front.http.reference.shapes.shape import BBox, Instant, Shape, sometimes


class CitationShape(Shape):
    page: int = Field(ge=1)
    snippet: str
    bbox: BBox = sometimes(description="Where the snippet was found on its page.")


class AnswerShape(Shape):
    role: Literal["assistant"]
    content: str
    citations: list[CitationShape]
    engine: str
    created_at: Instant


class AnsweredShape(Shape):
    conversation: str
    message: AnswerShape


class ConversationShape(Shape):
    """What a stream begins with."""

    conversation: str


class TextShape(Shape):
    """The next piece of the answer."""

    text: str


class RestartShape(Shape):
    """The answer begins anew: what was told of it does not count."""


class FailureShape(Shape):
    code: str
    message: str


class SaidShape(Shape):
    """A question, or an answer; `error` says why a question has none."""

    role: Literal["user", "assistant"]
    content: str
    citations: list[CitationShape]
    created_at: Instant
    engine: str = sometimes(description="Of an answer.")
    error: FailureShape = sometimes(description="Of a question that has no answer.")


class HistoryShape(Shape):
    conversation: str | None = Field(description="Null before the first question.")
    messages: list[SaidShape]
