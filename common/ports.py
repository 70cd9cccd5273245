"""What services and workers need from the outside world, as small protocols.

Every method may raise ``common.errors.Unavailable`` when its system cannot be reached; an outcome
that is unknown (a time-out after sending) is raised as that too, so callers repeat or read again.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from common.contracts.events import AnswerPart
from common.contracts.job_events import JobAnnounced, JobHint
from common.contracts.message import Message
from common.contracts.submit import SubmitMessage
from common.contracts.tasks import MediaType, Tier
from common.document.page import Page
from common.domain.account import Account, Token
from common.domain.books import Books, Row
from common.domain.claim import Claim
from common.domain.conversation import Conversation, Turn
from common.domain.credits import Settlement, Statement
from common.domain.export import Export
from common.domain.job import Job
from common.domain.job_parts import JobStatus
from common.domain.plans import Plan
from common.domain.rates import Quota, Standing
from common.domain.usage import Usage
from common.tracing import Carrier


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a job stands among those of its account: by when it was made, then by its id."""

    created_at: datetime
    job_id: str


@dataclass(frozen=True, slots=True)
class OpenJobs:
    """How many jobs are in one state, and when the oldest of them was made."""

    jobs: int
    oldest: datetime


class JobRepository(Protocol):
    async def add(self, job: Job) -> None:
        """Store a new job; storing the same job again is harmless."""

    async def get(self, job_id: str) -> Job | None: ...

    async def save(self, job: Job) -> Job | None:
        """Replace the stored job if it still has ``job.version``.

        Returns the job with its new version, or None when somebody else was first: read and decide again.
        """

    async def count_requests(self, account_id: str, tier: Tier) -> tuple[int, int]:
        """How many of a partner's jobs of the tier that came through the broker are under way: short ones,
        long ones.
        """

    async def count_active(self, tier: Tier) -> int:
        """How many jobs of the tier are neither done nor failed nor canceled."""

    async def open(self) -> Mapping[JobStatus, OpenJobs]:
        """The jobs that were accepted and have not ended, by state; without states that none is in."""

    async def of_account(
        self, account_id: str, limit: int, *, before: Place | None, now: datetime
    ) -> Sequence[Job]:
        """Up to ``limit`` jobs of the account that are shown, newest first, all made before ``before``."""

    async def remove(self, job: Job) -> None:
        """Forget a draft or a tombstone, unless it has changed since ``job.version``."""

    async def expired(self, now: datetime) -> Sequence[str]:
        """The ids of jobs at rest whose time is over: results to be deleted, tombstones to be removed."""

    async def restless(self) -> Mapping[str, int]:
        """The version, by id, of each job to or for which something has yet to happen."""


@dataclass(frozen=True, slots=True)
class PageBody:
    """What was found on one page of a job, until the whole document is assembled."""

    job_id: str
    index: int
    page: Page


class PageRepository(Protocol):
    async def add_many(self, bodies: Sequence[PageBody], *, expires_at: datetime) -> None:
        """Store the bodies; of several for one page the first stays. ``expires_at`` as for blobs."""

    async def read(self, job_id: str, indexes: Sequence[int]) -> Sequence[PageBody]:
        """The bodies there are for these pages, by index."""

    async def discard(self, job_id: str, page_count: int) -> None: ...


class ExportRepository(Protocol):
    async def add(self, export: Export) -> bool:
        """Store a new export; False when its job has one of that name already."""

    async def get(self, job_id: str, name: str) -> Export | None: ...

    async def save(self, export: Export) -> Export | None:
        """Replace the stored export if it still has ``export.version``.

        Returns the export with its new version, or None when somebody else was first.
        """

    async def discard(self, job_id: str) -> None:
        """Forget every export of the job; not their blobs."""

    async def unsettled(self) -> Sequence[Export]:
        """Every export that is due or sent."""


class ConversationRepository(Protocol):
    async def add(self, conversation: Conversation) -> bool:
        """Store a new conversation; False when there is one of that id already."""

    async def get(self, conversation_id: str) -> Conversation | None: ...

    async def save(self, conversation: Conversation) -> Conversation | None:
        """Replace the stored conversation if it still has ``conversation.version``.

        Returns it with its new version, or None when somebody else was first.
        """

    async def turn(self, conversation_id: str, question_id: str) -> Turn | None:
        """One question of the conversation, without reading the others."""

    async def of_job(self, job_id: str) -> Sequence[str]:
        """The ids of the job's conversations, the one that was begun first before the others."""

    async def count_restless(self, account_id: str) -> int:
        """In how many conversations of the account something has yet to happen."""

    async def remove(self, conversation: Conversation) -> bool:
        """Forget the conversation; False when it has changed since ``conversation.version``."""

    async def restless(self) -> Mapping[str, int]:
        """The version, by id, of each conversation in which something has yet to happen."""


class AccountRepository(Protocol):
    async def add(self, account: Account) -> bool:
        """Store a new account; False when its name is taken."""

    async def lodge(self, account: Account, until: datetime) -> None:
        """Store a visitor's account if it is not there; in any case it is not forgotten before ``until``."""

    async def forget_visitors(self, now: datetime) -> int:
        """Remove visitors' accounts whose time is over, unless something of them is set aside, was bought, or
        was said by an operator: suspended, on another plan. Returns how many.
        """

    async def get(self, account_id: str) -> Account | None: ...

    async def list(self) -> Sequence[Account]: ...

    async def suspend(self, account_id: str, *, suspended: bool) -> None:
        """Lock an account out, or let it in again; nothing happens to one that is not there."""

    async def partners(self) -> Sequence[Account]:
        """Those whose requests come through the broker, too, by name."""

    async def set_partner(self, account_id: str, since: datetime | None) -> None:
        """Make an account a partner's, or none; nothing happens to one that is not there."""

    async def change_plan(self, account_id: str, plan: Plan) -> None:
        """Put an account on another plan; nothing happens to one that is not there."""

    async def shared_secret(self, proposed: str) -> str:
        """A secret that all replicas share: the first one that was ever proposed."""

    async def add_token(self, token: Token) -> None: ...

    async def token(self, digest: str) -> Token | None: ...

    async def list_tokens(self, account_id: str) -> Sequence[Token]: ...

    async def valid_tokens(self, account_id: str) -> Sequence[Token]:
        """Those that are not revoked, the oldest first."""

    async def revoke_token(self, digest: str, now: datetime) -> bool:
        """False when it was revoked before, or is not there."""

    async def restore_token(self, digest: str, revoked_at: datetime) -> None:
        """Undo what was done to it at that moment."""

    async def remove_token(self, digest: str) -> None:
        """One that nobody was told of."""

    async def forget_revoked(self, before: datetime) -> int:
        """Remove those that were revoked before then; how many."""

    async def note_use(self, token: Token, now: datetime) -> None:
        """Remember when the token was last used, unless somebody else has since it was read."""


class SignUpStore(Protocol):
    async def count(self, key: str, limit: int, *, expires_at: datetime) -> bool:
        """One more of ``key``; False, and not counted, once there are ``limit``; later forgotten."""


class UsageStore(Protocol):
    async def by_day(self, account_id: str, since: datetime, until: datetime) -> Sequence[Usage]:
        """What the ledger says was charged from ``since`` until before ``until``, by day and kind."""


class CreditStore(Protocol):
    """Credits of accounts, by the ``id`` of the job or the question that they are for.

    Of several calls for the same id only the first one counts.
    """

    async def reserve(
        self, account: Account, id: str, credits: int, now: datetime, *, is_job: bool = False
    ) -> None:
        """Set ``credits`` aside, and for a job one of the places that the plan has for jobs, until its end.

        Raises OutOfCredits and TooManyJobs, and then nothing was set aside.
        """

    async def settle(self, settlement: Settlement) -> None:
        """Write a row for each charge into the ledger, and give back what was reserved beyond them.

        What nothing is reserved for is written down as free.
        """

    async def top_up(self, account_id: str, credits: int, reference: str, now: datetime) -> bool:
        """Add bought credits, once for each ``reference``; False when it had counted before."""

    async def statement(self, account: Account, now: datetime) -> Statement: ...

    def open_since(self, before: datetime) -> AsyncIterator[tuple[str, str, datetime]]:
        """Account, id and moment of each reservation that was made earlier and is not settled."""


class Ledger(Protocol):
    """What the books rest on."""

    def books(self) -> AsyncIterator[Books]:
        """Those of every account, each as it is at its moment."""

    def rows(self, account_id: str) -> AsyncIterator[Row]:
        """All of the account: at least those that count in books which were read before."""


class ClaimStore(Protocol):
    """Idempotency keys in use, each changed by compare-and-set."""

    async def get(self, account_id: str, key: str) -> Claim | None: ...

    async def add(self, claim: Claim) -> bool:
        """Store a new claim; False when there is one for that key already."""

    async def save(self, claim: Claim, before: Claim) -> bool:
        """Replace the claim ``before``; False when its owner or its job is another by now."""

    async def renew(self, claim: Claim, held_until: datetime) -> bool:
        """Change nothing but until when it is held; False when it has another owner by now."""

    async def remove(self, claim: Claim) -> None:
        """Free the key, unless it has another owner by now."""

    async def forget(self, job_id: str) -> None:
        """Free every key that this job came of."""


class BlobStore(Protocol):
    async def write(self, key: str, chunks: AsyncIterable[bytes], *, expires_at: datetime) -> int:
        """Store a new blob; returns its bytes. A failed write leaves nothing behind.

        ``key`` is fresh and starts with "<job id>/"; ``expires_at`` is when a sweep may remove it at
        the latest, whatever becomes of the job.
        """

    def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The blob's bytes from ``start`` up to ``end`` (exclusive), in chunks.

        Raises SourceMissing when there is no such blob.
        """

    async def present(self, keys: Sequence[str]) -> Collection[str]:
        """Those of the keys under which there is a blob."""

    async def delete(self, key: str) -> None:
        """Remove the blob; removing what is not there is harmless."""

    async def delete_under(self, prefix: str, *, keep: str | None = None) -> None:
        """Remove every blob but ``keep`` whose key begins with ``prefix``, which ends with a slash; also what
        an interrupted write left. A write under way is spoilt.
        """

    async def delete_all(self, job_id: str) -> None:
        """Remove every blob of the job."""


class Publisher(Protocol):
    async def publish(
        self, message: Message, exchange: str, routing_key: str, *, correlation_id: str, attempt: int = 0
    ) -> None:
        """Returns once the broker has confirmed that it holds the message in at least one queue.

        Only news of jobs may match no queue at all: nobody had asked for it. News that a queue refuses, and a
        part of an answer that matches none, raise NobodyListens. ``attempt`` is how many tries of a task
        have failed before.
        """


class PartnerAccess(Protocol):
    """What partners may do at the broker, by account. Takes an administrator of it: raises
    ManagementUnavailable, and ManagementRefused for anybody else.
    """

    async def accounts(self) -> Sequence[str]:
        """Those that have a broker user."""

    async def identify(self, account: str, password: str) -> None:
        """Give the account's user that password; one that is new may do nothing yet."""

    async def allow(self, account: str) -> None:
        """Let the account's user do what partners do, within limits; those that it has already stay."""

    async def renew(self, account: str, password: str) -> None:
        """Give the user that there is another password, and end whatever is connected with the old one; it
        may do nothing until it is allowed to again, within the limits that it had.
        """

    async def shut_out(self, account: str) -> bool:
        """Remove the user, and with it its connections; False when there was none."""

    async def clear(self, account: str) -> int:
        """Remove the queues and exchanges that the partner has declared; how many."""


@dataclass(frozen=True, slots=True)
class IntakeQueue:
    """How many messages nobody has taken yet, and how many consumers there are."""

    waiting: int
    readers: int


class IntakeQueues(Protocol):
    """The queues in which partners' requests wait, by account. All raise BrokerUnavailable."""

    async def make(self, account: str) -> bool:
        """False when there was one already."""

    async def look(self, account: str) -> IntakeQueue | None: ...

    async def remove(self, account: str) -> int:
        """With the messages in it, of which it tells how many; removing what is not there is harmless."""


class RequestDelivery(Protocol):
    """A partner's message with its settlement, as a ``Delivery`` has it."""

    @property
    def message(self) -> SubmitMessage: ...

    @property
    def is_lost(self) -> bool:
        """The connection it came on is gone; somebody will be given it again."""

    def release_body(self) -> None:
        """It is kept elsewhere by now: ``message`` has none any more."""

    async def ack(self) -> None: ...


class RequestQueue(Protocol):
    async def next(self) -> RequestDelivery:
        """Waits for one whose connection is not lost. Raises BrokerUnavailable once there is no queue."""


class RequestQueues(Protocol):
    def reading(self, account_id: str) -> AbstractAsyncContextManager[RequestQueue]:
        """A partner's intake queue, made where it is missing. What is not settled when the context is left
        is given to somebody else. Raises BrokerUnavailable.
        """


class Delivery(Protocol):
    """A received message with its settlement. Settling twice, or after a lost connection, is harmless."""

    @property
    def attempt(self) -> int:
        """How many tries a worker has seen fail before."""

    @property
    def waited_s(self) -> float | None:
        """Seconds since it was published, by the clocks of two hosts; None where it does not say."""

    @property
    def redelivered(self) -> bool: ...

    @property
    def routing_key(self) -> str: ...

    @property
    def trace(self) -> Carrier:
        """What it came from, as far as that is traced."""

    @property
    def is_lost(self) -> bool:
        """The connection it came by is gone: the broker will deliver it again."""

    def message(self) -> Message:
        """Raises MessageUnreadable."""

    async def ack(self) -> None: ...

    async def reject(self) -> None:
        """Give it to the dead letters."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A queue that a message left without being settled, ``count`` times, for the last time ``at``; the
    ``reason`` is the broker's: rejected, expired, maxlen, delivery_limit.
    """

    queue: str
    reason: str
    count: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that nobody could handle, in the queue ``queue`` of such.

    ``id`` is the message's own, or a hash of its body where it has none; ``hops`` are the queues it has left,
    the last one first. ``attempts`` counts the tries that a worker had seen fail. ``message`` is None where
    it is not one of ours.
    """

    id: str
    queue: str
    type: str
    size_bytes: int
    attempts: int
    published_at: datetime | None
    hops: tuple[Hop, ...]
    message: Message | None

    @property
    def death(self) -> Hop | None:
        return self.hops[0] if self.hops else None


class HeldLetters(Protocol):
    """Dead letters that are ours for now."""

    @property
    def letters(self) -> Sequence[DeadLetter]: ...

    @property
    def left(self) -> Mapping[str, int]:
        """How many more wait in each queue."""

    async def drop(self, letter: DeadLetter) -> None:
        """Remove it, for good."""


class DeadLetters(Protocol):
    def held(self, queues: Sequence[str], limit: int) -> AbstractAsyncContextManager[HeldLetters]:
        """Up to ``limit`` letters of each queue, the oldest ones, while the context is open; those that were
        not dropped are back in their queues after it.
        """


class Consumer(Protocol):
    async def batch(self, max_size: int, wait_s: float) -> Sequence[Delivery]:
        """At least one delivery, and up to ``max_size`` that arrive within ``wait_s`` after the first."""

    async def hand_back(self) -> None:
        """Receive nothing more, and give back at once what was received and not yet taken as a batch."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a file is, told by its bytes; TIFF frames and PDF pages count as pages."""

    media_type: MediaType
    page_count: int


class Announcements(Protocol):
    """What is announced to whoever listens now."""

    async def listen(self, notice: Callable[[JobAnnounced | JobHint | AnswerPart], None]) -> None:
        """Call ``notice`` for every announcement until cancelled; those made while the broker is away
        are missed.
        """

    def answers(self, question_id: str) -> AbstractAsyncContextManager[None]:
        """Hear the parts of this answer too, for as long as the context is open."""


class Probe(Protocol):
    """Something the service cannot do without."""

    async def check(self) -> None:
        """Raises Unavailable when it cannot be reached."""


class Inspector(Protocol):
    async def inspect(self, path: Path) -> Inspection:
        """Raises a BadRequest that says what is wrong with the file."""


class SourceFiles(Protocol):
    def use(self, key: str) -> AbstractAsyncContextManager[Path]:
        """The blob as a local file, for as long as the context is open. Raises SourceMissing."""


class LocalCopies(Protocol):
    async def forget(self, job_id: str) -> None:
        """Remove what lies here of the job's files, but for those in use, which are removed before long."""


class ImageFormat(StrEnum):
    """How a page may be sent as a picture."""

    PNG = "png"
    WEBP = "webp"


class PagePainter(Protocol):
    async def paint(
        self, path: Path, media_type: MediaType, source_page: int, width: int, image_format: ImageFormat
    ) -> bytes:
        """The page as a viewer shows it, in colour, ``width`` pixels wide or as wide as it is.

        Raises a PageError, and EngineUnavailable.
        """


@dataclass(frozen=True, slots=True)
class QueueState:
    """``messages`` that wait to be taken, and how many ``consumers`` take them."""

    messages: int
    consumers: int


class Queues(Protocol):
    async def states(self) -> Mapping[str, QueueState]:
        """Of each queue of the topology."""


class Backlog(Protocol):
    async def waiting(self) -> Mapping[str, int]:
        """How many tasks, retries and results wait in each of their queues for somebody to take them."""


class SlotCounter(Protocol):
    async def live_slots(self, tier: Tier) -> int:
        """How many pages of the tier the workers that are connected now can read at once."""


class Rates(Protocol):
    """Quotas in use. Nothing is asked of another process, so nothing is waited for."""

    def take(self, quota: Quota, who: str) -> Standing:
        """Take one of ``who``'s; where there is none, nothing is taken and the standing is refused."""

    def left(self, quota: Quota, who: str) -> Standing:
        """Take none: refused where there is none to take."""
