"""What the HTTP layer asks of the front's services, and what else its handlers share."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from common.domain.account import Account
from common.domain.job import Job
from front.http.spool import Spool
from front.services.forms import SubmitForm, Upload
from front.settings import FrontSettings


class Submission(Protocol):
    async def submit(self, account: Account, upload: Upload, form: SubmitForm) -> Job: ...


class Jobs(Protocol):
    async def find(self, job_id: str, account: Account) -> Job:
        """Raises NotFound for every job that is not this account's."""

    async def until_finished(self, job: Job, account: Account, wait_s: float) -> Job: ...

    def document(self, job: Job) -> AsyncIterator[bytes]:
        """A JSON object with the members ``pages``, ``text`` and ``markdown``, in chunks."""

    def pages_with_words(self, job: Job) -> AsyncIterator[bytes]:
        """The JSON object of one page after the other."""

    async def text(self, job: Job, *, markdown: bool) -> str: ...


class Accounts(Protocol):
    async def authenticate(self, secret: str | None) -> Account:
        """Raises Unauthorized or AccountSuspended."""


class Health(Protocol):
    async def check(self) -> None:
        """Raises Unavailable, naming what is missing."""


@dataclass(frozen=True, slots=True)
class Services:
    submission: Submission
    jobs: Jobs
    accounts: Accounts
    health: Health


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every handler is given; ``stopping`` is set once the process is to end."""

    services: Services
    settings: FrontSettings
    spool: Spool
    stopping: asyncio.Event
