"""What a job is made of: its states, its source, what was asked for, and where its document lies."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from common.contracts.tasks import MediaType, TextLayer, Tier
from common.document.model_usage import ModelUsage

BACKSTOP = timedelta(days=7)
TOMBSTONE = timedelta(days=14)
# Jobs of up to so many pages are answered while their callers wait.
EXPRESS_PAGES = 5


class JobStatus(StrEnum):
    """A ``draft`` is not yet paid for, ``deleted`` is a tombstone: callers see neither."""

    DRAFT = "draft"
    PENDING = "pending"
    PROCESSING = "processing"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"
    DELETED = "deleted"

    @property
    def is_terminal(self) -> bool:
        return self in (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELED, JobStatus.DELETED)

    @property
    def is_shown(self) -> bool:
        return self not in (JobStatus.DRAFT, JobStatus.DELETED)


class PageStatus(IntEnum):
    """One byte per page: waiting for its turn, due to be published, sent, the same for its translation where
    one was asked for, and how it ended.
    """

    WAITING = ord("w")
    DUE = ord("d")
    SENT = ord("s")
    TO_TRANSLATE = ord("t")
    TRANSLATING = ord("l")
    READ = ord("r")
    FAILED = ord("f")

    @property
    def is_settled(self) -> bool:
        return self in (PageStatus.READ, PageStatus.FAILED)


class Owed(StrEnum):
    """Effects that a saved job still owes, in the order in which they are repeated until they are done.

    ``settle``: charge what was read and give back the rest. ``clean_up``: remove every blob and page.
    """

    ASSEMBLE = "assemble"
    SETTLE = "settle"
    CLEAN_UP = "clean_up"
    ANNOUNCE = "announce"
    DISCARD_PAGES = "discard_pages"


@dataclass(frozen=True, slots=True)
class Source:
    """The file as it was sent; ``filename`` is empty once the job is deleted."""

    key: str
    media_type: MediaType
    size_bytes: int
    filename: str


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What was asked for; ``language`` as the caller wrote it, ``models`` what it means.

    ``translate_to`` is BCP-47. ``extract`` is a JSON Schema, the caller's or that of a tool.
    """

    tier: Tier
    language: str
    models: tuple[str, ...]
    tool: str | None = None
    text_layer: TextLayer = TextLayer.AUTO
    translate_to: str | None = None
    extract: str | None = None


@dataclass(frozen=True, slots=True)
class Correspondence:
    """How a partner who sent a message hears of its job, by the message's own properties.

    ``request_id`` is its ``message_id``. ``correlation_id`` comes back in every event, and each is sent to
    the queue ``reply_to`` as well, where one is named.
    """

    request_id: str
    correlation_id: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """A blob: ``words_bytes`` of pages with their words, one JSON object a line, then ``text_bytes`` of text,
    then ``markdown_bytes`` of Markdown, then the same with comments where pages begin.
    """

    words_key: str
    words_bytes: int
    text_bytes: int
    markdown_bytes: int


@dataclass(frozen=True, slots=True)
class Document:
    """Where the finished document lies: blob keys, and what is told of it without opening them.

    ``key`` is the JSON object that the API shows; from ``members_at`` on come the members besides
    ``pages``, ``text`` and ``markdown``, each with a comma before it, and the closing brace.
    """

    key: str
    members_at: int
    transcript: Transcript
    mean_confidence: float | None
    detected_languages: tuple[str, ...]
    translation: Transcript | None = None
    usage: ModelUsage | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Of every blob that is the document's."""
        translation = (self.translation.words_key,) if self.translation else ()
        return (self.key, self.transcript.words_key, *translation)


def backstop(now: datetime, retention: timedelta) -> datetime:
    """When a sweep may remove what belongs to a job, whatever became of the job itself."""
    return now + retention + BACKSTOP


def new_pages(count: int, affordable: int | None = None) -> bytes:
    """The page bytes of a job that has just been made: waiting, as many as can be paid, the rest failed."""
    waiting = count if affordable is None else affordable
    return bytes([PageStatus.WAITING]) * waiting + bytes([PageStatus.FAILED]) * (count - waiting)
