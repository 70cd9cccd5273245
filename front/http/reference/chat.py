"""Questions about a finished document, and what was said."""

from http import HTTPStatus

from common import errors
from front.http.event_stream import CONTENT_TYPE as EVENT_STREAM
from front.http.handlers.chat import ChatHandler, HistoryHandler, Question
from front.http.reference.operation import UUID, Answer, Events, Operation, query
from front.http.reference.shapes.chat_shapes import (
    AnsweredShape,
    CitationShape,
    ConversationShape,
    HistoryShape,
    RestartShape,
    TextShape,
)
from front.http.reference.shapes.problem_shape import ProblemShape

_EVENTS = Events(
    {
        "conversation": ConversationShape,
        "text": TextShape,
        "citation": CitationShape,
        "restart": RestartShape,
        "done": AnsweredShape,
        "error": ProblemShape,
    }
)

OPERATIONS = (
    Operation(
        ChatHandler,
        "post",
        "/api/v1/chat/{uuid}/",
        name="askQuestion",
        summary="Ask about a finished document",
        description=(
            "The answer rests on the document's text alone and cites its pages. Without `conversation` the "
            'latest goes on; `"new"` starts another. With `Accept: text/event-stream` it streams: events '
            "`conversation`, `text`, `citation`, `restart`, and at the end `done` with the whole, or `error` "
            "with a problem."
        ),
        parameters=(UUID,),
        body={"application/json": Question},
        answers=(
            Answer(
                HTTPStatus.OK,
                "The answer.",
                {"application/json": AnsweredShape, EVENT_STREAM: _EVENTS},
            ),
        ),
        raises=(
            errors.InvalidField,
            errors.UnknownField,
            errors.OutOfCredits,
            errors.PlanWithdrawn,
            errors.NotFound,
            errors.JobNotFinished,
            errors.JobHasNoResult,
            errors.QuestionError,
            errors.AnswerRefused,
            errors.AnswerTooSlow,
            errors.QuestionCrashed,
            errors.QuestionCanceled,
            errors.TooManyQuestions,
            errors.TooManyStreams,
            errors.AnswerPending,
            errors.AnswerUnavailable,
            errors.BrokerUnavailable,
        ),
    ),
    Operation(
        HistoryHandler,
        "get",
        "/api/v1/chat/{uuid}/history/",
        name="getHistory",
        summary="What was asked and answered",
        parameters=(UUID, query("conversation", {"type": "string"}, "Its id; else the latest.")),
        answers=(
            Answer(HTTPStatus.OK, "A conversation, the oldest first.", {"application/json": HistoryShape}),
        ),
        raises=(errors.NotFound, errors.InvalidField),
    ),
)
