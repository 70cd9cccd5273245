"""Every error has its status, and its body cannot be taken for a job."""

import pytest
from tornado.web import HTTPError

from common import errors
from common.errors import FleetError
from front.http.problem import problem_of


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.MissingFile(), 400),
        (errors.FileTooLarge(), 400),
        (errors.InvalidField("tier", "Unknown tier."), 400),
        (errors.Unauthorized(), 401),
        (errors.AccountSuspended(), 403),
        (errors.OutOfCredits(), 402),
        (errors.NotFound(), 404),
        (errors.SourceMissing(), 404),
        (errors.JobNotFinished(), 409),
        (errors.JobHasNoResult(), 409),
        (errors.IdempotencyKeyInUse(), 409),
        (errors.IdempotencyKeyReused(), 422),
        (errors.JobAlreadyFinished(), 409),
        (errors.PageNotShown(), 422),
        (errors.TooManyStreams(), 429),
        (errors.TooManyDownloads(), 429),
        (errors.BrokerUnavailable(), 503),
        (errors.ExportPending(), 503),
        (errors.FormatFailed(), 422),
        (errors.EngineCrashed(), 500),
        (HTTPError(405), 405),
        (KeyError("x"), 500),
        (None, 500),
    ],
)
def test_each_error_has_its_status(error: Exception | None, status: int) -> None:
    assert problem_of(error).status == status


def test_a_body_tells_what_is_wrong_and_has_no_field_of_a_job_but_a_status_in_numbers() -> None:
    body = problem_of(errors.InvalidField("tier", "Unknown tier 'x'.")).body("r-1")
    assert body == {
        "type": "urn:ocr-fleet:problem:invalid_field",
        "title": "A field has a value that is not allowed.",
        "status": 400,
        "detail": "Unknown tier 'x'.",
        "error": "Unknown tier 'x'.",
        "code": "invalid_field",
        "request_id": "r-1",
        "field": "tier",
    }


@pytest.mark.parametrize("error", [KeyError("secret"), FleetError("secret"), errors.EngineFailed("secret")])
def test_nothing_is_told_of_a_fault_of_our_own(error: Exception) -> None:
    problem = problem_of(error)
    assert problem.code == "internal_error"
    assert "secret" not in str(problem.body("r-1"))


@pytest.mark.parametrize(
    "error", [errors.StoreUnavailable(), errors.TooManyStreams(), errors.TooManyDownloads()]
)
def test_what_may_succeed_later_is_to_be_asked_for_again(error: FleetError) -> None:
    assert problem_of(error).headers == {"Retry-After": "5"}


def test_who_is_out_of_credits_is_told_how_the_account_stands() -> None:
    body = problem_of(errors.OutOfCredits(used=98, cap=100, needed=3, resets_at="2026-12-01T00:00:00Z")).body(
        ""
    )
    assert (body["used"], body["cap"], body["needed"]) == (98, 100, 3)
    assert body["resets_at"] == "2026-12-01T00:00:00Z"
    assert problem_of(errors.IdempotencyKeyInUse()).headers == {"Retry-After": "5"}
    assert problem_of(errors.JobNotFinished()).headers == {}


def test_who_is_unknown_is_told_how_to_authenticate() -> None:
    assert problem_of(errors.Unauthorized()).headers["WWW-Authenticate"].startswith("Bearer")
