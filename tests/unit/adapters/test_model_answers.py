"""What a provider's headers and errors mean, and what of a schema it is given."""

from datetime import UTC, datetime

import pytest
from anthropic import transform_schema

from common.adapters.model_schema import with_single_types
from common.adapters.model_status import Fault, fault_of
from common.adapters.retry_after import retry_after_s

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "delay_s"),
    [
        ("7", 7),
        ("0.5", 0.5),
        ("-3", 0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, delay_s: float | None) -> None:
    assert retry_after_s({"retry-after": value}, NOON) == delay_s


@pytest.mark.parametrize(
    ("status", "type", "message", "fate"),
    [
        (429, "rate_limit_error", "", Fault.Fate.THROTTLED),
        (529, "overloaded_error", "", Fault.Fate.PASSING),
        (200, "overloaded_error", "", Fault.Fate.PASSING),
        (200, "rate_limit_error", "", Fault.Fate.THROTTLED),
        (200, None, "", Fault.Fate.PASSING),
        (500, None, "", Fault.Fate.PASSING),
        (503, "nobody knows", "", Fault.Fate.PASSING),
        (401, None, "", Fault.Fate.FOR_ALL),
        (404, "not_found_error", "", Fault.Fate.FOR_ALL),
        (400, "invalid_request_error", "Your credit balance is too low", Fault.Fate.FOR_ALL),
        (400, "invalid_request_error", "messages.0: bad", Fault.Fate.REJECTED),
        (200, "invalid_request_error", "messages.0: bad", Fault.Fate.REJECTED),
        (413, "request_too_large", "", Fault.Fate.REJECTED),
    ],
)
def test_an_error_is_known_by_its_type_or_else_its_status(
    status: int, type: str | None, message: str, fate: Fault.Fate
) -> None:
    assert fault_of(status, type, message).fate is fate


def test_a_rejection_says_what_to_look_at_without_the_providers_words() -> None:
    fault = fault_of(400, "invalid_request_error", "max_tokens: 'Dear Mrs Smith' > 64000")
    assert "OCR_MODEL_MAX_TOKENS" in fault.reason
    assert "Smith" not in fault.reason


def test_a_list_of_types_becomes_alternatives_that_the_sdk_takes() -> None:
    schema = {
        "type": "object",
        "properties": {"total": {"type": ["number", "null"], "minimum": 0, "description": "In euros"}},
    }
    assert transform_schema(with_single_types(schema))["properties"]["total"] == {
        "anyOf": [{"type": "number", "description": "{minimum: 0}"}, {"type": "null"}],
        "description": "In euros",
    }
