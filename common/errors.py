"""The closed tree of everything that can go wrong, in the service's own words.

Every class is a code (stable, for programs), a fate (``retryable``: may the same request or task
succeed later, unchanged?) and one sentence. Foreign exceptions are turned into one of these in the
adapter or engine that meets them; how a class looks over HTTP is decided in ``front/http`` alone.
"""

from collections.abc import Iterator
from typing import ClassVar


class FleetError(Exception):
    """Something in the service went wrong."""

    code: ClassVar[str] = "internal_error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        super().__init__(self.message)


# --- what the caller sent -----------------------------------------------------------------------


class BadRequest(FleetError):
    """The request cannot be served as it was sent."""

    code = "bad_request"


class MissingFile(BadRequest):
    """No file was sent: add it as the form field 'file'."""

    code = "missing_file"


class EmptyFile(BadRequest):
    """The file is empty."""

    code = "empty_file"


class UnsupportedType(BadRequest):
    """The file type is not supported: send PNG, JPG, WEBP, GIF, BMP, TIFF, PNM or PDF."""

    code = "unsupported_type"


class FileTooLarge(BadRequest):
    """The file is larger than the plan allows."""

    code = "file_too_large"


class TooManyPages(BadRequest):
    """The file has more pages than the plan allows."""

    code = "too_many_pages"


class CorruptFile(BadRequest):
    """The file is damaged and cannot be opened: save or scan it again and send it once more."""

    code = "corrupt_file"


class EncryptedFile(BadRequest):
    """The file is protected by a password: remove the protection and send it once more."""

    code = "encrypted_file"


class ImageTooLarge(BadRequest):
    """The image has too many pixels: scale it down and send it once more."""

    code = "image_too_large"


class InvalidField(BadRequest):
    """A field has a value that is not allowed."""

    code = "invalid_field"

    def __init__(self, field: str = "field", message: str | None = None) -> None:
        self.field = field
        super().__init__(message)

    def __reduce__(self) -> tuple[type["InvalidField"], tuple[str, str]]:
        return type(self), (self.field, self.message)


class UnknownField(InvalidField):
    """There is no field of this name."""

    code = "unknown_field"


# --- who asks, and for what ---------------------------------------------------------------------


class Unauthorized(FleetError):
    """A valid token is needed: send it as 'Authorization: Bearer <token>'."""

    code = "unauthorized"


class TooManyWrongTokens(Unauthorized):
    """Too many wrong tokens came from your address, and this one was not looked at: send it again later."""

    code = "too_many_wrong_tokens"
    retryable = True

    def __init__(self, message: str | None = None, retry_after_s: int | None = None) -> None:
        """``retry_after_s``: how long to wait at least."""
        self.retry_after_s = retry_after_s
        super().__init__(message)


class AccountSuspended(FleetError):
    """The account is suspended: ask the operator of this service."""

    code = "account_suspended"


class PlanWithdrawn(FleetError):
    """The account's plan is not offered any more: ask the operator of this service for another."""

    code = "plan_withdrawn"


class TooManyTokens(FleetError):
    """The account has as many tokens as it may have: revoke one that is not needed."""

    code = "too_many_tokens"


class LastToken(FleetError):
    """This is the account's last valid token: rotate it instead, or make another one first."""

    code = "last_token"


class SignUpClosed(FleetError):
    """Nobody can sign up here: ask the operator of this service for an account."""

    code = "sign_up_closed"


class NotFound(FleetError):
    """There is no such thing here."""

    code = "not_found"


class RequestsWait(FleetError):
    """Requests of this partner wait to be served."""

    code = "requests_wait"


class JobNotFinished(FleetError):
    """The job is not finished yet: ask for it again later."""

    code = "job_not_finished"


class JobAlreadyFinished(FleetError):
    """The job has ended already, so it cannot be canceled."""

    code = "job_already_finished"


class JobHasNoResult(FleetError):
    """The job failed or was canceled, so there is nothing to download."""

    code = "job_has_no_result"


class OutOfCredits(FleetError):
    """There are not enough credits left for this."""

    code = "out_of_credits"

    def __init__(self, message: str | None = None, **account: int | str) -> None:
        """``account``: ``used``, ``cap`` and ``resets_at``, or ``balance``; and ``needed``: credits all."""
        self.account = account
        super().__init__(message)


class IdempotencyKeyInUse(FleetError):
    """A request with this Idempotency-Key, or message_id, is still under way: send it again in a moment."""

    code = "idempotency_key_in_use"
    retryable = True


class IdempotencyKeyReused(FleetError):
    """This Idempotency-Key, or message_id, was used with another file or other fields: use a new one."""

    code = "idempotency_key_reused"


class TooManyRequests(FleetError):
    """This was asked for too often, or too much of it at once: try again later."""

    code = "too_many_requests"
    retryable = True

    def __init__(self, message: str | None = None, retry_after_s: int | None = None) -> None:
        """``retry_after_s``: how long to wait at least, where that is known."""
        self.retry_after_s = retry_after_s
        super().__init__(message)


class RateLimited(TooManyRequests):
    """This was asked for too often: ask less often."""

    code = "rate_limited"

    def __init__(
        self,
        message: str | None = None,
        retry_after_s: int | None = None,
        *,
        policy: str | None = None,
        per_minute: int = 0,
    ) -> None:
        """Of the quota that is used up: its name, and how many come back in a minute."""
        self.policy = policy
        self.per_minute = per_minute
        super().__init__(message, retry_after_s)


class TooManyJobs(TooManyRequests):
    """Too many of your jobs are under way: send this file again when one has ended."""

    code = "too_many_jobs"


class TooManySignUps(TooManyRequests):
    """Too many accounts were made from your address today: try again tomorrow."""

    code = "too_many_sign_ups"


class TooManyUploads(TooManyRequests):
    """Too many files of yours are being received at once: send this one again when others have come."""

    code = "too_many_uploads"


class TooManyStreams(TooManyRequests):
    """Too many event streams are open at once: close some, or ask for the jobs themselves."""

    code = "too_many_streams"


class TooManyDownloads(TooManyRequests):
    """Too many files of yours are being built at once: ask for this one again when others have come."""

    code = "too_many_downloads"


class TooManyQuestions(TooManyRequests):
    """Too many questions of yours wait to be answered: ask again when some of them are."""

    code = "too_many_questions"


class PageNotShown(FleetError):
    """The page cannot be shown as a picture."""

    code = "page_not_shown"


class SubmissionAbandoned(FleetError):
    """The submission was interrupted before the job could start: send the file once more."""

    code = "submission_abandoned"


# --- what the service is missing ----------------------------------------------------------------


class Unavailable(FleetError):
    """A part of the service is not available now: try again in a moment."""

    code = "unavailable"
    retryable = True


class BrokerUnavailable(Unavailable):
    """The message broker is not available now: try again in a moment."""

    code = "broker_unavailable"


class ManagementUnavailable(Unavailable):
    """The broker's management API is not available now: try again in a moment."""

    code = "management_unavailable"


class ManagementRefused(FleetError):
    """The broker's management API does not let this user do that."""

    code = "management_refused"


class StoreUnavailable(Unavailable):
    """The database is not available now: try again in a moment."""

    code = "store_unavailable"


class StoreRefused(FleetError):
    """The database does not take this, and would not the next time."""

    code = "store_refused"


class DiskUnavailable(Unavailable):
    """The disk of this server cannot be used now: try again in a moment."""

    code = "disk_unavailable"


class EngineUnavailable(Unavailable):
    """The engine that this needs is not available on this server."""

    code = "engine_unavailable"


class Overloaded(Unavailable):
    """There is more to do than the service can do soon: send the file again in a while."""

    code = "overloaded"


class ExportPending(Unavailable):
    """The file is still being built: ask for it again in a moment."""

    code = "export_pending"


class AnswerPending(Unavailable):
    """The answer is still being made: it will stand in the conversation's history."""

    code = "answer_pending"


class NobodyListens(FleetError):
    """Nobody listens to what was told."""

    code = "nobody_listens"


# --- what happened to a page or a task ----------------------------------------------------------


class PageError(FleetError):
    """The page could not be read."""

    code = "page_failed"


class EngineTimeout(PageError):
    """The engine took longer than its limit."""

    code = "engine_timeout"
    retryable = True


class EngineCrashed(PageError):
    """The engine's process died on this page."""

    code = "engine_crashed"
    retryable = True


class EngineFailed(PageError):
    """The engine refused the page."""

    code = "engine_failed"


class PageUnreadable(PageError):
    """The page's image could not be decoded or rendered."""

    code = "page_unreadable"


class PageTooLarge(PageError):
    """The page has more pixels, or needs more memory, than the limit allows."""

    code = "page_too_large"


class ResultTooLarge(PageError):
    """The page's result is larger than a message may be."""

    code = "result_too_large"


class SourceMissing(PageError):
    """The file that the page belongs to is gone."""

    code = "source_missing"


class MaxCostReached(PageError):
    """The page was not read, for the job had reached its max_cost: raise that, or send the page alone."""

    code = "max_cost_reached"


class Poisoned(PageError):
    """Every worker that was given the page died of it."""

    code = "poisoned"


# --- what happened to a question to a model -------------------------------------------------------


class ModelUnavailable(Unavailable):
    """The model does not answer now: it is asked again in a moment."""

    code = "model_away"


class ModelError(PageError):
    """The model did not answer as it should."""

    code = "model_failed"
    retryable = True


class ModelDown(ModelError):
    """The model has not answered for too long: send the file again later."""

    code = "model_unavailable"
    retryable = False


class ModelRefused(ModelError):
    """The model refused to read the page."""

    code = "model_refused"
    retryable = False


class ModelNonsense(ModelError):
    """The model's answer makes no sense, twice."""

    code = "model_nonsense"
    retryable = False


class ModelAnswerTooLong(ModelError):
    """There is more on the page than the model may answer."""

    code = "model_answer_too_long"
    retryable = False


class ModelTooSlow(ModelError):
    """The model took too long for the page, with all that it was asked about it."""

    code = "model_too_slow"
    retryable = False


class ModelRejected(ModelError):
    """The model's provider does not take the question."""

    code = "model_rejected"
    retryable = False


class ModelQuestionTooLong(ModelRejected):
    """There is more in the question than the model may be told at once."""

    code = "model_question_too_long"


# --- what happened to a file that was to be built ------------------------------------------------


class ExportError(FleetError):
    """The file could not be built."""

    code = "export_failed"


class FormatFailed(ExportError):
    """The document cannot be written in that format."""

    code = "format_failed"


class ExportTimeout(ExportError):
    """Building the file took longer than its limit: send fewer pages at once, or take txt, md or json."""

    code = "export_timeout"


class ExportTooLarge(ExportError):
    """Building the file needs more memory than its limit: send fewer pages, or take txt, md or json."""

    code = "export_too_large"


class ExportDiskFull(ExportError):
    """There is no room on this server's disk for the file: send fewer pages, or take txt, md or json."""

    code = "export_disk_full"
    retryable = True


class ExportCrashed(ExportError):
    """Every process that was to build the file died of it."""

    code = "export_crashed"
    retryable = True


# --- what happened to a question about a document -------------------------------------------------


class QuestionError(FleetError):
    """The question could not be answered."""

    code = "question_failed"


class AnswerUnavailable(QuestionError):
    """The model that answers questions does not answer now: ask again later."""

    code = "answer_unavailable"
    retryable = True


class AnswerRefused(QuestionError):
    """The model declined to answer: ask in other words."""

    code = "answer_refused"


class AnswerTooSlow(QuestionError):
    """Answering took longer than its limit: ask for less at once."""

    code = "answer_too_slow"


class QuestionCrashed(QuestionError):
    """Every worker that was given the question died of it."""

    code = "question_crashed"
    retryable = True


class QuestionCanceled(QuestionError):
    """The question was canceled: nobody waited for its answer any more."""

    code = "question_canceled"


# --- what the operator set ------------------------------------------------------------------------


class PlansInvalid(FleetError):
    """The file of the plans cannot be used."""

    code = "plans_invalid"


class NotRedrivable(FleetError):
    """Nothing can be tried anew for this dead letter."""

    code = "not_redrivable"


# --- what happened to a message -----------------------------------------------------------------


class MessageUnreadable(FleetError):
    """A message is not of a known type and version, or its body is not what that type says."""

    code = "message_unreadable"


def sentence(code: str) -> str:
    """What to tell people of an error of which only the code was kept."""
    for error in _descendants(FleetError):
        if error.code == code:
            return error().message
    return FleetError().message


def revived(code: str, message: str) -> FleetError:
    """The error of which only the code and the message were kept."""
    for error in _descendants(FleetError):
        if error.code == code:
            return error(message=message)
    return FleetError(message)


def _descendants(error: type[FleetError]) -> Iterator[type[FleetError]]:
    yield error
    for child in error.__subclasses__():
        yield from _descendants(child)
