"""Tasks: what a worker is asked to do. They carry blob keys, never file bytes."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from common.contracts.message import Message


class Tier(StrEnum):
    CPU = "cpu"
    VLM = "vlm"


class Lane(StrEnum):
    """How soon a page's turn comes: short jobs, paid jobs, the rest."""

    EXPRESS = "express"
    PRIORITY = "priority"
    BULK = "bulk"


class MediaType(StrEnum):
    """The kinds of file that are accepted, told by their bytes."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    GIF = "image/gif"
    BMP = "image/bmp"
    TIFF = "image/tiff"
    PNM = "image/x-portable-anymap"


class TextLayer(StrEnum):
    """Whether a PDF page's own text is used where it is trustworthy."""

    AUTO = "auto"
    IGNORE = "ignore"


class Focus(StrEnum):
    """What a vision model is to look at most closely on a page."""

    HANDWRITING = "handwriting"
    MATHEMATICS = "mathematics"


class ExportFormat(StrEnum):
    """The files that are built of a finished document when they are asked for."""

    DOCX = "docx"
    PDF = "pdf"
    CSV = "csv"
    HOCR = "hocr"
    ALTO = "alto"


class Death(BaseModel):
    """How a page went to the dead letters before its job was made: of which job it was the ``page_index``th,
    in which queue it lay, why the broker gave it up, and how many tries a worker had seen fail by then.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    job_id: str
    page_index: int = Field(ge=0)
    queue: str
    reason: str
    attempts: int = Field(ge=0)
    at: datetime | None = None


class RecognizePage(Message):
    """Read one page of a source file.

    ``page_index`` counts the job's selected pages and ``source_page`` those of the file, both from
    0. ``languages`` are the codes of ``common.domain.languages``, most important first; empty means
    that the worker finds out. ``tables``: they are what the sender is after, so look for them on every
    page. ``extract`` is a JSON Schema: draw the values from the page that it asks for; ``is_whole``: the page
    is all that there is of the document. ``ticket`` proves in the answer that it belongs to this job.
    ``earlier`` is of a page that went to the dead letters before: the last time last.
    """

    type: ClassVar[str] = "ocr.page.recognize.v1"

    job_id: str
    ticket: str
    tier: Tier
    lane: Lane
    page_index: int = Field(ge=0)
    source_page: int = Field(ge=0)
    source_key: str
    media_type: MediaType
    languages: tuple[str, ...] = ()
    text_layer: TextLayer = TextLayer.AUTO
    tables: bool = False
    focus: Focus | None = None
    extract: str | None = None
    is_whole: bool = True
    earlier: tuple[Death, ...] | None = None


class TranslatePage(Message):
    """Translate the texts of one page that was read.

    They are a JSON array of strings in the blob ``texts_key``; ``target`` is BCP-47, and so are the
    ``languages`` they are in, the most frequent first, as far as known.
    """

    type: ClassVar[str] = "ocr.page.translate.v1"

    job_id: str
    ticket: str
    tier: Tier
    lane: Lane
    page_index: int = Field(ge=0)
    texts_key: str
    target: str
    languages: tuple[str, ...] = ()
    earlier: tuple[Death, ...] | None = None


class ExportDocument(Message):
    """Build one file of a finished document and store it as a blob.

    ``name`` is the export's own among those of its job, such as ``docx-translated``. The first
    ``words_bytes`` of the words' blob are the pages; the source file is of ``media_type``. ``title`` is
    the file's name without its ending, ``languages`` are BCP-47, the most frequent first. What is built
    may be removed from ``expires_at`` on. ``ticket`` proves in the answer that it belongs to this export.
    """

    type: ClassVar[str] = "ocr.document.export.v1"

    job_id: str
    ticket: str
    name: str
    format: ExportFormat
    pdfa: bool = False
    excel: bool = False
    words_key: str
    words_bytes: int = Field(ge=0)
    source_key: str
    media_type: MediaType
    title: str
    languages: tuple[str, ...] = ()
    created_at: datetime
    expires_at: datetime


class AnswerQuestion(Message):
    """Answer a question about a finished document.

    The blob ``asked_key`` is a JSON object: ``message`` is the question, ``earlier`` a list of
    ``{"question", "answer"}``, the oldest first, ``title`` the file's name without its ending. The first
    ``words_bytes`` of the words' blob are the pages; ``languages`` are BCP-47, the most frequent first.
    ``heard``: somebody listens while the answer is made, so tell it in parts (``AnswerPart``); who no longer
    does has left. ``ticket`` proves in the answer that it belongs to this question.
    """

    type: ClassVar[str] = "ocr.question.answer.v1"

    job_id: str
    conversation_id: str
    question_id: str
    ticket: str
    asked_key: str
    words_key: str
    words_bytes: int = Field(ge=0)
    languages: tuple[str, ...] = ()
    heard: bool = False
