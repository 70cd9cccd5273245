"""What the HTTP layer asks of the front's services, and what else its handlers share."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from common.domain.account import Account, IssuedToken, Token
from common.domain.conversation import Conversation, Turn
from common.domain.credits import Statement
from common.domain.export import Artefact, ExportRequest
from common.domain.job import Job
from common.domain.plans import Plans
from common.domain.rates import Standing
from common.domain.usage import Day
from common.ports import ImageFormat
from front.http.documents import Documents
from front.services.answer_feed import Parts
from front.services.answer_stream import News as AnswerNews
from front.services.forms import SubmitForm, Upload
from front.services.idempotency import Hold
from front.services.listing import Part
from front.services.places import Places
from front.services.progress import News
from front.services.questions import Asked, Inquiry
from front.services.rate_limits import Kind
from front.services.spool import Spool
from front.settings import FrontSettings


class Submission(Protocol):
    async def check_admission(self, account: Account) -> None:
        """Asked before a file is received. Raises PlanWithdrawn, OutOfCredits and Overloaded."""

    async def submit(self, account: Account, upload: Upload, form: SubmitForm) -> Job: ...


class Idempotency(Protocol):
    async def hold(self, account: Account, key: str) -> Hold:
        """Raises InvalidField and IdempotencyKeyInUse."""

    async def submit(self, hold: Hold, upload: Upload, form: SubmitForm) -> Job: ...

    def let_go(self, hold: Hold) -> None: ...


class Results(Protocol):
    def document(self) -> AsyncIterator[bytes]:
        """A JSON object with the members ``pages``, ``text`` and ``markdown``, in chunks."""

    def members(self) -> AsyncIterator[bytes]:
        """The end of that object, with a comma before each member behind these three."""

    def pages_with_words(self) -> AsyncIterator[bytes]:
        """The JSON object of one page after the other."""

    def text(self) -> AsyncIterator[bytes]:
        """The text in UTF-8."""

    def markdown(self, *, with_page_breaks: bool) -> AsyncIterator[bytes]:
        """The Markdown in UTF-8."""


class Jobs(Protocol):
    async def find(self, job_id: str, account: Account) -> Job:
        """Raises NotFound for every job that is not this account's."""

    async def until_finished(self, job: Job, account: Account, wait_s: float) -> Job: ...

    def document(self, job: Job) -> AbstractAsyncContextManager[Results]:
        """What the API shows of it, whole for as long as the context is open. Raises NotFound."""

    def transcript(self, job: Job, *, translated: bool = False) -> AbstractAsyncContextManager[Results]:
        """Its pages with words, text and Markdown, likewise."""

    def everything(self, job: Job, *, translated: bool = False) -> AbstractAsyncContextManager[Results]:
        """Both of these."""


class Exports(Protocol):
    async def file(self, job: Job, request: ExportRequest, wait_s: float) -> Artefact:
        """The finished file. Raises ExportPending, TooManyDownloads, NotFound, and what it failed of."""

    def read(self, artefact: Artefact) -> AsyncIterator[bytes]: ...


class Questions(Protocol):
    async def ask(self, account: Account, job: Job, inquiry: Inquiry) -> Asked:
        """Raises NotFound, OutOfCredits, TooManyQuestions and InvalidField."""

    async def answered(self, asked: Asked, wait_s: float) -> Turn:
        """Raises AnswerPending, NotFound, and why there is no answer."""

    async def cancel(self, asked: Asked) -> None: ...

    async def history(self, job: Job, conversation: str | None) -> Conversation | None:
        """Raises NotFound."""


class Answers(Protocol):
    def listen(self, question_id: str) -> AbstractAsyncContextManager[Parts]:
        """The parts of an answer, as long as the context is open."""

    def follow(self, asked: Asked, parts: Parts, wait_s: float) -> AsyncGenerator[AnswerNews]:
        """What is heard of the answer, until there is one, or none. Raises NotFound, AnswerUnavailable."""


class Listing(Protocol):
    async def part(self, account: Account, limit: int, cursor: str | None) -> Part:
        """Raises InvalidField for a cursor that is none of ours."""


class Withdrawal(Protocol):
    async def cancel(self, job: Job) -> Job:
        """Raises JobAlreadyFinished, and NotFound when it was deleted meanwhile."""

    async def delete(self, job: Job) -> None: ...


class Fetching(Protocol):
    def told(self, job: Job) -> Job:
        """The job as an answer shows it by which it is fetched."""

    async def fetched(self, job: Job) -> None:
        """Its caller has what became of the job."""


class Progress(Protocol):
    def admitted(self, account: Account) -> AbstractContextManager[None]:
        """One of the account's streams. Raises TooManyStreams."""

    def follow(self, job: Job, account: Account, after: int) -> AsyncGenerator[Sequence[News]]:
        """What happens to the job beyond position ``after``, until its end; now and then, nothing."""


class PageImages(Protocol):
    async def image(self, job: Job, page_index: int, width: int, image_format: ImageFormat) -> bytes:
        """Raises NotFound and PageNotShown."""


class Tokens(Protocol):
    async def authenticate(self, secret: str | None, now: datetime) -> Account:
        """Raises Unauthorized or AccountSuspended."""

    async def create(self, account_id: str, now: datetime) -> IssuedToken:
        """Raises TooManyTokens."""

    async def valid(self, account_id: str) -> Sequence[Token]: ...

    async def revoke(self, account_id: str, named: str, now: datetime) -> Token:
        """Raises NotFound, InvalidField and LastToken."""

    async def rotate(self, account_id: str, named: str, now: datetime) -> IssuedToken:
        """Raises NotFound and InvalidField."""


class SignUp(Protocol):
    async def sign_up(self, network: str) -> tuple[Account, IssuedToken]:
        """Raises SignUpClosed, TooManySignUps and AccountSuspended."""


class UsageReport(Protocol):
    async def last_days(self, account_id: str, now: datetime) -> Sequence[Day]: ...


class Accounts(Protocol):
    async def statement(self, account: Account, now: datetime) -> Statement: ...


class Visitors(Protocol):
    async def account(self, network: str) -> Account:
        """Raises AccountSuspended."""

    async def welcome(self, account: Account) -> None:
        """Asked before a visitor's first job is made."""


class RateLimits(Protocol):
    """All of these raise RateLimited."""

    def check(self, account: Account, kind: Kind) -> Standing: ...

    def check_address(self, network: str) -> Standing: ...

    def looking(self, account: Account) -> AbstractContextManager[None]:
        """For finding a job, which may not be there."""

    def look(self, account: Account, job_id: str) -> Standing:
        """Asked for a job that is there."""

    def admitting(self, network: str) -> AbstractContextManager[None]:
        """For finding out who asks, who may be locked out."""

    def guessing(self, secret: str, network: str) -> AbstractContextManager[None]:
        """For finding out whom a token stands for. Raises TooManyWrongTokens instead."""


class Health(Protocol):
    async def check(self) -> None:
        """Raises Unavailable, naming what is missing."""


@dataclass(frozen=True, slots=True)
class Services:
    submission: Submission
    idempotency: Idempotency
    jobs: Jobs
    exports: Exports
    questions: Questions
    answers: Answers
    listing: Listing
    withdrawal: Withdrawal
    fetching: Fetching
    progress: Progress
    page_images: PageImages
    accounts: Accounts
    tokens: Tokens
    sign_up: SignUp
    usage: UsageReport
    visitors: Visitors
    plans: Plans
    rate_limits: RateLimits
    health: Health


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every handler is given; ``stopping`` is set once the process is to end."""

    services: Services
    settings: FrontSettings
    spool: Spool
    uploads: Places
    stopping: asyncio.Event
    documents: Documents
