"""The front's services with nothing behind them, for tests of what HTTP makes of them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import orjson
import psutil

from common.contracts.tasks import MediaType
from common.domain.account import Account, PlanName
from common.domain.job import Job
from common.domain.job_parts import JobStatus, PageStatus, Source
from common.errors import AccountSuspended, FleetError, NotFound, Unauthorized
from front.http.services import Services
from front.services.forms import SubmitForm, Upload
from tests.fakes.samples import JOB_ID, NOW, document, job

FREE, PAID, SUSPENDED = "token-of-free", "token-of-paid", "token-of-suspended"
ACCOUNTS = {
    FREE: Account("free", PlanName.FREE, NOW),
    PAID: Account("paid", PlanName.PAID, NOW),
    SUSPENDED: Account("gone", PlanName.PAID, NOW, suspended=True),
}
TEXT = "Grüße\fPage two"
MARKDOWN = "# Grüße\n\nPage two"
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
    received: list[Received] = field(default_factory=list)

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

    async def document(self, job: Job) -> AsyncIterator[bytes]:
        for chunk in self.chunks or [_document()]:
            yield chunk
        if self.error:
            raise self.error

    async def pages_with_words(self, job: Job) -> AsyncIterator[bytes]:
        for page in PAGES:
            yield orjson.dumps({**page, "blocks": [{"text": page["text"], "lines": [{"words": []}]}]})

    async def text(self, job: Job, *, markdown: bool) -> str:
        self.asked.set()
        await self.opens.wait()
        if self.error:
            raise self.error
        return MARKDOWN if markdown else TEXT


class FakeAccounts:
    error: FleetError | None = None

    async def authenticate(self, secret: str | None) -> Account:
        if self.error:
            raise self.error
        account = ACCOUNTS.get(secret or "")
        if account is None:
            raise Unauthorized()
        if account.suspended:
            raise AccountSuspended()
        return account


class FakeHealth:
    error: FleetError | None = None

    async def check(self) -> None:
        if self.error:
            raise self.error


class FakeServices:
    def __init__(self) -> None:
        self.jobs = FakeJobs()
        self.jobs.opens.set()
        self.submission = FakeSubmission(self.jobs)
        self.accounts = FakeAccounts()
        self.health = FakeHealth()

    def all(self) -> Services:
        return Services(self.submission, self.jobs, self.accounts, self.health)


def _document() -> bytes:
    return orjson.dumps({"pages": PAGES, "text": TEXT, "markdown": MARKDOWN})
