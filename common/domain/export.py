"""A file that is built of a finished document when somebody asks for it, and kept as long as its job.

Like a job it is written by compare-and-set alone, and applying an event twice changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from common.contracts.events import DocumentExported, ExportFailed
from common.contracts.tasks import ExportFormat
from common.errors import InvalidField


class ExportStatus(StrEnum):
    """Its task has to be published, is published, or has ended in one of two ways."""

    DUE = "due"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_settled(self) -> bool:
        return self in (ExportStatus.DONE, ExportStatus.FAILED)


FORMAT_OF_OPTION = {"pdfa": ExportFormat.PDF, "excel": ExportFormat.CSV}


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """``pdfa``: as PDF/A; ``excel``: with the byte order mark by which Excel knows UTF-8."""

    format: ExportFormat
    pdfa: bool = False
    excel: bool = False

    def __post_init__(self) -> None:
        """Raises InvalidField for an option of another format."""
        check_options(self.format, self._options)

    @property
    def name(self) -> str:
        """One for each file that differs from the others of the job."""
        return "-".join((self.format.value, *self._options))

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
    """Why there is no file: an error's code and its sentence."""

    code: str
    message: str


# --- what can happen to it, besides the worker's events -------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskSent:
    """The broker has confirmed the task with this ticket."""

    ticket: str


@dataclass(frozen=True, slots=True)
class TaskLost:
    """The task is in no queue and with no worker: it must be sent again."""


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """Somebody asks for what could not be built before; ``ticket`` is a fresh one."""

    ticket: str


Event = TaskSent | TaskLost | AskedAgain | DocumentExported | ExportFailed


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
            case AskedAgain() if self.status is ExportStatus.FAILED:
                return replace(self, status=ExportStatus.DUE, ticket=event.ticket, failure=None)
            case DocumentExported() if self._is_open_for(event.ticket):
                artefact = Artefact(event.key, event.size_bytes)
                return replace(self, status=ExportStatus.DONE, artefact=artefact)
            case ExportFailed() if self._is_open_for(event.ticket):
                failure = Failure(event.code, event.message)
                return replace(self, status=ExportStatus.FAILED, failure=failure)
        return self

    def _is_open_for(self, ticket: str) -> bool:
        return not self.status.is_settled and ticket == self.ticket


def artefact_key(job_id: str, name: str, attempt: str) -> str:
    """The blob of one try to build that export: no two tries share one."""
    return f"{job_id}/export/{name}/{attempt}"


def is_artefact(key: str, job_id: str, name: str) -> bool:
    """Whether a try to build that export may have written ``key``."""
    return key.startswith(artefact_key(job_id, name, ""))
