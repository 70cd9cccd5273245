"""Chat over HTTP, over real sockets: what is asked, how answers look, how they stream."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from common.document.citation import Citation
from common.domain.conversation import Failure, GivenUp
from common.domain.job_parts import JobStatus
from common.errors import (
    AnswerRefused,
    AnswerUnavailable,
    FleetError,
    OutOfCredits,
    QuestionCanceled,
    TooManyQuestions,
    Unauthorized,
)
from front.http.handlers import chat
from front.settings import FrontSettings
from tests.fakes import plans
from tests.fakes.front import Front, eventually, running_front
from tests.fakes.samples import CONVERSATION_ID, JOB_ID, answer_part, job
from tests.fakes.services import FREE, done_job
from tests.unit.domain.test_conversation import after, answered, talk, turn

CHAT = f"/api/v1/chat/{JOB_ID}/"
HISTORY = f"{CHAT}history/"
STREAM = {"Accept": "text/event-stream"}
QUESTION = {"message": "What is the total?"}
MESSAGE = {
    "role": "assistant",
    "content": "It is 12 € (p. 2).",
    "citations": [{"page": 2, "snippet": "Total: 12 €", "bbox": [1, 2, 30, 20]}],
    "engine": "extractive",
    "created_at": "2026-11-22T09:00:00.000Z",
}


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    with running_front(FrontSettings(front_port=0, spool_dir=tmp_path, drain_s=20)) as started:
        started.services.jobs.jobs[JOB_ID] = done_job()
        yield started


def ask(front: Front, sent: Any = QUESTION, **options: Any) -> requests.Response:
    return front.ask("POST", CHAT, json=sent, **options)


def events(answer: requests.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    for line in answer.iter_lines(decode_unicode=True):
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


@contextmanager
def stream(front: Front) -> Iterator[requests.Response]:
    """A question that is asked and not yet answered."""
    front.in_loop(front.services.questions.settles.clear)
    with ask(front, headers=STREAM, stream=True) as answer:
        yield answer


def tell(front: Front, position: int, **changes: Any) -> None:
    asked = front.services.questions.asked[-1].question_id
    part = answer_part(position, question_id=asked, **changes)
    front.in_loop(lambda: front.services.answer_feed.notice(part))


def test_a_question_is_answered_with_its_citations(front: Front) -> None:
    answer = ask(front)
    assert answer.status_code == 200
    assert answer.json() == {"conversation": CONVERSATION_ID, "message": MESSAGE}
    (asked,) = front.services.questions.asked
    assert (asked.message, asked.conversation, asked.heard) == ("What is the total?", None, False)


def test_the_path_without_its_slash_is_served_too(front: Front) -> None:
    assert front.ask("POST", CHAT.rstrip("/"), json=QUESTION).status_code == 200
    assert front.get(HISTORY.rstrip("/")).status_code == 200


@pytest.mark.parametrize("chosen", ["new", CONVERSATION_ID, None])
def test_a_conversation_may_be_named(front: Front, chosen: str | None) -> None:
    assert ask(front, {**QUESTION, "conversation": chosen}).status_code == 200
    assert front.services.questions.asked[0].conversation == chosen


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b"", "bad_request", "no JSON"),
        (b"{", "bad_request", "no JSON"),
        (b"\xff\xfe", "bad_request", "no JSON"),
        (b'["What?"]', "bad_request", "no JSON object"),
        (b"{}", "invalid_field", "message is missing"),
        (b'{"message": ""}', "invalid_field", "1 to 4000"),
        (b'{"message": " \\n "}', "invalid_field", "1 to 4000"),
        (b'{"message": "\\u0000\\u0007"}', "invalid_field", "1 to 4000"),
        (b'{"message": 7}', "invalid_field", "1 to 4000"),
        (b'{"message": "%s"}' % (b"x" * 4001), "invalid_field", "4000"),
        (b'{"message": "%s"}' % (b"x" * 80_000), "invalid_field", "4000"),
        (b'{"message": "What?", "conversation": 7}', "invalid_field", "conversation is"),
        (b'{"message": "What?", "tone": "kind"}', "unknown_field", "'tone'"),
    ],
    ids=[
        "empty", "cut", "not-utf8", "array", "missing", "nothing", "blank", "controls", "number",
        "long", "huge", "conversation", "unknown",
    ],
)  # fmt: skip
def test_a_body_that_is_no_question_is_refused_with_what_is_wrong(
    front: Front, body: bytes, code: str, said: str
) -> None:
    answer = front.ask("POST", CHAT, data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert said in answer.json()["detail"]
    assert front.services.questions.asked == []


def test_a_message_may_have_4000_characters_of_any_script(front: Front) -> None:
    assert ask(front, {"message": "何" * 4000}).status_code == 200


@pytest.mark.parametrize("path", [CHAT, HISTORY])
def test_chat_takes_a_token(front: Front, path: str) -> None:
    method = "GET" if path == HISTORY else "POST"
    answer = front.ask(method, path, token=None, json=QUESTION)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": JobStatus.PROCESSING, "document": None}, "job_not_finished"),
        ({"status": JobStatus.FAILED, "document": None}, "job_has_no_result"),
        ({"status": JobStatus.CANCELED, "document": None}, "job_has_no_result"),
    ],
)
def test_a_job_without_a_document_is_a_conflict(front: Front, changes: dict[str, Any], code: str) -> None:
    front.services.jobs.jobs[JOB_ID] = job(2, account_id="paid", **changes)
    answer = ask(front)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert front.services.questions.asked == []


def test_another_ones_job_is_not_found(front: Front) -> None:
    front.services.jobs.jobs[JOB_ID] = done_job(account_id="other")
    assert ask(front).status_code == 404
    assert front.get(HISTORY).status_code == 404


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (OutOfCredits("too few", balance=0, needed=1), 402, False),
        (TooManyQuestions(), 429, True),
        (AnswerUnavailable(), 503, True),
        (AnswerRefused(), 422, False),
    ],
)
def test_what_stands_in_the_way_is_told(front: Front, error: FleetError, status: int, retry: bool) -> None:
    front.services.questions.error = error
    answer = ask(front)
    assert (answer.status_code, answer.json()["code"]) == (status, error.code)
    assert ("Retry-After" in answer.headers) is retry


def test_history_is_empty_before_the_first_question(front: Front) -> None:
    assert front.get(HISTORY).json() == {"conversation": None, "messages": []}


def test_history_has_every_question_and_its_answer_or_why_there_is_none(front: Front) -> None:
    canceled = GivenUp(f"{2:032x}", Failure(QuestionCanceled.code, "Nobody waited."))
    front.services.questions.talk = after(talk(turn(1), turn(2), turn(3)), answered(1), canceled)
    told = front.get(HISTORY).json()
    assert told["conversation"] == CONVERSATION_ID
    assert [(one["role"], one["content"]) for one in told["messages"]] == [
        ("user", "Question 1?"),
        ("assistant", "12 €."),
        ("user", "Question 2?"),
        ("user", "Question 3?"),
    ]
    assert told["messages"][2]["error"] == {"code": "question_canceled", "message": "Nobody waited."}
    assert told["messages"][1]["citations"][0]["page"] == 2
    assert all(one["created_at"] for one in told["messages"])


def test_an_answer_streams_as_it_is_made(front: Front) -> None:
    with stream(front) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["X-Accel-Buffering"] == "no"
        told = events(answer)
        assert next(told) == ("conversation", {"conversation": CONVERSATION_ID})
        assert front.services.questions.asked[0].heard
        tell(front, 0, text="It is ")
        assert next(told) == ("text", {"text": "It is "})
        tell(front, 1, text="12 € (p. 2).")
        assert next(told) == ("text", {"text": "12 € (p. 2)."})
        tell(front, 2, text="", citation=front.services.questions.answer.citations[0])
        assert next(told) == ("citation", MESSAGE["citations"][0])  # type: ignore[index]
        front.in_loop(front.services.questions.settles.set)
        assert list(told) == [("done", {"conversation": CONVERSATION_ID, "message": MESSAGE})]
    assert front.services.questions.canceled == []


def test_what_was_not_heard_is_told_in_the_end(front: Front) -> None:
    front.services.feed.away = True
    with stream(front) as answer:
        told = events(answer)
        next(told)
        assert not front.services.questions.asked[0].heard
        front.in_loop(front.services.questions.settles.set)
        assert [name for name, _ in told] == ["text", "citation", "done"]


def test_a_part_that_was_missed_comes_with_the_rest(front: Front) -> None:
    with stream(front) as answer:
        told = events(answer)
        next(told)
        tell(front, 0, text="It is ")
        assert next(told)[0] == "text"
        tell(front, 2, text="(p. 2).")
        front.in_loop(front.services.questions.settles.set)
        assert next(told) == ("text", {"text": "12 € (p. 2)."})


def test_another_try_begins_the_answer_anew(front: Front) -> None:
    with stream(front) as answer:
        told = events(answer)
        next(told)
        tell(front, 0, text="It might be")
        assert next(told)[0] == "text"
        tell(front, 0, attempt="b", text="It is ")
        assert next(told) == ("restart", {})
        assert next(told) == ("text", {"text": "It is "})
        tell(front, 1, text=" late words of the first try")
        front.in_loop(front.services.questions.settles.set)
        assert next(told) == ("text", {"text": "12 € (p. 2)."})


def test_an_answer_other_than_what_was_heard_is_told_anew(front: Front) -> None:
    with stream(front) as answer:
        told = events(answer)
        next(told)
        tell(front, 0, text="It is 13 ")
        assert next(told)[0] == "text"
        front.in_loop(front.services.questions.settles.set)
        assert next(told) == ("restart", {})
        assert next(told) == ("text", {"text": "It is 12 € (p. 2)."})


def test_another_citation_than_what_was_heard_is_told_anew(front: Front) -> None:
    with stream(front) as answer:
        told = events(answer)
        next(told)
        tell(front, 0, text="It is 12 € (p. 2).")
        tell(front, 1, text="", citation=Citation(1, "another"))
        assert [next(told)[0] for _ in range(2)] == ["text", "citation"]
        front.in_loop(front.services.questions.settles.set)
        assert [name for name, _ in told] == ["restart", "text", "citation", "done"]


def test_a_stream_ends_when_its_token_is_no_longer_valid(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "ADMITTED_FOR_S", 0)
    with stream(front) as answer:
        told = events(answer)
        next(told)
        front.services.tokens.error = Unauthorized()
        tell(front, 0, text="It is ")
        assert list(told) == []
    assert eventually(lambda: len(front.services.questions.canceled) == 1)


def test_a_stream_that_nobody_answers_ends_and_cancels_its_question(tmp_path: Path) -> None:
    settings = FrontSettings(front_port=0, spool_dir=tmp_path, drain_s=20, answer_wait_s=0.2)
    with running_front(settings) as front:
        front.services.jobs.jobs[JOB_ID] = done_job()
        with stream(front) as answer:
            *_, (name, problem) = events(answer)
        assert (name, problem["code"]) == ("error", "answer_unavailable")
        assert eventually(lambda: len(front.services.questions.canceled) == 1)


def test_a_client_that_goes_away_cancels_its_question(front: Front) -> None:
    with stream(front) as answer:
        next(events(answer))
    assert eventually(lambda: len(front.services.questions.canceled) == 1)
    canceled = front.services.questions.canceled[0].question_id
    assert canceled == front.services.questions.asked[0].question_id


def test_a_client_that_goes_away_without_streaming_finds_its_answer_in_the_history(front: Front) -> None:
    front.in_loop(front.services.questions.settles.clear)
    with pytest.raises(requests.Timeout):
        ask(front, timeout=0.3)
    assert len(front.services.questions.asked) == 1
    assert front.services.questions.canceled == []


def test_an_answer_that_streams_is_finished_while_the_server_stops(front: Front) -> None:
    with stream(front) as answer:
        told = events(answer)
        next(told)
        front.in_loop(front.stopping.set)
        tell(front, 0, text="It is ")
        assert next(told)[0] == "text"
        front.in_loop(front.services.questions.settles.set)
        assert [name for name, _ in told][-1] == "done"
    assert front.is_drained.wait(10)


def test_a_refusal_before_the_stream_is_an_ordinary_answer(front: Front) -> None:
    front.services.questions.error = TooManyQuestions()
    answer = ask(front, headers=STREAM)
    assert answer.status_code == 429
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_questions_are_counted_apart_from_other_requests(front: Front) -> None:
    allowed = plans.FREE.questions_per_minute
    front.services.jobs.jobs[JOB_ID] = done_job(account_id="free")
    answers = [ask(front, token=FREE) for _ in range(allowed + 1)]
    assert [answer.status_code for answer in answers] == [200] * allowed + [429]
    assert answers[-1].headers["Retry-After"] and "questions" in answers[-1].headers["RateLimit"]
    assert front.get(HISTORY, token=FREE).status_code == 200


def test_other_methods_are_told_which_there_are(front: Front) -> None:
    answer = front.get(CHAT)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
