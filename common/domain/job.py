"""The job: one file on its way from ``pending`` to ``done`` or ``failed``.

``Job.apply(event, now)`` decides; it never does. It returns the job as it is afterwards and the
effects that are due because of it. Applying an event twice, late or out of order changes nothing
the second time, so everything around it may be repeated.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from common.contracts.events import PageFailed, PageRecognized
from common.contracts.tasks import Lane, MediaType, Tier

BACKSTOP = timedelta(days=7)


class JobStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_terminal(self) -> bool:
        return self in (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELED)


class TextLayer(StrEnum):
    """Whether a PDF page's own text is used where it is trustworthy."""

    AUTO = "auto"
    IGNORE = "ignore"


class PageStatus(IntEnum):
    """One byte per page: waiting for its turn, due to be published, sent, and how it ended."""

    WAITING = ord("w")
    DUE = ord("d")
    SENT = ord("s")
    READ = ord("r")
    FAILED = ord("f")

    @property
    def is_settled(self) -> bool:
        return self in (PageStatus.READ, PageStatus.FAILED)

    @property
    def is_in_flight(self) -> bool:
        return self in (PageStatus.DUE, PageStatus.SENT)


class Owed(StrEnum):
    """Effects that a saved job still owes: repeated until they are known to be done."""

    ASSEMBLE = "assemble"
    ANNOUNCE = "announce"
    DISCARD_PAGES = "discard_pages"


# --- what a job is made of ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """The file as it was sent."""

    key: str
    media_type: MediaType
    size_bytes: int
    filename: str


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What was asked for; ``language`` as the caller wrote it, ``models`` what it means."""

    tier: Tier
    language: str
    models: tuple[str, ...]
    tool: str | None = None
    text_layer: TextLayer = TextLayer.AUTO


@dataclass(frozen=True, slots=True)
class Document:
    """Where the finished document lies: blob keys, and what is told of it without opening them."""

    key: str
    words_key: str
    mean_confidence: float | None
    detected_languages: tuple[str, ...]


# --- what can happen to it, besides the workers' events -----------------------------------------


@dataclass(frozen=True, slots=True)
class WindowOpened:
    """Up to ``size`` pages of the job may be in flight from now on."""

    size: int


@dataclass(frozen=True, slots=True)
class PagesSent:
    """The broker has confirmed the tasks of these pages."""

    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PagesLost:
    """The tasks that were sent are in no queue and with no worker: they must be sent again."""


@dataclass(frozen=True, slots=True)
class DocumentAssembled:
    document: Document


@dataclass(frozen=True, slots=True)
class EffectDone:
    effect: Owed


Event = PageRecognized | PageFailed | WindowOpened | PagesSent | PagesLost | DocumentAssembled | EffectDone


# --- what is due because of it ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SendPages:
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnnouncePages:
    """Tell whoever listens that pages were settled: a hint, given once."""


@dataclass(frozen=True, slots=True)
class PayOwed:
    effect: Owed


Effect = SendPages | AnnouncePages | PayOwed


@dataclass(frozen=True, slots=True)
class Step:
    """The job after an event, and the effects that this very event made due."""

    job: "Job"
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``pages`` holds one ``PageStatus`` byte per selected page; ``settled`` their indexes in the order
    in which they were settled; ``failures`` the error code of each failed one.

    ``retention`` is counted from the end of the job. ``version`` is the repository's.
    """

    id: str
    account_id: str
    ticket: str
    source: Source
    request: JobRequest
    source_pages: tuple[int, ...]
    lane: Lane
    pages: bytes
    created_at: datetime
    retention: timedelta
    version: int = 0
    status: JobStatus = JobStatus.PENDING
    settled: tuple[int, ...] = ()
    failures: dict[int, str] = field(default_factory=dict)
    owed: frozenset[Owed] = frozenset()
    document: Document | None = None
    error: str | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def page_count(self) -> int:
        return len(self.pages)

    @property
    def pages_done(self) -> int:
        return len(self.settled)

    @property
    def is_settled(self) -> bool:
        return len(self.settled) == len(self.pages)

    def apply(self, event: Event, now: datetime) -> Step:
        """The job after ``event``; the very same object where the event changes nothing."""
        match event:
            case PageRecognized() if event.ticket == self.ticket:
                return self._settle(event.page_index, PageStatus.READ, None, now)
            case PageFailed() if event.ticket == self.ticket:
                return self._settle(event.page_index, PageStatus.FAILED, event.code, now)
            case WindowOpened():
                return self._open_window(event.size)
            case PagesSent():
                return self._mark_sent(event.indexes)
            case PagesLost():
                return self._resend()
            case DocumentAssembled():
                return self._finish(event.document, now)
            case EffectDone():
                return self._clear(event.effect)
        return Step(self)

    def apply_all(self, events: Iterable[Event], now: datetime) -> Step:
        """``apply`` for one event after the other, with all their effects."""
        job, effects = self, list[Effect]()
        for event in events:
            step = job.apply(event, now)
            job = step.job
            effects.extend(step.effects)
        return Step(job, tuple(effects))

    @property
    def is_at_rest(self) -> bool:
        """Nothing is left to happen to the job, nor to be done for it."""
        return self.status.is_terminal and not self.owed

    def outstanding(self) -> tuple[Effect, ...]:
        """Every effect that is still due or owed, for whoever repeats them after a crash."""
        due = self._with_status(PageStatus.DUE)
        send: tuple[Effect, ...] = (SendPages(due),) if due else ()
        return send + tuple(PayOwed(effect) for effect in sorted(self.owed))

    def _settle(self, index: int, outcome: PageStatus, code: str | None, now: datetime) -> Step:
        if self.status.is_terminal or index >= self.page_count or PageStatus(self.pages[index]).is_settled:
            return Step(self)
        job = replace(
            self,
            status=JobStatus.PROCESSING,
            pages=_with_bytes(self.pages, (index,), outcome),
            settled=(*self.settled, index),
            failures={**self.failures, index: code} if code else self.failures,
        )
        if not job.is_settled:
            return Step(job, (AnnouncePages(),))
        if len(job.failures) == job.page_count:
            return job._end(JobStatus.FAILED, now, error=_first_failure(job.failures))
        owed = replace(job, owed=job.owed | {Owed.ASSEMBLE})
        return Step(owed, (AnnouncePages(), PayOwed(Owed.ASSEMBLE)))

    def _open_window(self, size: int) -> Step:
        if self.status.is_terminal:
            return Step(self)
        in_flight = len(self._with_status(PageStatus.DUE)) + len(self._with_status(PageStatus.SENT))
        next_pages = self._with_status(PageStatus.WAITING, limit=size - in_flight)
        if not next_pages:
            return Step(self)
        job = replace(self, pages=_with_bytes(self.pages, next_pages, PageStatus.DUE))
        return Step(job, (SendPages(next_pages),))

    def _mark_sent(self, indexes: tuple[int, ...]) -> Step:
        due = tuple(index for index in indexes if self.pages[index] == PageStatus.DUE)
        if not due:
            return Step(self)
        return Step(replace(self, pages=_with_bytes(self.pages, due, PageStatus.SENT)))

    def _resend(self) -> Step:
        lost = self._with_status(PageStatus.SENT)
        if self.status.is_terminal or not lost:
            return Step(self)
        return Step(replace(self, pages=_with_bytes(self.pages, lost, PageStatus.DUE)), (SendPages(lost),))

    def _finish(self, document: Document, now: datetime) -> Step:
        if self.status.is_terminal or Owed.ASSEMBLE not in self.owed:
            return Step(self)
        return replace(self, document=document, owed=self.owed - {Owed.ASSEMBLE})._end(JobStatus.DONE, now)

    def _end(self, status: JobStatus, now: datetime, error: str | None = None) -> Step:
        last = (Owed.ANNOUNCE, Owed.DISCARD_PAGES)
        job = replace(
            self,
            status=status,
            error=error,
            finished_at=now,
            expires_at=now + self.retention,
            owed=self.owed | set(last),
        )
        return Step(job, tuple(PayOwed(effect) for effect in last))

    def _clear(self, effect: Owed) -> Step:
        if effect not in self.owed:
            return Step(self)
        return Step(replace(self, owed=self.owed - {effect}))

    def _with_status(self, status: PageStatus, limit: int | None = None) -> tuple[int, ...]:
        """The first ``limit`` pages in that status, or all of them; none for a limit below 1."""
        found: list[int] = []
        start = self.pages.find(status)
        while start >= 0 and (limit is None or len(found) < limit):
            found.append(start)
            start = self.pages.find(status, start + 1)
        return tuple(found)


def backstop(now: datetime, retention: timedelta) -> datetime:
    """When a sweep may remove what belongs to a job, whatever became of the job itself."""
    return now + retention + BACKSTOP


def new_pages(count: int) -> bytes:
    """The page bytes of a job that has just been made: all waiting."""
    return bytes([PageStatus.WAITING]) * count


def _with_bytes(pages: bytes, indexes: Iterable[int], status: PageStatus) -> bytes:
    changed = bytearray(pages)
    for index in indexes:
        changed[index] = status
    return bytes(changed)


def _first_failure(failures: dict[int, str]) -> str:
    return failures[min(failures)]
