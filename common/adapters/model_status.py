"""What an error of the Messages API means: by its type, else by its HTTP status.

Source: https://platform.claude.com/docs/en/api/errors; other servers send the statuses, mostly with types.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar, Final


class _Fate(Enum):
    THROTTLED = auto()
    PASSING = auto()
    FOR_ALL = auto()
    REJECTED = auto()


@dataclass(frozen=True, slots=True)
class Fault:
    """``outcome``: its name in metrics and logs. ``reason``: what to tell the operator, in our own words.

    THROTTLED: fewer calls, please. PASSING: the same call may succeed later. FOR_ALL: no call can, until
    somebody mends something. REJECTED: this call never will.
    """

    Fate: ClassVar[type[_Fate]] = _Fate

    fate: _Fate
    outcome: str
    reason: str
    is_schema: bool = False
    is_too_long: bool = False


_THROTTLED: Final = Fault(_Fate.THROTTLED, "throttled", "The model's provider limits how much it is asked.")
_OVERLOADED: Final = Fault(_Fate.PASSING, "overloaded", "The model's provider is overloaded.")
_BROKEN: Final = Fault(_Fate.PASSING, "server_error", "The model's server has an error.")
_BUSY: Final = Fault(_Fate.PASSING, "timed_out", "The model's server took too long.")
_KEY: Final = Fault(
    _Fate.FOR_ALL,
    "unauthorized",
    "The model's provider does not accept the key: check ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN.",
)
_FORBIDDEN: Final = Fault(
    _Fate.FOR_ALL, "forbidden", "The model's provider does not let this key use the model: check OCR_MODEL."
)
_UNKNOWN: Final = Fault(
    _Fate.FOR_ALL,
    "not_found",
    "The model's server knows no such model or address: check OCR_MODEL and ANTHROPIC_BASE_URL.",
)
_MOVED: Final = Fault(
    _Fate.FOR_ALL,
    "moved",
    "The model's server sends on to another address, which is not followed: check ANTHROPIC_BASE_URL.",
)
_UNPAID: Final = Fault(_Fate.FOR_ALL, "unpaid", "The account with the model's provider has no credit left.")

_BY_TYPE: Final[Mapping[str, Fault]] = {
    "rate_limit_error": _THROTTLED,
    "overloaded_error": _OVERLOADED,
    "api_error": _BROKEN,
    "timeout_error": _BUSY,
    "authentication_error": _KEY,
    "permission_error": _FORBIDDEN,
    "not_found_error": _UNKNOWN,
    "billing_error": _UNPAID,
}
_BY_STATUS: Final[Mapping[int, Fault]] = {
    **dict.fromkeys((301, 302, 303, 307, 308), _MOVED),
    401: _KEY,
    402: _UNPAID,
    403: _FORBIDDEN,
    404: _UNKNOWN,
    408: _BUSY,
    409: _BUSY,
    429: _THROTTLED,
    529: _OVERLOADED,
}
# What a rejection is about, by words in the provider's message: the first that is found.
_SCHEMA_WORDS: Final = ("output_config", "json_schema", "schema")
_TOO_LONG_WORDS: Final = ("too long", "context window", "context length")
_HINTS: Final = (
    ("effort", "it does not know the effort: check OCR_MODEL_EFFORT"),
    ("image", "it does not take the picture of the page"),
    ("max_tokens", "it does not allow answers as long as OCR_MODEL_MAX_TOKENS"),
    *((words, "it is longer than the model's context window") for words in _TOO_LONG_WORDS),
)


def fault_of(status: int, type: str | None, message: str) -> Fault:
    """``message``: the provider's, in which parts of the request may be repeated."""
    fault = _BY_TYPE.get(type or "") or _BY_STATUS.get(status)
    if fault is not None:
        return fault
    if (status < 400 and type != "invalid_request_error") or status >= 500:
        return _BROKEN
    return _rejection(status, message.lower())


def _rejection(status: int, message: str) -> Fault:
    if "credit balance" in message:
        return _UNPAID
    hint = next((hint for word, hint in _HINTS if word in message), "see its log")
    if status == 413:
        hint = "the request is too large"
    is_schema = "effort" not in message and any(word in message for word in _SCHEMA_WORDS)
    if is_schema:
        hint = "it does not take the schema of the answer: try OCR_MODEL_STRUCTURED=prompt"
    reason = f"The model's provider rejects the question (status {status}): {hint}."
    is_too_long = status == 413 or any(words in message for words in _TOO_LONG_WORDS)
    return Fault(_Fate.REJECTED, "rejected", reason, is_schema, is_too_long)
