"""Events: what has happened. Page results travel inside them, so workers write no database."""

from typing import ClassVar

from pydantic import Field

from common.contracts.message import Message
from common.document.citation import Citation
from common.document.model_usage import ModelUsage
from common.document.page import Page


class PageRecognized(Message):
    """One page was read; ``page`` is all that was found on it."""

    type: ClassVar[str] = "ocr.page.recognized.v1"
    routing_key: ClassVar[str] = "page.recognized"

    job_id: str
    ticket: str
    page_index: int = Field(ge=0)
    page: Page
    duration_ms: int = Field(ge=0)


class PageFailed(Message):
    """One page could not be read, for good; ``code`` is that of a ``PageError``."""

    type: ClassVar[str] = "ocr.page.failed.v1"
    routing_key: ClassVar[str] = "page.failed"

    job_id: str
    ticket: str
    page_index: int = Field(ge=0)
    code: str
    message: str


class PageTranslated(Message):
    """The ``texts`` of one page, in the order of those that were to be translated."""

    type: ClassVar[str] = "ocr.page.translated.v1"
    routing_key: ClassVar[str] = "page.translated"

    job_id: str
    ticket: str
    page_index: int = Field(ge=0)
    texts: tuple[str, ...]
    usage: ModelUsage
    duration_ms: int = Field(ge=0)


class TranslationFailed(Message):
    """One page could not be translated, for good; what was read on it stays."""

    type: ClassVar[str] = "ocr.page.translation-failed.v1"
    routing_key: ClassVar[str] = "page.translation-failed"

    job_id: str
    ticket: str
    page_index: int = Field(ge=0)
    code: str
    message: str


class DocumentExported(Message):
    """A file was built and lies, complete, in the blob ``key``."""

    type: ClassVar[str] = "ocr.document.exported.v1"
    routing_key: ClassVar[str] = "document.exported"

    job_id: str
    ticket: str
    name: str
    key: str
    size_bytes: int = Field(ge=0)
    duration_ms: int = Field(ge=0)


class ExportFailed(Message):
    """A file could not be built, for good; ``code`` is that of an ``ExportError``, or SourceMissing's."""

    type: ClassVar[str] = "ocr.export.failed.v1"
    routing_key: ClassVar[str] = "export.failed"

    job_id: str
    ticket: str
    name: str
    code: str
    message: str


class QuestionAnswered(Message):
    """A question was answered, by ``engine``: "model" or "extractive"."""

    type: ClassVar[str] = "ocr.question.answered.v1"
    routing_key: ClassVar[str] = "question.answered"

    job_id: str
    conversation_id: str
    question_id: str
    ticket: str
    content: str
    citations: tuple[Citation, ...] = ()
    engine: str
    usage: ModelUsage | None = None
    duration_ms: int = Field(ge=0)


class QuestionFailed(Message):
    """A question could not be answered, for good; ``code`` is that of a ``QuestionError``."""

    type: ClassVar[str] = "ocr.question.failed.v1"
    routing_key: ClassVar[str] = "question.failed"

    job_id: str
    conversation_id: str
    question_id: str
    ticket: str
    code: str
    message: str


class AnswerPart(Message):
    """What comes next of an answer that is being made, for who listens: ``text``, or a ``citation`` of what
    was said last, or nothing but a sign of life.

    ``position`` counts from 0 within one ``attempt``; another attempt tells the whole answer anew. The texts
    of all parts are the ``content`` of the answer, and so are their citations. Where nobody listens, it is
    lost.
    """

    type: ClassVar[str] = "ocr.question.answer-part.v1"

    job_id: str
    question_id: str
    attempt: str
    position: int = Field(ge=0)
    text: str = ""
    citation: Citation | None = None

    @property
    def routing_key(self) -> str:
        return answer_key(self.question_id)


def answer_key(question_id: str) -> str:
    """Under which the parts of an answer are published."""
    return f"answer.{question_id}"
