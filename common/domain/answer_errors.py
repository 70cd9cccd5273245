"""In what an answer does not follow its JSON Schema.

Both come from outside, so what they can cost is bounded: the schemas that are tried on the answer's values
are counted, and what is told of those that do not fit; and patterns are matched in linear time (by the
regular expressions of Rust, which have neither look-around nor references back).
"""

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from pydantic_core import SchemaError, SchemaValidator, core_schema

MOST_ERRORS: Final = 20
_MOST_STEPS: Final = 100_000
_SHOWN: Final = 300  # characters of a message
_TOLD_IN_A_STEP: Final = 1000  # characters: messages repeat the value, which may be the whole answer


@dataclass(frozen=True, slots=True)
class AnswerError:
    """``pointer`` leads to the value (JSON Pointer); ``message`` may hold some of it, ``rule`` does not."""

    pointer: str
    message: str
    rule: str


class _TooManySteps(Exception):
    """Trying the schema on the answer takes too long."""


def answer_errors(answer: Any, schema: Mapping[str, Any]) -> list[AnswerError]:
    """The first few of them. ``schema``: one that ``checked_schema`` has let through."""
    found: list[AnswerError] = []
    trial = _trial.set(_Trial())
    try:
        for error in _Bounded(schema).iter_errors(answer):
            found.append(_told(error))
            if len(found) == MOST_ERRORS:
                break
    except (_TooManySteps, RecursionError):
        found.append(AnswerError("", "The answer is too large to be checked by this schema.", "size"))
    finally:
        _trial.reset(trial)
    return found


def is_pattern(text: str) -> bool:
    """Whether it is a regular expression that is matched here."""
    try:
        _matcher(text)
    except (SchemaError, UnicodeEncodeError):
        return False
    return True


def pointer(path: Iterator[str | int] | tuple[str | int, ...]) -> str:
    """RFC 6901."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _told(error: ValidationError) -> AnswerError:
    expected = orjson.dumps(error.validator_value, default=str).decode()
    return AnswerError(
        pointer(tuple(error.absolute_path)),
        error.message,
        f"{error.validator}: {_short(expected)}",
    )


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


@dataclass(slots=True)
class _Trial:
    """One answer being held to one schema; ``matchers`` are of its patterns, and go with it."""

    steps: int = 0
    matchers: dict[str, SchemaValidator] = field(default_factory=dict)

    def took(self, steps: int) -> None:
        self.steps += steps
        if self.steps > _MOST_STEPS:
            raise _TooManySteps

    def matches(self, pattern: str, text: str) -> bool:
        if pattern not in self.matchers:
            self.matchers[pattern] = _matcher(pattern)
        return self.matchers[pattern].isinstance_python(text)


Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]
_trial: ContextVar[_Trial] = ContextVar("_trial")


def _counted(keyword: Keyword) -> Keyword:
    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        trial = _trial.get()
        trial.took(1)
        for error in keyword(validator, value, instance, schema) or ():
            trial.took(len(error.message) // _TOLD_IN_A_STEP)
            error.message = _short(error.message)
            yield error

    return check


def _pattern(_validator: Any, text: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _trial.get().matches(text, instance):
        yield ValidationError(f"{instance!r} does not match {text!r}")


def _unique(_validator: Any, wanted: bool, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """In linear time also of objects."""
    if wanted and isinstance(instance, list):
        seen = {orjson.dumps(one, option=orjson.OPT_SORT_KEYS) for one in instance}
        if len(seen) < len(instance):
            yield ValidationError("The list has non-unique elements")


def _matcher(text: str) -> SchemaValidator:
    return SchemaValidator(core_schema.str_schema(pattern=text, regex_engine="rust-regex"))


_OWN: Final = {"pattern": _pattern, "uniqueItems": _unique}
_Bounded: Final = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {name: _counted(keyword) for name, keyword in {**Draft202012Validator.VALIDATORS, **_OWN}.items()},
)
