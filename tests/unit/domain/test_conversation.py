"""Conversations: the order of questions, and that nothing happens twice."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from common.domain.conversation import (
    MAX_TURNS,
    MAX_UNSETTLED,
    Accepted,
    Charged,
    Conversation,
    Event,
    Failure,
    GivenUp,
    TaskLost,
    TaskSent,
    Turn,
    TurnStatus,
    Withdrawn,
)
from common.errors import InvalidField, NotFound, QuestionCanceled, TooManyQuestions
from tests.fakes.samples import CONVERSATION_ID, JOB_ID, NOW, question_answered, question_failed

CANCELED = Failure(QuestionCanceled.code, "Nobody waits.")


def talk(*turns: Turn) -> Conversation:
    conversation = Conversation(
        id=CONVERSATION_ID,
        job_id=JOB_ID,
        account_id="demo",
        created_at=NOW,
        expires_at=NOW + timedelta(days=8),
    )
    for turn in turns:
        conversation = conversation.asked(turn)
    return conversation


def turn(number: int, status: TurnStatus = TurnStatus.WAITING, **changes: object) -> Turn:
    made = Turn(
        question_id=f"{number:032x}",
        ticket=f"ticket-{number}",
        message=f"Question {number}?",
        asked_at=NOW,
        status=status,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def answered(number: int, content: str = "12 €.") -> Event:
    return question_answered(question_id=f"{number:032x}", ticket=f"ticket-{number}", content=content)


def failed(number: int) -> Event:
    return question_failed(question_id=f"{number:032x}", ticket=f"ticket-{number}")


def after(conversation: Conversation, *events: Event) -> Conversation:
    for event in events:
        conversation = conversation.apply(event, NOW)
    return conversation


def statuses(conversation: Conversation) -> list[TurnStatus]:
    return [one.status for one in conversation.turns]


def test_the_first_question_is_due_and_the_next_waits() -> None:
    assert statuses(talk(turn(1), turn(2))) == [TurnStatus.DUE, TurnStatus.WAITING]


@pytest.mark.parametrize("end", [answered(1), failed(1), GivenUp(f"{1:032x}", CANCELED)])
def test_the_next_question_has_its_turn_however_the_one_before_ended(end: Event) -> None:
    moved = after(talk(turn(1), turn(2), turn(3)), TaskSent("ticket-1"), end)
    assert moved.due is not None and moved.due.message == "Question 2?"
    assert statuses(moved)[2] is TurnStatus.WAITING


def test_an_answer_may_come_before_it_is_known_that_its_task_was_sent() -> None:
    moved = after(talk(turn(1)), answered(1), TaskSent("ticket-1"))
    assert statuses(moved) == [TurnStatus.ANSWERED]


def test_the_first_answer_counts() -> None:
    moved = after(talk(turn(1)), answered(1, "first"), answered(1, "second"), failed(1))
    (settled,) = moved.turns
    assert settled.answer is not None and settled.answer.content == "first"
    assert settled.failure is None


def test_an_answer_with_another_ticket_changes_nothing() -> None:
    conversation = talk(turn(1))
    assert (
        conversation.apply(question_answered(question_id=f"{1:032x}", ticket="forged"), NOW) is conversation
    )


def test_a_canceled_question_takes_no_answer_any_more() -> None:
    canceled = after(talk(turn(1)), GivenUp(f"{1:032x}", CANCELED))
    assert statuses(canceled) == [TurnStatus.CANCELED]
    assert canceled.apply(answered(1), NOW) is canceled


def test_a_lost_task_is_due_again() -> None:
    lost = after(talk(turn(1)), TaskSent("ticket-1"), TaskLost("ticket-1"))
    assert statuses(lost) == [TurnStatus.DUE]


def test_no_question_overtakes_one_that_is_not_promised_yet() -> None:
    drafted = talk(turn(1, TurnStatus.DRAFT), turn(2))
    assert statuses(drafted) == [TurnStatus.DRAFT, TurnStatus.WAITING]
    accepted = after(drafted, Accepted(f"{1:032x}"))
    assert statuses(accepted) == [TurnStatus.DUE, TurnStatus.WAITING]
    given_up = after(drafted, GivenUp(f"{1:032x}", CANCELED))
    assert statuses(given_up) == [TurnStatus.CANCELED, TurnStatus.DUE]


def test_a_conversation_of_long_answers_ends_before_a_document_of_the_database_would() -> None:
    conversation = talk()
    with pytest.raises(InvalidField, match="new"):
        for number in range(MAX_TURNS):
            conversation = after(conversation.asked(turn(number)), answered(number, "x" * 40_000))
    assert len(conversation.turns) == 50


def test_a_question_about_a_deleted_document_is_one_about_nothing() -> None:
    (ended,) = after(talk(turn(1)), Withdrawn()).turns
    assert ended.failure is not None and isinstance(ended.failure.error, NotFound)


def test_what_was_answered_before_is_told_to_who_answers_next() -> None:
    conversation = after(talk(turn(1), turn(2), turn(3)), answered(1), failed(2))
    assert conversation.due is not None
    assert [one.message for one in conversation.earlier(conversation.due)] == ["Question 1?"]


def test_credits_are_owed_until_the_books_have_them() -> None:
    conversation = talk(turn(1, credits=2, owes=True))
    assert not conversation.owing and not conversation.is_at_rest
    ended = after(conversation, answered(1))
    assert [one.credits_charged for one in ended.owing] == [2] and not ended.is_at_rest
    assert after(ended, Charged(f"{1:032x}")).is_at_rest


@pytest.mark.parametrize("end", [failed(1), GivenUp(f"{1:032x}", CANCELED), Withdrawn()])
def test_a_question_without_an_answer_costs_nothing(end: Event) -> None:
    ended = after(talk(turn(1, credits=2, owes=True)), end)
    assert [one.credits_charged for one in ended.owing] == [0]


def test_a_conversation_is_not_piled_up() -> None:
    conversation = talk(*(turn(number) for number in range(MAX_UNSETTLED)))
    with pytest.raises(TooManyQuestions):
        conversation.asked(turn(99))
    assert len(after(conversation, answered(0)).asked(turn(99)).turns) == MAX_UNSETTLED + 1


def test_a_conversation_ends_somewhere() -> None:
    conversation = talk()
    for number in range(MAX_TURNS):
        conversation = after(conversation.asked(turn(number)), answered(number))
    with pytest.raises(InvalidField, match="new"):
        conversation.asked(turn(MAX_TURNS))


def test_however_events_fall_one_question_at_most_is_open_and_none_is_settled_twice() -> None:
    """Whatever order deliveries, repetitions and losses come in."""
    for seed in range(200):
        chance = random.Random(seed)
        conversation = talk(*(turn(number) for number in range(4)))
        kinds = [
            lambda n: answered(n, f"by {n}"),
            failed,
            lambda n: TaskSent(f"ticket-{n}"),
            lambda n: TaskLost(f"ticket-{n}"),
            lambda n: GivenUp(f"{n:032x}", CANCELED),
        ]
        for _ in range(60):
            before = conversation
            conversation = after(conversation, chance.choice(kinds)(chance.randrange(4)))
            assert sum(one.status.is_open for one in conversation.turns) <= 1, seed
            for old, new in zip(before.turns, conversation.turns, strict=True):
                assert not old.status.is_settled or new == old, seed
        open_or_over = [one.status is not TurnStatus.WAITING for one in conversation.turns]
        assert conversation.due is not None or any(open_or_over), seed
