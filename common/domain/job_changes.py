"""What can happen to a job, besides the workers' events, and what is due because of it."""

from dataclasses import dataclass
from datetime import datetime

from common.contracts.events import PageFailed, PageRecognized, PageTranslated, TranslationFailed
from common.domain.job_parts import Correspondence, Document, Owed

# --- events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Accepted:
    """The job's credits are reserved: it is a promise from now on."""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The submission never came to its end: whoever made the draft is gone."""


@dataclass(frozen=True, slots=True)
class WindowOpened:
    """Up to ``size`` pages of the job may be in flight from now on."""

    size: int


@dataclass(frozen=True, slots=True)
class PagesSent:
    """The broker has confirmed the tasks of these pages."""

    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TranslationsSent:
    """The broker has confirmed the tasks to translate these pages."""

    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PagesLost:
    """The tasks that were sent are in no queue and with no worker: they must be sent again."""


@dataclass(frozen=True, slots=True)
class DocumentAssembled:
    document: Document


@dataclass(frozen=True, slots=True)
class GivenUp:
    """What the job owes could not be done, however often it was tried; ``code`` says why."""

    code: str


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """What is not read yet need not be read."""


@dataclass(frozen=True, slots=True)
class DeleteRequested:
    """The owner, or the end of its retention, wants it gone."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Its caller has what became of the job; it may be asked for once more before ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Adopted:
    """A partner asks after the job through the broker, and hears of it that way from now on."""

    correspondence: Correspondence


@dataclass(frozen=True, slots=True)
class EffectDone:
    effect: Owed


Event = (
    PageRecognized
    | PageFailed
    | PageTranslated
    | TranslationFailed
    | Accepted
    | Abandoned
    | WindowOpened
    | PagesSent
    | TranslationsSent
    | PagesLost
    | DocumentAssembled
    | GivenUp
    | CancelRequested
    | DeleteRequested
    | Fetched
    | Adopted
    | EffectDone
)

# --- effects ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SendPages:
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SendTranslations:
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnnouncePages:
    """Tell whoever listens that pages were settled: a hint, given once."""


@dataclass(frozen=True, slots=True)
class PayOwed:
    effect: Owed


Effect = SendPages | SendTranslations | AnnouncePages | PayOwed
