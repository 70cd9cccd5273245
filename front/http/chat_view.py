"""Conversations as the API shows them, whole and as server-sent events."""

from collections.abc import Iterator
from typing import Any

import orjson

from common.document.citation import Citation
from common.domain.conversation import Answer, Conversation, Turn
from front.http.problem import problem_of
from front.services.answer_stream import BegunAnew, Cited, News, Said, Settled
from front.services.questions import Asked
from front.services.timestamps import timestamp

View = dict[str, Any]

_SIGN_OF_LIFE = b": still there\n\n"


def answer_view(answer: Answer) -> View:
    return {
        "role": "assistant",
        "content": answer.content,
        "citations": [_citation(citation) for citation in answer.citations],
        "engine": answer.engine,
        "created_at": timestamp(answer.at),
    }


def history_view(conversation: Conversation | None) -> View:
    """Every question, and behind it its answer; ``error`` says why a question has none."""
    turns = conversation.turns if conversation else ()
    return {
        "conversation": conversation.id if conversation else None,
        "messages": [message for turn in turns for message in _messages(turn)],
    }


def opening(asked: Asked) -> bytes:
    return _framed("conversation", {"conversation": asked.conversation_id})


def rendered(news: News, asked: Asked, request_id: str) -> bytes:
    """Of the end: ``done`` with what a client that does not stream is answered, or ``error``."""
    match news:
        case Said():
            return _framed("text", {"text": news.text})
        case Cited():
            return _framed("citation", _citation(news.citation))
        case BegunAnew():
            return _framed("restart", {})
        case Settled():
            return _end(news.turn, asked, request_id)
    return _SIGN_OF_LIFE


def failed(error: BaseException, request_id: str) -> bytes:
    return _framed("error", problem_of(error).body(request_id))


def _end(turn: Turn, asked: Asked, request_id: str) -> bytes:
    if turn.failure is not None:
        return failed(turn.failure.error, request_id)
    assert turn.answer is not None, "it is settled"
    return _framed("done", {"conversation": asked.conversation_id, "message": answer_view(turn.answer)})


def _messages(turn: Turn) -> Iterator[View]:
    asked: View = {
        "role": "user",
        "content": turn.message,
        "citations": [],
        "created_at": timestamp(turn.asked_at),
    }
    if turn.failure is not None:
        asked["error"] = {"code": turn.failure.code, "message": turn.failure.message}
    yield asked
    if turn.answer is not None:
        yield answer_view(turn.answer)


def _citation(citation: Citation) -> View:
    view: View = {"page": citation.page, "snippet": citation.snippet}
    return view if citation.bbox is None else {**view, "bbox": list(citation.bbox)}


def _framed(name: str, data: View) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data))
