"""The job: one file on its way from ``pending`` to ``done`` or ``failed``.

``Job.apply(event, now)`` decides; it never does. It returns the job as it is afterwards and the
effects that are due because of it. Applying an event twice, late or out of order changes nothing
the second time, so everything around it may be repeated.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from common.contracts.events import PageFailed, PageRecognized, PageTranslated, TranslationFailed
from common.contracts.tasks import Death, Lane
from common.document.translation import translatable
from common.domain.credits import Charge, Kind
from common.domain.job_changes import (
    Abandoned,
    Accepted,
    Adopted,
    AnnouncePages,
    CancelRequested,
    DeleteRequested,
    DocumentAssembled,
    Effect,
    EffectDone,
    Event,
    Fetched,
    GivenUp,
    PagesLost,
    PagesSent,
    PayOwed,
    SendPages,
    SendTranslations,
    TranslationsSent,
    WindowOpened,
)
from common.domain.job_parts import (
    EXPRESS_PAGES,
    TOMBSTONE,
    Correspondence,
    Document,
    JobRequest,
    JobStatus,
    Owed,
    PageStatus,
    Source,
)
from common.errors import MaxCostReached, PageError, SubmissionAbandoned

_UNREAD = frozenset({PageStatus.WAITING, PageStatus.DUE, PageStatus.SENT})
_UNTRANSLATED = frozenset({PageStatus.TO_TRANSLATE, PageStatus.TRANSLATING})
_IN_FLIGHT = frozenset({PageStatus.DUE, PageStatus.SENT}) | _UNTRANSLATED


@dataclass(frozen=True, slots=True)
class Step:
    """The job after an event, and the effects that this very event made due."""

    job: "Job"
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``pages`` holds one ``PageStatus`` byte per selected page; ``settled`` their indexes in the order
    in which they were settled; ``failures`` the error code of each failed one, and ``untranslated`` that of
    each one which was read but could not be translated.

    ``retention`` is counted from the end of the job; one that ``goes_once_fetched`` is not kept that long if
    it is fetched. A tombstone's ``expires_at`` is when it may go itself.
    ``credits_per_page`` is the price on the day of the submission, and ``credits_per_translation`` what comes
    to it for each page that was ``translated``. ``deaths`` of a job that was made of dead letters: those of
    each page, the last one last. ``correspondence`` is that of a job which a partner sent, or asked after,
    through the broker. ``version`` is the repository's.
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
    goes_once_fetched: bool = False
    credits_per_page: int = 1
    credits_per_translation: int = 0
    version: int = 0
    status: JobStatus = JobStatus.PENDING
    settled: tuple[int, ...] = ()
    failures: dict[int, str] = field(default_factory=dict)
    untranslated: dict[int, str] = field(default_factory=dict)
    translated: tuple[int, ...] = ()
    deaths: dict[int, tuple[Death, ...]] = field(default_factory=dict)
    owed: frozenset[Owed] = frozenset()
    correspondence: Correspondence | None = None
    document: Document | None = None
    error: str | None = None
    finished_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def page_count(self) -> int:
        return len(self.pages)

    @property
    def is_long(self) -> bool:
        """It has more pages than the express lane takes."""
        return self.page_count > EXPRESS_PAGES

    @property
    def pages_done(self) -> int:
        return len(self.settled)

    @property
    def pages_read(self) -> int:
        return self.pages.count(PageStatus.READ)

    @property
    def indexes_read(self) -> tuple[int, ...]:
        return self._with_status(PageStatus.READ)

    @property
    def credits_reserved(self) -> int:
        """For the pages that are to be read: not for those beyond what the caller wanted to spend."""
        refused = sum(code == MaxCostReached.code for code in self.failures.values())
        return (self.page_count - refused) * (self.credits_per_page + self.credits_per_translation)

    @property
    def charges(self) -> tuple[Charge, ...]:
        """For what was read and translated, and nothing for a job that failed, also once that is deleted;
        final once it has ended.
        """
        read, translated = ((), ()) if self.error else (self.indexes_read, tuple(sorted(self.translated)))
        pages = Charge(Kind.PAGES, len(read) * self.credits_per_page, read)
        if self.request.translate_to is None:
            return (pages,)
        return (pages, Charge(Kind.TRANSLATION, len(translated) * self.credits_per_translation, translated))

    @property
    def credits_charged(self) -> int:
        return sum(charge.credits for charge in self.charges)

    @property
    def is_request_under_way(self) -> bool:
        """It came through the broker, was promised, and takes one of its partner's places. Drafts do not: one
        whose front has ended stays for minutes.
        """
        return self.correspondence is not None and self._is_open

    @property
    def is_settled(self) -> bool:
        return len(self.settled) == len(self.pages)

    @property
    def is_promised(self) -> bool:
        """Its client was told of it, or will be; a draft is no promise, nor one that was abandoned."""
        return self.status is not JobStatus.DRAFT and self.error != SubmissionAbandoned.code

    def apply(self, event: Event, now: datetime) -> Step:
        """The job after ``event``; the very same object where the event changes nothing."""
        match event:
            case PageRecognized() if event.ticket == self.ticket and self._awaits(event.page_index, _UNREAD):
                if self.request.translate_to and translatable(event.page):
                    return self._go_on_to_translate(event.page_index)
                return self._settle(event.page_index, PageStatus.READ, now)
            case PageFailed() if event.ticket == self.ticket and self._awaits(event.page_index, _UNREAD):
                failed = replace(self, failures={**self.failures, event.page_index: _told_by_a_worker(event)})
                return failed._settle(event.page_index, PageStatus.FAILED, now)
            case PageTranslated() if event.ticket == self.ticket and self._awaits(
                event.page_index, _UNTRANSLATED
            ):
                done = replace(self, translated=(*self.translated, event.page_index))
                return done._settle(event.page_index, PageStatus.READ, now)
            case TranslationFailed() if event.ticket == self.ticket and self._awaits(
                event.page_index, _UNTRANSLATED
            ):
                read = replace(self, untranslated={**self.untranslated, event.page_index: event.code})
                return read._settle(event.page_index, PageStatus.READ, now)
            case Accepted():
                return self._accept()
            case Abandoned():
                return self._abandon(now)
            case WindowOpened():
                return self._open_window(event.size)
            case PagesSent():
                return self._mark(event.indexes, PageStatus.DUE, PageStatus.SENT)
            case TranslationsSent():
                return self._mark(event.indexes, PageStatus.TO_TRANSLATE, PageStatus.TRANSLATING)
            case PagesLost():
                return self._resend()
            case DocumentAssembled():
                return self._finish(event.document, now)
            case GivenUp() if Owed.ASSEMBLE in self.owed:
                return self._end(JobStatus.FAILED, now, error=event.code)
            case CancelRequested():
                return self._cancel(now)
            case DeleteRequested():
                return self._bury(now)
            case Fetched():
                return self._let_go(event.until)
            case Adopted() if self.status.is_shown and self.correspondence != event.correspondence:
                return Step(replace(self, correspondence=event.correspondence))
            case EffectDone():
                return self._clear(event.effect)
        return Step(self)

    def apply_all(self, events: Iterable[Event], now: datetime) -> Step:
        """``apply`` for one event after the other, with all their effects: hints once, and last."""
        job, effects = self, list[Effect]()
        for event in events:
            step = job.apply(event, now)
            job = step.job
            effects.extend(step.effects)
        hints = [effect for effect in effects if isinstance(effect, AnnouncePages)]
        rest = [effect for effect in effects if not isinstance(effect, AnnouncePages)]
        return Step(job, (*rest, *hints[:1]))

    @property
    def is_at_rest(self) -> bool:
        """Nothing is left to happen to the job, nor to be done for it."""
        return self.status.is_terminal and not self.owed

    @property
    def told_status(self) -> JobStatus:
        """As its owner is told: who deletes a job before its end has canceled it."""
        return JobStatus.CANCELED if self.status is JobStatus.DELETED else self.status

    def is_expired(self, now: datetime) -> bool:
        """Its time is over, whether it has been deleted yet or not."""
        return self.status.is_terminal and self.expires_at is not None and self.expires_at <= now

    def outstanding(self) -> tuple[Effect, ...]:
        """Every effect that is still due or owed, for whoever repeats them after a crash."""
        return self._unsent() + tuple(PayOwed(effect) for effect in Owed if effect in self.owed)

    def _unsent(self) -> tuple[Effect, ...]:
        due, to_translate = self._with_status(PageStatus.DUE), self._with_status(PageStatus.TO_TRANSLATE)
        pages: tuple[Effect, ...] = (SendPages(due),) if due else ()
        return (*pages, SendTranslations(to_translate)) if to_translate else pages

    def _accept(self) -> Step:
        if self.status is not JobStatus.DRAFT:
            return Step(self)
        return Step(replace(self, status=JobStatus.PENDING))

    def _abandon(self, now: datetime) -> Step:
        """Nobody was told of a draft, and a partner's next message with its id may be another job."""
        if self.status is not JobStatus.DRAFT:
            return Step(self)
        return self._end(JobStatus.FAILED, now, error=SubmissionAbandoned.code, is_told=False)

    def _awaits(self, index: int, statuses: frozenset[PageStatus]) -> bool:
        return self._is_open and index < self.page_count and self.pages[index] in statuses

    def _go_on_to_translate(self, index: int) -> Step:
        pages = _with_bytes(self.pages, (index,), PageStatus.TO_TRANSLATE)
        job = replace(self, status=JobStatus.PROCESSING, pages=pages)
        return Step(job, (SendTranslations((index,)),))

    def _settle(self, index: int, outcome: PageStatus, now: datetime) -> Step:
        job = replace(
            self,
            status=JobStatus.PROCESSING,
            pages=_with_bytes(self.pages, (index,), outcome),
            settled=(*self.settled, index),
        )
        if not job.is_settled:
            return Step(job, (AnnouncePages(),))
        if len(job.failures) == job.page_count:
            return job._end(JobStatus.FAILED, now, error=_first_failure(job.failures))
        owed = replace(job, owed=job.owed | {Owed.ASSEMBLE})
        return Step(owed, (AnnouncePages(), PayOwed(Owed.ASSEMBLE)))

    def _open_window(self, size: int) -> Step:
        if not self._is_open:
            return Step(self)
        in_flight = sum(self.pages.count(status) for status in _IN_FLIGHT)
        next_pages = self._with_status(PageStatus.WAITING, limit=size - in_flight)
        if not next_pages:
            return Step(self)
        job = replace(self, pages=_with_bytes(self.pages, next_pages, PageStatus.DUE))
        return Step(job, (SendPages(next_pages),))

    def _mark(self, indexes: tuple[int, ...], before: PageStatus, after: PageStatus) -> Step:
        due = tuple(index for index in indexes if self.pages[index] == before)
        if not due:
            return Step(self)
        return Step(replace(self, pages=_with_bytes(self.pages, due, after)))

    def _resend(self) -> Step:
        sent, translating = self._with_status(PageStatus.SENT), self._with_status(PageStatus.TRANSLATING)
        if not (self._is_open and (sent or translating)):
            return Step(self)
        due = _with_bytes(self.pages, sent, PageStatus.DUE)
        job = replace(self, pages=_with_bytes(due, translating, PageStatus.TO_TRANSLATE))
        return Step(job, job._unsent())

    def _finish(self, document: Document, now: datetime) -> Step:
        if Owed.ASSEMBLE not in self.owed:
            return Step(self)
        return replace(self, document=document)._end(JobStatus.DONE, now)

    def _cancel(self, now: datetime) -> Step:
        if not self._is_open:
            return Step(self)
        return self._end(JobStatus.CANCELED, now)

    def _bury(self, now: datetime) -> Step:
        """Only what the books need stays of the job. One that had not ended is told as canceled."""
        if self.status in (JobStatus.DRAFT, JobStatus.DELETED):
            return Step(self)
        settle = (Owed.SETTLE,) if self._is_open or Owed.SETTLE in self.owed else ()
        announce = (Owed.ANNOUNCE,) if self._is_open else ()
        owed = (*settle, Owed.CLEAN_UP, *announce)
        job = replace(
            self,
            status=JobStatus.DELETED,
            source=replace(self.source, filename=""),
            request=replace(self.request, extract=None),
            correspondence=self.correspondence if announce else None,
            document=None,
            owed=frozenset(owed),
            finished_at=self.finished_at or now,
            expires_at=now + TOMBSTONE,
        )
        return Step(job, tuple(PayOwed(effect) for effect in owed))

    def _let_go(self, until: datetime) -> Step:
        """The first fetch counts: no later one keeps the job for longer."""
        is_kept = self.status.is_terminal and self.status is not JobStatus.DELETED
        if not (self.goes_once_fetched and is_kept and self.expires_at and until < self.expires_at):
            return Step(self)
        return Step(replace(self, expires_at=until))

    @property
    def _is_open(self) -> bool:
        """Pages may be sent and settled."""
        return self.status in (JobStatus.PENDING, JobStatus.PROCESSING)

    def _end(
        self, status: JobStatus, now: datetime, error: str | None = None, *, is_told: bool = True
    ) -> Step:
        told = (Owed.ANNOUNCE,) if is_told else ()
        last = (Owed.SETTLE, *told, Owed.DISCARD_PAGES)
        job = replace(
            self,
            status=status,
            error=error,
            finished_at=now,
            expires_at=now + self.retention,
            owed=frozenset(last),
        )
        return Step(job, tuple(PayOwed(effect) for effect in last))

    def _clear(self, effect: Owed) -> Step:
        if effect not in self.owed:
            return Step(self)
        job = replace(self, owed=self.owed - {effect})
        if effect is Owed.ANNOUNCE and self.status is JobStatus.DELETED:
            job = replace(job, correspondence=None)
        return Step(job)

    def _with_status(self, status: PageStatus, limit: int | None = None) -> tuple[int, ...]:
        """The first ``limit`` pages in that status, or all of them; none for a limit below 1."""
        found: list[int] = []
        start = self.pages.find(status)
        while start >= 0 and (limit is None or len(found) < limit):
            found.append(start)
            start = self.pages.find(status, start + 1)
        return tuple(found)


def _told_by_a_worker(event: PageFailed) -> str:
    """No worker can say that a page was never to be paid for."""
    return PageError.code if event.code == MaxCostReached.code else event.code


def _with_bytes(pages: bytes, indexes: Iterable[int], status: PageStatus) -> bytes:
    changed = bytearray(pages)
    for index in indexes:
        changed[index] = status
    return bytes(changed)


def _first_failure(failures: dict[int, str]) -> str:
    return failures[min(failures)]
