"""How an error looks over HTTP: RFC 9457 problem details. The one table of status codes."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from tornado.web import HTTPError

from common import errors
from common.domain.export import TOLD_FOR_IF_RETRYABLE
from common.errors import FleetError
from front.http.rate_limit_fields import fields_of_refusal

RETRY_AFTER_S = 5
RETRY_WHEN_OVERLOADED_AFTER_S = 30
CONTENT_TYPE = "application/problem+json"

# The nearest class in an error's line of ancestors counts; one without any is our own fault.
_STATUS: dict[type[FleetError], HTTPStatus] = {
    errors.BadRequest: HTTPStatus.BAD_REQUEST,
    errors.Unauthorized: HTTPStatus.UNAUTHORIZED,
    errors.OutOfCredits: HTTPStatus.PAYMENT_REQUIRED,
    errors.AccountSuspended: HTTPStatus.FORBIDDEN,
    errors.PlanWithdrawn: HTTPStatus.FORBIDDEN,
    errors.SignUpClosed: HTTPStatus.FORBIDDEN,
    errors.TooManyTokens: HTTPStatus.CONFLICT,
    errors.LastToken: HTTPStatus.CONFLICT,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.SourceMissing: HTTPStatus.NOT_FOUND,
    errors.JobNotFinished: HTTPStatus.CONFLICT,
    errors.JobHasNoResult: HTTPStatus.CONFLICT,
    errors.JobAlreadyFinished: HTTPStatus.CONFLICT,
    errors.IdempotencyKeyInUse: HTTPStatus.CONFLICT,
    errors.IdempotencyKeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.PageNotShown: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.ExportError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.QuestionError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.AnswerUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
_SENTENCES = {
    HTTPStatus.BAD_REQUEST: "The request could not be understood: check its address and its query.",
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "This address does not take this method: the header Allow names those that it takes."
    ),
}
# Until then the failure that was recorded is told again (common.domain.export).
_RETRY_EXPORT_AFTER_S = int(TOLD_FOR_IF_RETRYABLE.total_seconds())
# Codes of refusals for being too much that have another status than 429.
_TOO_MUCH = {errors.Overloaded.code, errors.TooManyWrongTokens.code}
_HEADERS = {HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Bearer realm="ocr"'}}


@dataclass(frozen=True, slots=True)
class Problem:
    """``extra``: members of this kind of problem alone, such as the name of the field; ``quota``: headers
    that tell which one is used up.
    """

    status: HTTPStatus
    code: str
    title: str
    detail: str
    extra: dict[str, Any] = field(default_factory=dict)
    retry_after_s: int | None = None
    quota: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        later = {"Retry-After": str(self.retry_after_s)} if self.retry_after_s else {}
        return {**_HEADERS.get(self.status, {}), **later, **self.quota}

    @property
    def is_our_fault(self) -> bool:
        return self.status is HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def is_about_too_much(self) -> bool:
        return self.status is HTTPStatus.TOO_MANY_REQUESTS or self.code in _TOO_MUCH

    @property
    def is_about_the_method(self) -> bool:
        return self.status is HTTPStatus.METHOD_NOT_ALLOWED

    def body(self, request_id: str) -> dict[str, Any]:
        return {
            "type": f"urn:ocr-fleet:problem:{self.code}",
            "title": self.title,
            "status": self.status.value,
            "detail": self.detail,
            "error": self.detail,
            "code": self.code,
            "request_id": request_id,
            **self.extra,
        }


def status_of(error: type[FleetError]) -> HTTPStatus:
    """What errors of this class are answered with."""
    found = (_STATUS[kind] for kind in error.__mro__ if kind in _STATUS)
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def problem_of(error: BaseException | None) -> Problem:
    """Of an error that nobody foresaw, nothing is told but that it happened."""
    if isinstance(error, FleetError):
        return _of_fleet_error(error)
    if isinstance(error, HTTPError):
        return _of_http_error(error)
    return _of_fleet_error(FleetError())


def _of_fleet_error(error: FleetError) -> Problem:
    status = status_of(type(error))
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        internal = FleetError()
        return Problem(status, internal.code, internal.message, internal.message)
    return Problem(
        status,
        error.code,
        errors.sentence(error.code),
        error.message,
        _extra(error),
        _retry_after_s(error),
        fields_of_refusal(error) if isinstance(error, errors.RateLimited) else {},
    )


def _retry_after_s(error: FleetError) -> int | None:
    if not error.retryable:
        return None
    match error:
        case errors.ExportError():
            return _RETRY_EXPORT_AFTER_S
        case (
            errors.TooManyRequests(retry_after_s=int(known_s))
            | errors.TooManyWrongTokens(retry_after_s=int(known_s))
        ):
            return known_s
        case errors.Overloaded():
            return RETRY_WHEN_OVERLOADED_AFTER_S
        case _:
            return RETRY_AFTER_S


def _extra(error: FleetError) -> dict[str, Any]:
    match error:
        case errors.InvalidField():
            return {"field": error.field}
        case errors.OutOfCredits():
            return error.account
        case _:
            return {}


def _of_http_error(error: HTTPError) -> Problem:
    """Tornado's own errors: a method that is not there, a path or query that cannot be decoded."""
    status = HTTPStatus(error.status_code)
    sentence = _SENTENCES.get(status) or f"{status.description or status.phrase}."
    return Problem(status, status.name.lower(), sentence, sentence)
