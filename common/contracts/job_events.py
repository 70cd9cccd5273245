"""What is told of jobs to everybody who may know: the fronts, and the partner whose account it is.

These travel to programs of others, so they are plain JSON whatever their size.
"""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from common.contracts.message import Message


class JobAnnounced(Message):
    """A job moved on. Published under ``job.<account>.<what>``: accepted, page, done, failed or canceled.

    ``request_id`` is the ``message_id`` of the partner's message that the job came of. The end of a job has
    ``usage``, and where its result can be read: ``result_url``. Of a job that a partner sent or asked after
    through the broker, a result that is not too large is there itself: the object of
    ``GET /api/v1/ocr/<uuid>/``.
    """

    type: ClassVar[str] = "ocr.job.announced.v1"
    is_public: ClassVar[bool] = True

    job_id: str
    account: str
    what: str
    status: str
    page_count: int = Field(ge=1)
    pages_done: int = Field(ge=0)
    request_id: str | None = None
    failed_pages: tuple["FailedPage", ...] | None = None
    usage: "Usage | None" = None
    error: str | None = None
    error_code: str | None = None
    result_url: str | None = None
    result: dict[str, Any] | None = None

    @property
    def routing_key(self) -> str:
        return f"job.{self.account}.{self.what}"


class FailedPage(BaseModel):
    """``index`` counts the selected pages from 0; ``code`` says why it could not be read."""

    model_config = ConfigDict(frozen=True)

    index: int = Field(ge=0)
    code: str


class Usage(BaseModel):
    """What was read, and charged for it."""

    model_config = ConfigDict(frozen=True)

    pages: int = Field(ge=0)
    credits: int = Field(ge=0)


class JobRejected(Message):
    """No job came of a partner's message, and nothing is charged. Published under ``job.<account>.rejected``.

    ``code`` is that of the REST API, ``error`` says what to do. ``request_id`` is the message's own id, where
    it had one. ``field`` is the property or header that is wrong. Where credits are missing: how many were
    ``used`` of ``cap``, or what the ``balance`` is, how many were ``needed``, and when more come.
    """

    type: ClassVar[str] = "ocr.job.rejected.v1"
    is_public: ClassVar[bool] = True

    account: str
    request_id: str | None = None
    code: str
    error: str
    field: str | None = None
    used: int | None = None
    cap: int | None = None
    balance: int | None = None
    needed: int | None = None
    resets_at: str | None = None

    @property
    def routing_key(self) -> str:
        return f"job.{self.account}.rejected"


class JobHint(Message):
    """A job moved on, for the fronts alone: no content, however much the partner is told."""

    type: ClassVar[str] = "ocr.job.hint.v1"
    routing_key: ClassVar[str] = "hint.job"

    job_id: str
    account: str
