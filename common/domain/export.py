"""A file that is built of a finished document when somebody asks for it, and kept as long as its job.

Like a job it is written by compare-and-set alone, and applying an event twice changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from common.contracts.events import DocumentExported
from common.contracts.tasks import ExportFormat
from common.errors import FleetError, InvalidField, revived


class ExportStatus(StrEnum):
    """Its task has to be published, is published, or has ended in one of two ways."""

    DUE = "due"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_settled(self) -> bool:
        return self in (ExportStatus.DONE, ExportStatus.FAILED)


# For how long a failure is the answer, before another ask has the file tried once more: building it anew
# takes minutes of a worker, and most failures cannot change.
TOLD_FOR = timedelta(minutes=15)
TOLD_FOR_IF_RETRYABLE = timedelta(minutes=1)

FORMAT_OF_OPTION = {"pdfa": ExportFormat.PDF, "excel": ExportFormat.CSV}
# The others show words in their places on the page as it was sent, where a translation has none.
TRANSLATED_FORMATS = (ExportFormat.DOCX, ExportFormat.CSV)


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """``pdfa``: as PDF/A; ``excel``: with the byte order mark by which Excel knows UTF-8; ``translated``: of
    the translation.
    """

    format: ExportFormat
    pdfa: bool = False
    excel: bool = False
    translated: bool = False

    def __post_init__(self) -> None:
        """Raises InvalidField for an option of another format."""
        check_options(self.format, self._options)
        if self.translated and self.format not in TRANSLATED_FORMATS:
            raise InvalidField("translated", "translated=true goes with format=txt, md, docx, csv or json.")

    @property
    def name(self) -> str:
        """One for each file that differs from the others of the job."""
        translated = ("translated",) if self.translated else ()
        return "-".join((self.format.value, *self._options, *translated))

    @property
    def _options(self) -> tuple[str, ...]:
        return tuple(option for option in FORMAT_OF_OPTION if getattr(self, option))


def check_options(format: str, options: Iterable[str]) -> None:
    """Raises InvalidField for an option that goes with another format than ``format``."""
    for option in options:
        if FORMAT_OF_OPTION[option] != format:
            raise InvalidField(option, f"{option}=true goes with format={FORMAT_OF_OPTION[option]} alone.")


@dataclass(frozen=True, slots=True)
class Artefact:
    """The finished file: a blob."""

    key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no file: an error's code and its sentence; ``at`` is when that was recorded."""

    code: str
    message: str
    at: datetime

    @property
    def error(self) -> FleetError:
        return revived(self.code, self.message)

    def is_told(self, now: datetime) -> bool:
        """Whether it is the answer still, or may be tried again."""
        told_for = TOLD_FOR_IF_RETRYABLE if self.error.retryable else TOLD_FOR
        return now < self.at + told_for


# --- what can happen to it, besides the worker's file ---------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskSent:
    """The broker has confirmed the task with this ticket."""

    ticket: str


@dataclass(frozen=True, slots=True)
class TaskLost:
    """The task is in no queue and with no worker: it must be sent again."""


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """Somebody asks, at ``at``, for what could not be built before; ``ticket`` is a fresh one."""

    ticket: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Redriven:
    """An operator has the file built again whose try with the ticket ``failed`` ended in the dead letters,
    however long ago; ``ticket`` is a fresh one.
    """

    failed: str
    ticket: str


@dataclass(frozen=True, slots=True)
class BuildFailed:
    """The try with this ticket has ended without a file."""

    ticket: str
    failure: Failure


Event = TaskSent | TaskLost | AskedAgain | Redriven | BuildFailed | DocumentExported


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """``expires_at`` is when a sweep may remove it, whatever becomes of its job; ``version`` is the
    repository's.
    """

    job_id: str
    request: ExportRequest
    ticket: str
    expires_at: datetime
    status: ExportStatus = ExportStatus.DUE
    artefact: Artefact | None = None
    failure: Failure | None = None
    version: int = 0

    @property
    def name(self) -> str:
        return self.request.name

    def apply(self, event: Event) -> "Export":
        """The export after ``event``; the very same object where the event changes nothing."""
        match event:
            case TaskSent() if self.status is ExportStatus.DUE and event.ticket == self.ticket:
                return replace(self, status=ExportStatus.SENT)
            case TaskLost() if self.status is ExportStatus.SENT:
                return replace(self, status=ExportStatus.DUE)
            case AskedAgain() if self.failure is not None and not self.failure.is_told(event.at):
                return replace(self, status=ExportStatus.DUE, ticket=event.ticket, failure=None)
            case Redriven() if self.failure is not None and event.failed == self.ticket:
                return replace(self, status=ExportStatus.DUE, ticket=event.ticket, failure=None)
            case DocumentExported() if self._is_open_for(event.ticket):
                artefact = Artefact(event.key, event.size_bytes)
                return replace(self, status=ExportStatus.DONE, artefact=artefact)
            case BuildFailed() if self._is_open_for(event.ticket):
                return replace(self, status=ExportStatus.FAILED, failure=event.failure)
        return self

    def _is_open_for(self, ticket: str) -> bool:
        return not self.status.is_settled and ticket == self.ticket


def artefact_key(job_id: str, name: str, attempt: str) -> str:
    """The blob of one try to build that export: no two tries share one, and those of one ticket begin with it
    and a slash.
    """
    return f"{job_id}/export/{name}/{attempt}"


def is_artefact(key: str, job_id: str, name: str) -> bool:
    """Whether a try to build that export may have written ``key``."""
    return key.startswith(artefact_key(job_id, name, ""))
