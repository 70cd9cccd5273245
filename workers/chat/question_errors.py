"""What goes wrong with models and documents, as it is told to who asked a question."""

from collections.abc import Iterator
from contextlib import contextmanager

from common.errors import (
    AnswerRefused,
    AnswerTooSlow,
    AnswerUnavailable,
    EngineCrashed,
    EngineTimeout,
    FleetError,
    ModelDown,
    ModelError,
    ModelRefused,
    ModelTooSlow,
    ModelUnavailable,
    PageTooLarge,
    QuestionCrashed,
    QuestionError,
    SourceMissing,
)

_GONE = "The document is gone: its job was deleted."
_TOO_LARGE = "The document needs more memory than the limit allows: send it in parts, and ask about these."


def question_error(error: FleetError) -> QuestionError:
    match error:
        case QuestionError():
            return error
        case ModelDown() | ModelUnavailable():
            return AnswerUnavailable()
        case ModelRefused():
            return AnswerRefused()
        case ModelTooSlow() | EngineTimeout():
            return AnswerTooSlow()
        case EngineCrashed():
            return QuestionCrashed()
        case SourceMissing():
            return QuestionError(_GONE)
        case PageTooLarge():
            return QuestionError(_TOO_LARGE)
    return QuestionError()


@contextmanager
def tried_once() -> Iterator[None]:
    """Somebody waits: what took its time, or was tried again already, is not repeated from the beginning."""
    try:
        yield
    except EngineTimeout as error:
        raise AnswerTooSlow() from error
    except ModelError as error:
        if not error.retryable:
            raise
        raise QuestionError() from error
