"""The front's services over fakes, joined as the front joins them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from common.adapters.throttled_rates import ThrottledRates
from common.contracts import topology
from common.contracts.message import Message
from common.contracts.tasks import AnswerQuestion, ExportDocument, MediaType, RecognizePage, Tier
from common.domain.account import Account
from common.domain.job import Job
from common.domain.plans import Prices
from common.errors import BrokerUnavailable
from common.ports import Inspection
from front.services.assembly import Assembly
from front.services.conversation_updates import ConversationUpdates
from front.services.effects import Effects
from front.services.export_recovery import ExportRecovery
from front.services.export_results import ExportResults
from front.services.export_tasks import ExportTasks
from front.services.exports import Exports
from front.services.fetching import Fetching
from front.services.forms import SubmitForm, Upload
from front.services.idempotency import Idempotency, Keys
from front.services.intake import Intake
from front.services.intake_pace import IntakePace
from front.services.job_news import JobNews
from front.services.job_updates import JobUpdates
from front.services.jobs import Jobs
from front.services.live_feed import LiveFeed
from front.services.partner_jobs import PartnerJobs
from front.services.promising import Promising
from front.services.question_effects import QuestionEffects
from front.services.question_recovery import QuestionRecovery
from front.services.question_results import QuestionResults
from front.services.questions import Questions
from front.services.queue_depths import QueueDepths
from front.services.rate_limits import RateLimits
from front.services.recovery import Patience, Recovery
from front.services.redriving import Redriving
from front.services.spool import Spool
from front.services.submission import Submission
from front.services.tracking import Tracking
from front.services.windows import Windows
from front.services.withdrawal import Withdrawal
from tests.fakes import plans
from tests.fakes.broker import FakeConsumer, FakeDelivery, FakePublisher
from tests.fakes.samples import NOW
from tests.fakes.stores import (
    FakeAccountRepository,
    FakeBlobStore,
    FakeClaimStore,
    FakeConversationRepository,
    FakeCopies,
    FakeCreditStore,
    FakeExportRepository,
    FakeJobRepository,
    FakePageRepository,
    held,
)

PATIENCE = Patience(sweep_s=5, outstanding_s=30, sent_s=600, draft_s=300)

PLENTY = 1_000_000
UNSIGNED_TOLD = 30
MAX_HELD = 20
INLINE_BYTES = 1024
LAST_CALL, GRACE = timedelta(seconds=30), timedelta(seconds=60)
ACCOUNT = Account("demo", plans.PAID, NOW)


@dataclass
class FakeInspector:
    page_count: int = 1
    inspected: int = 0

    async def inspect(self, path: Path) -> Inspection:
        self.inspected += 1
        return Inspection(MediaType.PDF, self.page_count)


@dataclass
class FakeBroker:
    slots: int = 2
    away: bool = False
    messages: dict[str, int] = field(default_factory=dict)

    async def check(self) -> None:
        if self.away:
            raise BrokerUnavailable()

    async def live_slots(self, tier: Tier) -> int:
        return self.slots

    async def waiting(self) -> Mapping[str, int]:
        await self.check()
        queues = (*topology.TASK_QUEUES, *topology.RETRY_QUEUES, topology.TRACKING)
        return {queue: self.messages.get(queue, 0) for queue in queues}


def now() -> datetime:
    return NOW


def uploaded(file: Path) -> Upload:
    """The file as if it had been received."""
    return Upload(file, file.name, file.stat().st_size, sha256(file.read_bytes()).hexdigest())


def rich() -> FakeCreditStore:
    """Books in which the account has plenty."""
    books = FakeCreditStore()
    books.balances[ACCOUNT.id] = PLENTY
    return books


@dataclass
class Replica:
    """One front's services; several replicas may share the stores and the publisher."""

    jobs: FakeJobRepository = field(default_factory=FakeJobRepository)
    pages: FakePageRepository = field(default_factory=FakePageRepository)
    translations: FakePageRepository = field(default_factory=FakePageRepository)
    blobs: FakeBlobStore = field(default_factory=FakeBlobStore)
    credits: FakeCreditStore = field(default_factory=rich)
    claims: FakeClaimStore = field(default_factory=FakeClaimStore)
    publisher: FakePublisher = field(default_factory=FakePublisher)
    broker: FakeBroker = field(default_factory=FakeBroker)
    inspector: FakeInspector = field(default_factory=FakeInspector)
    exports: FakeExportRepository = field(default_factory=FakeExportRepository)
    has_model: bool = False
    conversations: FakeConversationRepository = field(default_factory=FakeConversationRepository)
    cost: int = 0
    prices: Prices = plans.PLANS.credits
    spool_dir: Path = field(default_factory=lambda: Path(mkdtemp()))

    def __post_init__(self) -> None:
        self.feed = LiveFeed()
        self.consumer = FakeConsumer()
        updates = JobUpdates(self.jobs, now)
        assembly = Assembly(self.pages, self.translations, self.blobs, now)
        talk = ConversationUpdates(self.conversations, self.now)
        question_effects = QuestionEffects(
            self.conversations, talk, self.jobs, self.blobs, self.credits, self.publisher, self.now
        )
        news = JobNews(self.publisher, self.blobs, INLINE_BYTES, "")
        effects = Effects(
            updates,
            self.publisher,
            self.pages,
            self.translations,
            self.exports,
            self.blobs,
            self.credits,
            self.claims,
            question_effects,
            assembly,
            news,
            now,
        )
        self.windows = windows = Windows(self.jobs, self.broker, clock=lambda: 0.0)
        self.submission = Submission(
            self.inspector,
            self.blobs,
            self.jobs,
            self.credits,
            updates,
            windows,
            QueueDepths(self.broker, lambda: self.time_s),
            effects,
            self.broker,
            self.prices,
            now,
            has_model=self.has_model,
        )
        export_tasks = ExportTasks(self.exports, self.publisher)
        export_results = ExportResults(self.exports, self.jobs, self.blobs, self.now)
        self.tracking = Tracking(
            self.consumer,
            self.jobs,
            self.pages,
            self.translations,
            updates,
            effects,
            windows,
            export_results,
            QuestionResults(talk, question_effects),
            now,
        )
        self.questions = Questions(
            self.conversations,
            talk,
            question_effects,
            self.jobs,
            self.credits,
            self.broker,
            self.now,
            self.cost,
        )
        self.question_recovery = QuestionRecovery(
            self.conversations,
            talk,
            question_effects,
            self.broker,
            PATIENCE,
            lambda: self.time_s,
            self.now,
        )
        self.exporting = Exports(self.exports, self.jobs, held(self.blobs), export_tasks, MAX_HELD, self.now)
        self.reading = Jobs(self.jobs, held(self.blobs), self.feed, self.now)
        self.copies = FakeCopies(self.blobs)
        self.withdrawal = Withdrawal(
            self.jobs, self.exports, updates, effects, self.copies, LAST_CALL, self.now
        )
        self.fetching = Fetching(updates, GRACE, self.now)
        self.time_s = 1000.0
        self.idempotency = Idempotency(
            self.claims,
            self.jobs,
            updates,
            effects,
            self.submission,
            self.now,
        )
        self.accounts = FakeAccountRepository()
        self.accounts.accounts[ACCOUNT.id] = ACCOUNT
        self.pace = IntakePace(self.jobs, windows, 0)
        self.spool = Spool(self.spool_dir, PLENTY)
        partner_jobs = PartnerJobs(
            self.reading, updates, effects, self.idempotency, self.submission, self.pace, news
        )
        limits = RateLimits(
            accounts=ThrottledRates(PLENTY),
            addresses=ThrottledRates(PLENTY),
            looks=ThrottledRates(PLENTY),
            per_address=UNSIGNED_TOLD,
            wrong_tokens=PLENTY,
        )
        self.intake = Intake(self.accounts, partner_jobs, self.pace, limits, news, self.spool)
        self.redriving = Redriving(
            self.jobs,
            self.exports,
            self.accounts,
            self.blobs,
            Keys(self.claims, self.jobs, updates, effects, self.now),
            Promising(self.blobs, self.jobs, self.credits, updates, windows, effects, now),
            export_tasks,
            self.now,
        )
        self.recovery = Recovery(self.jobs, effects, self.broker, PATIENCE, lambda: self.time_s, now)
        self.export_recovery = ExportRecovery(
            self.exports, self.jobs, export_tasks, self.broker, PATIENCE, lambda: self.time_s, self.now
        )

    def twin(self) -> "Replica":
        """A second front on the same stores and broker."""
        return Replica(
            self.jobs,
            self.pages,
            self.translations,
            self.blobs,
            self.credits,
            self.claims,
            self.publisher,
            self.broker,
            self.inspector,
            self.exports,
            self.has_model,
            self.conversations,
            self.cost,
            self.prices,
        )

    @property
    def passed(self) -> timedelta:
        """How far this replica's clocks have gone on."""
        return timedelta(seconds=self.time_s - 1000)

    def now(self) -> datetime:
        """By the clock of this replica, which its services of jobs do not look at."""
        return NOW + self.passed

    async def submit(self, file: Path, page_count: int = 1, form: SubmitForm | None = None) -> Job:
        self.inspector.page_count = page_count
        return await self.submission.submit(ACCOUNT, uploaded(file), form or SubmitForm())

    def tasks(self) -> list[RecognizePage]:
        """Every page task that was published, in order."""
        sent = self.publisher.sent(RecognizePage)
        return [one.message for one in sent if isinstance(one.message, RecognizePage)]

    def export_tasks(self) -> list[ExportDocument]:
        """Every export task that was published, in order."""
        sent = self.publisher.sent(ExportDocument)
        return [one.message for one in sent if isinstance(one.message, ExportDocument)]

    def question_tasks(self) -> list[AnswerQuestion]:
        """Every question that was published, in order."""
        sent = self.publisher.sent(AnswerQuestion)
        return [one.message for one in sent if isinstance(one.message, AnswerQuestion)]

    async def sweep_for(self, seconds: float) -> None:
        """Let the recovery see ``seconds`` go by."""
        for _ in range(int(seconds / PATIENCE.sweep_s) + 1):
            await self.recovery.sweep()
            await self.export_recovery.sweep()
            await self.question_recovery.sweep()
            self.time_s += PATIENCE.sweep_s

    async def track(self, events: Sequence[Message], *, redelivered: bool = False) -> list[FakeDelivery]:
        """Let the tracking see these events until it has settled them all."""
        deliveries = [FakeDelivery.of(event, redelivered=redelivered) for event in events]
        for delivery in deliveries:
            self.consumer.deliver(delivery)
        running = asyncio.create_task(self.tracking.run())
        async with asyncio.timeout(10):
            while any(delivery.settlement is None for delivery in deliveries):
                assert not running.done(), running.exception()
                await asyncio.sleep(0.001)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return deliveries
