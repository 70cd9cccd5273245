"""The front's services with nothing behind them, for tests of what HTTP makes of them."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import orjson
import psutil

from common.adapters.throttled_rates import ThrottledRates
from common.contracts.events import AnswerPart
from common.contracts.job_events import JobAnnounced, JobHint
from common.contracts.tasks import MediaType
from common.document.citation import Citation
from common.document.geometry import Box
from common.domain.account import Account, IssuedToken, Token, digest
from common.domain.conversation import Answer, Conversation, Turn, TurnStatus
from common.domain.credits import Statement
from common.domain.export import Artefact, ExportRequest
from common.domain.job import Job
from common.domain.job_parts import JobStatus, PageStatus, Source
from common.domain.usage import Day
from common.errors import (
    AccountSuspended,
    BrokerUnavailable,
    ExportPending,
    FleetError,
    JobAlreadyFinished,
    NotFound,
    SignUpClosed,
    TooManyStreams,
    Unauthorized,
)
from common.ports import ImageFormat
from front.http.services import Services
from front.services.answer_feed import AnswerFeed
from front.services.answer_stream import AnswerStream
from front.services.forms import SubmitForm, Upload
from front.services.idempotency import Hold
from front.services.listing import Part
from front.services.progress import News
from front.services.questions import Asked, Inquiry
from front.services.rate_limits import RateLimits
from front.settings import FrontSettings
from tests.fakes import plans
from tests.fakes.samples import CONVERSATION_ID, JOB_ID, NOW, document, job

FREE, PAID, SUSPENDED = "token-of-free", "token-of-paid", "token-of-suspended"
ACCOUNTS = {
    FREE: Account("free", plans.FREE, NOW),
    PAID: Account("paid", plans.PAID, NOW),
    SUSPENDED: Account("gone", plans.PAID, NOW, suspended=True),
}
ISSUED = IssuedToken("ocr_new-secret", Token(digest("ocr_new-secret"), "ocr_new-se", "free", NOW))
VISITOR = Account("anonymous-0123456789abcdef", plans.ANONYMOUS, NOW)
ANSWER = Answer(
    content="It is 12 € (p. 2).",
    citations=(Citation(2, "Total: 12 €", Box(1, 2, 30, 20)),),
    engine="extractive",
    at=NOW,
)
MAX_RATES = 1_000
TEXT = "Grüße\fPage two"
MARKDOWN = "# Grüße\n\nPage two"
MARKED_MARKDOWN = "# Grüße\n\n<!-- page 2 -->\n\nPage two"
PAGES = [{"index": 0, "text": "Grüße", "blocks": []}, {"index": 1, "text": "Page two", "blocks": []}]


def done_job(**changes: object) -> Job:
    values = {
        "id": JOB_ID,
        "account_id": "paid",
        "status": JobStatus.DONE,
        "pages": bytes([PageStatus.READ] * 2),
        "settled": (0, 1),
        "document": document(),
        "finished_at": NOW + timedelta(seconds=3),
        "expires_at": NOW + timedelta(hours=24),
    }
    return replace(job(2), **{**values, **changes})  # type: ignore[arg-type]


def failed_job() -> Job:
    return done_job(
        status=JobStatus.FAILED,
        pages=bytes([PageStatus.FAILED] * 2),
        failures={0: "engine_timeout", 1: "engine_crashed"},
        document=None,
        error="engine_timeout",
    )


@dataclass
class Received:
    """A submission as the service got it; ``rss`` is the process's memory at that moment."""

    account: Account
    filename: str
    size_bytes: int
    sha256: str
    form: SubmitForm
    path: Path
    rss: int


@dataclass
class FakeSubmission:
    jobs: "FakeJobs"
    page_count: int = 1
    error: Exception | None = None
    no_credits: FleetError | None = None
    received: list[Received] = field(default_factory=list)

    async def check_admission(self, account: Account) -> None:
        if self.no_credits:
            raise self.no_credits

    async def submit(self, account: Account, upload: Upload, form: SubmitForm) -> Job:
        sha256 = hashlib.sha256()
        with upload.path.open("rb") as file:
            while chunk := file.read(1 << 20):
                sha256.update(chunk)
        rss = psutil.Process().memory_info().rss
        self.received.append(
            Received(account, upload.filename, upload.size_bytes, sha256.hexdigest(), form, upload.path, rss)
        )
        if self.error:
            raise self.error
        source = Source("source", MediaType.PDF, upload.size_bytes, upload.filename)
        made = job(self.page_count, account_id=account.id, source=source)
        self.jobs.jobs[made.id] = made
        return made


@dataclass
class FakeHold:
    """What a request holds; ``is_over`` once it was let go, or its file was submitted."""

    account: Account
    key: str
    has_job: bool
    is_over: bool = False

    async def __aenter__(self) -> "FakeHold":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.is_over = True


@dataclass
class FakeIdempotency:
    """Gives every key; ``has_job`` says whether a job came of it before."""

    submission: FakeSubmission
    has_job: bool = False
    error: FleetError | None = None
    holds: list[FakeHold] = field(default_factory=list)

    async def hold(self, account: Account, key: str) -> Hold:
        if self.error:
            raise self.error
        self.holds.append(FakeHold(account, key, self.has_job))
        return cast(Hold, self.holds[-1])

    async def submit(self, hold: Hold, upload: Upload, form: SubmitForm) -> Job:
        return await self.submission.submit(hold.account, upload, form)

    def let_go(self, hold: Hold) -> None:
        cast(FakeHold, hold).is_over = True


@dataclass
class FakeJobs:
    """``ends`` ends the job that is waited for; texts are held back until ``opens``.

    ``asked`` and ``left`` are set when such a wait begins and is over.
    """

    jobs: dict[str, Job] = field(default_factory=dict)
    ends: asyncio.Event = field(default_factory=asyncio.Event)
    opens: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    chunks: list[bytes] | None = None
    error: FleetError | None = None

    async def find(self, job_id: str, account: Account) -> Job:
        found = self.jobs.get(job_id)
        if found is None or found.account_id != account.id:
            raise NotFound("There is no such job of yours.")
        return found

    async def until_finished(self, job: Job, account: Account, wait_s: float) -> Job:
        self.asked.set()
        try:
            async with asyncio.timeout(wait_s):
                await self.ends.wait()
        except TimeoutError:
            return job
        finally:
            self.left.set()
        self.jobs[job.id] = done_job(id=job.id, account_id=account.id, source=job.source)
        return self.jobs[job.id]

    @asynccontextmanager
    async def document(self, job: Job) -> AsyncIterator["FakeResults"]:
        yield FakeResults(self, is_translated=False)

    @asynccontextmanager
    async def transcript(self, job: Job, *, translated: bool = False) -> AsyncIterator["FakeResults"]:
        yield FakeResults(self, translated)

    everything = transcript

    async def held_back(self, whole: bytes) -> AsyncIterator[bytes]:
        self.asked.set()
        await self.opens.wait()
        if self.error:
            raise self.error
        for at in range(0, len(whole), 3):  # amid characters as well
            yield whole[at : at + 3]


@dataclass
class FakeResults:
    jobs: FakeJobs
    is_translated: bool

    async def document(self) -> AsyncIterator[bytes]:
        for chunk in self.jobs.chunks or [_document()]:
            yield chunk
        if self.jobs.error:
            raise self.jobs.error

    async def members(self) -> AsyncIterator[bytes]:
        yield _members()

    async def pages_with_words(self) -> AsyncIterator[bytes]:
        for page in PAGES:
            yield orjson.dumps({**page, "blocks": [{"text": page["text"], "lines": [{"words": []}]}]})

    def text(self) -> AsyncIterator[bytes]:
        return self.jobs.held_back(TEXT.encode())

    def markdown(self, *, with_page_breaks: bool) -> AsyncIterator[bytes]:
        return self.jobs.held_back((MARKED_MARKDOWN if with_page_breaks else MARKDOWN).encode())


@dataclass
class FakeExports:
    """Every file is ``CONTENT``, built once ``builds`` is set.

    ``asked`` and ``left`` are set when such a wait begins and is over.
    """

    CONTENT = b"A file, built." * 100
    requests: list[ExportRequest] = field(default_factory=list)
    builds: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    error: FleetError | None = None
    reads: int = 0

    async def file(self, job: Job, request: ExportRequest, wait_s: float) -> Artefact:
        self.requests.append(request)
        self.asked.set()
        try:
            async with asyncio.timeout(wait_s):
                await self.builds.wait()
        except TimeoutError:
            raise ExportPending() from None
        finally:
            self.left.set()
        if self.error:
            raise self.error
        return Artefact(f"{job.id}/export/{request.name}/a", len(self.CONTENT))

    async def read(self, artefact: Artefact) -> AsyncIterator[bytes]:
        self.reads += 1
        yield self.CONTENT[:5]
        yield self.CONTENT[5:]


@dataclass
class FakeListing:
    """One part after the other; ``asked`` for with these limits and cursors."""

    parts: list[Part] = field(default_factory=list)
    asked: list[tuple[str, int, str | None]] = field(default_factory=list)
    error: FleetError | None = None

    async def part(self, account: Account, limit: int, cursor: str | None) -> Part:
        self.asked.append((account.id, limit, cursor))
        if self.error:
            raise self.error
        return self.parts.pop(0) if self.parts else Part([], None)


@dataclass
class FakeWithdrawal:
    jobs: FakeJobs
    deleted: list[str] = field(default_factory=list)

    async def cancel(self, job: Job) -> Job:
        if job.status.is_terminal:
            raise JobAlreadyFinished()
        self.jobs.jobs[job.id] = replace(job, status=JobStatus.CANCELED, finished_at=NOW)
        return self.jobs.jobs[job.id]

    async def delete(self, job: Job) -> None:
        del self.jobs.jobs[job.id]
        self.deleted.append(job.id)


@dataclass
class FakeFetching:
    """``ids`` of the jobs that were fetched; ``until`` is told of each of them, where it is given."""

    ids: list[str] = field(default_factory=list)
    until: datetime | None = None

    def told(self, job: Job) -> Job:
        return replace(job, expires_at=self.until) if self.until else job

    async def fetched(self, job: Job) -> None:
        self.ids.append(job.id)


@dataclass
class FakeProgress:
    """Tells ``news``, waits for ``goes_on``, tells ``goes_on_with`` and ends; ``after`` is where each
    stream began.

    ``asked`` and ``left`` are set when a stream begins to wait and is over.
    """

    news: list[list[News]] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    is_full: bool = False
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on_with: list[News] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def admitted(self, account: Account) -> Iterator[None]:
        if self.is_full:
            raise TooManyStreams()
        yield

    async def follow(self, job: Job, account: Account, after: int) -> AsyncGenerator[Sequence[News]]:
        self.after.append(after)
        try:
            for news in self.news:
                yield news
            self.asked.set()
            await self.goes_on.wait()
            if self.goes_on_with:
                yield self.goes_on_with
        finally:
            self.left.set()


@dataclass
class FakePageImages:
    error: FleetError | None = None
    asked: list[tuple[int, int, ImageFormat]] = field(default_factory=list)

    async def image(self, job: Job, page_index: int, width: int, image_format: ImageFormat) -> bytes:
        self.asked.append((page_index, width, image_format))
        if self.error:
            raise self.error
        return b"picture"


class FakeVisitors:
    """Every network has the same account."""

    def __init__(self) -> None:
        self.networks: list[str] = []
        self.welcomed: list[str] = []

    async def account(self, network: str) -> Account:
        self.networks.append(network)
        return VISITOR

    async def welcome(self, account: Account) -> None:
        if account is VISITOR:
            self.welcomed.append(account.id)


class FakeAccounts:
    error: FleetError | None = None
    stands = Statement(used=3, cap=100, resets_at=NOW)

    async def statement(self, account: Account, now: datetime) -> Statement:
        return self.stands


class FakeTokens:
    """Those of the accounts above, and what was asked for."""

    error: FleetError | None = None

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def authenticate(self, secret: str | None, now: datetime) -> Account:
        if self.error:
            raise self.error
        account = ACCOUNTS.get(secret or "")
        if account is None:
            raise Unauthorized()
        if account.suspended:
            raise AccountSuspended()
        return account

    async def create(self, account_id: str, now: datetime) -> IssuedToken:
        self.asked.append(("create", account_id))
        return ISSUED

    async def valid(self, account_id: str) -> Sequence[Token]:
        return [Token(digest(FREE), FREE[:10], account_id, NOW, last_used_at=NOW), ISSUED.token]

    async def revoke(self, account_id: str, named: str, now: datetime) -> Token:
        self.asked.append(("revoke", account_id, named))
        return ISSUED.token

    async def rotate(self, account_id: str, named: str, now: datetime) -> IssuedToken:
        self.asked.append(("rotate", account_id, named))
        return ISSUED


class FakeSignUp:
    def __init__(self) -> None:
        self.error: FleetError | None = SignUpClosed()
        self.networks: list[str] = []

    async def sign_up(self, network: str) -> tuple[Account, IssuedToken]:
        self.networks.append(network)
        if self.error:
            raise self.error
        return ACCOUNTS[FREE], ISSUED


class FakeUsageReport:
    async def last_days(self, account_id: str, now: datetime) -> Sequence[Day]:
        return [Day(NOW.date(), pages=2, messages=1, credits=3)]


class FakeQuestions:
    """Answers every question with ``answer``, once ``settles`` is set; keeps what was asked and canceled."""

    def __init__(self) -> None:
        self.error: FleetError | None = None
        self.answer = ANSWER
        self.asked: list[Inquiry] = []
        self.canceled: list[Asked] = []
        self.settles = asyncio.Event()
        self.talk: Conversation | None = None

    async def ask(self, account: Account, job: Job, inquiry: Inquiry) -> Asked:
        self.asked.append(inquiry)
        if self.error:
            raise self.error
        return Asked(CONVERSATION_ID, inquiry.question_id)

    async def answered(self, asked: Asked, wait_s: float) -> Turn:
        await self.settles.wait()
        return await self.turn(asked)

    async def turn(self, asked: Asked) -> Turn:
        is_settled = self.settles.is_set()
        return Turn(
            question_id=asked.question_id,
            ticket="ticket",
            message=self.asked[-1].message,
            asked_at=NOW,
            status=TurnStatus.ANSWERED if is_settled else TurnStatus.SENT,
            answer=self.answer if is_settled else None,
        )

    async def cancel(self, asked: Asked) -> None:
        self.canceled.append(asked)

    async def history(self, job: Job, conversation: str | None) -> Conversation | None:
        return self.talk


class FakeFeed:
    """What the broker would tell; ``away``: nothing at all."""

    away = False

    @asynccontextmanager
    async def answers(self, question_id: str) -> AsyncIterator[None]:
        if self.away:
            raise BrokerUnavailable()
        yield

    async def listen(self, notice: Callable[[JobAnnounced | JobHint | AnswerPart], None]) -> None:
        await asyncio.Event().wait()


class FakeHealth:
    error: FleetError | None = None

    async def check(self) -> None:
        if self.error:
            raise self.error


class FakeServices:
    def __init__(self) -> None:
        self.jobs = FakeJobs()
        self.jobs.opens.set()
        self.exports = FakeExports()
        self.exports.builds.set()
        self.submission = FakeSubmission(self.jobs)
        self.idempotency = FakeIdempotency(self.submission)
        self.listing = FakeListing()
        self.withdrawal = FakeWithdrawal(self.jobs)
        self.fetching = FakeFetching()
        self.progress = FakeProgress()
        self.page_images = FakePageImages()
        self.accounts = FakeAccounts()
        self.tokens = FakeTokens()
        self.sign_up = FakeSignUp()
        self.usage = FakeUsageReport()
        self.visitors = FakeVisitors()
        self.health = FakeHealth()
        self.questions = FakeQuestions()
        self.questions.settles.set()
        self.feed = FakeFeed()
        self.answer_feed = AnswerFeed(self.feed)

    def all(self, settings: FrontSettings) -> Services:
        return Services(
            submission=self.submission,
            idempotency=self.idempotency,
            jobs=self.jobs,
            exports=self.exports,
            questions=self.questions,
            answers=AnswerStream(self.questions, self.answer_feed),
            listing=self.listing,
            withdrawal=self.withdrawal,
            fetching=self.fetching,
            progress=self.progress,
            page_images=self.page_images,
            accounts=self.accounts,
            tokens=self.tokens,
            sign_up=self.sign_up,
            usage=self.usage,
            visitors=self.visitors,
            plans=plans.PLANS,
            rate_limits=RateLimits(
                accounts=ThrottledRates(MAX_RATES),
                addresses=ThrottledRates(MAX_RATES),
                looks=ThrottledRates(MAX_RATES),
                per_address=settings.requests_per_address,
                wrong_tokens=settings.wrong_tokens_per_address,
            ),
            health=self.health,
        )


def _document() -> bytes:
    found = orjson.dumps({"pages": PAGES, "text": TEXT, "markdown": MARKDOWN})
    return found[:-1] + _members()


def _members() -> bytes:
    """The end of a document without a translation or values drawn from it."""
    nothing = {"translation": None, "extraction": None, "extraction_details": None}
    return b"," + orjson.dumps(nothing)[1:]
