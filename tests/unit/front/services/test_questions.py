"""Questions over fakes: their order, their credits, and what becomes of them when something fails."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from common.domain.conversation import Conversation, Turn, TurnStatus
from common.domain.job import Job
from common.errors import (
    AnswerPending,
    AnswerRefused,
    JobNotFinished,
    NotFound,
    OutOfCredits,
    PlanWithdrawn,
    QuestionCrashed,
    QuestionError,
    StoreRefused,
    StoreUnavailable,
    TooManyQuestions,
)
from front.services.questions import MOST_AT_ONCE, Asked, Inquiry
from tests.fakes import plans
from tests.fakes.samples import question_answered, question_failed, recognized
from tests.unit.front.services.fleet import ACCOUNT, PLENTY, Replica

Ask = Callable[..., Awaitable[Asked]]


@pytest.fixture(params=[0, 2], ids=["free", "2-credits"])
def replica(request: pytest.FixtureRequest) -> Replica:
    return Replica(cost=request.param)


async def finished(replica: Replica, folder: Path) -> Job:
    """A job of one page that was read, with its document."""
    file = folder / "a.pdf"
    file.write_bytes(b"pages")
    job = await replica.submit(file)
    await replica.track([recognized(0).model_copy(update={"job_id": job.id, "ticket": job.ticket})])
    return await replica.reading.find(job.id, ACCOUNT)


async def ask(replica: Replica, job: Job, message: str = "What?", **inquiry: object) -> Asked:
    asked = Inquiry(uuid4().hex, message, **inquiry)  # type: ignore[arg-type]
    return await replica.questions.ask(ACCOUNT, job, asked)


def answer(replica: Replica, index: int = -1, content: str = "12 €."):  # type: ignore[no-untyped-def]
    task = replica.question_tasks()[index]
    return question_answered(
        job_id=task.job_id,
        conversation_id=task.conversation_id,
        question_id=task.question_id,
        ticket=task.ticket,
        content=content,
    )


async def _away(*_: object) -> Job:
    raise StoreUnavailable()


def spent(replica: Replica) -> int:
    """Beyond the page."""
    return PLENTY - 1 - replica.credits.balances[ACCOUNT.id]


async def test_a_question_travels_as_a_blob_and_its_answer_comes_back(
    replica: Replica, tmp_path: Path
) -> None:
    job = await finished(replica, tmp_path)
    asked = await ask(replica, job, "What is the total?")
    (task,) = replica.question_tasks()
    assert "What is the total?" not in task.model_dump_json()
    assert orjson.loads(replica.blobs.blobs[task.asked_key]) == {
        "message": "What is the total?",
        "earlier": [],
        "title": "a",
    }
    assert task.words_key == job.document.transcript.words_key if job.document else False
    await replica.track([answer(replica)])
    turn = await replica.questions.answered(asked, 1)
    assert turn.answer is not None and turn.answer.content == "12 €."
    assert spent(replica) == replica.cost
    assert task.asked_key not in replica.blobs.blobs


async def test_the_next_question_waits_and_has_the_earlier_turns(replica: Replica, tmp_path: Path) -> None:
    job = await finished(replica, tmp_path)
    first, second = await asyncio.gather(ask(replica, job, "First?"), ask(replica, job, "Second?"))
    assert first.conversation_id == second.conversation_id
    assert len(replica.question_tasks()) == 1
    await replica.track([answer(replica, 0, "One.")])
    earlier_task, task = replica.question_tasks()
    history = await replica.questions.history(job, None)
    assert history is not None
    by_id = {turn.question_id: turn.message for turn in history.turns}
    asked = orjson.loads(replica.blobs.blobs[task.asked_key])
    assert asked == {
        "message": by_id[task.question_id],
        "earlier": [{"question": by_id[earlier_task.question_id], "answer": "One."}],
        "title": "a",
    }


async def test_answers_that_come_twice_are_charged_once(replica: Replica, tmp_path: Path) -> None:
    job = await finished(replica, tmp_path)
    await ask(replica, job)
    await replica.track([answer(replica, content="a"), answer(replica, content="b")], redelivered=True)
    await replica.twin().track([answer(replica, content="c")], redelivered=True)
    history = await replica.questions.history(job, None)
    assert history is not None
    assert [turn.answer.content for turn in history.turns if turn.answer] == ["a"]
    assert spent(replica) == replica.cost


async def test_a_failed_question_tells_why_and_is_paid_back(replica: Replica, tmp_path: Path) -> None:
    job = await finished(replica, tmp_path)
    asked = await ask(replica, job)
    (task,) = replica.question_tasks()
    await replica.track(
        [
            question_failed(
                job_id=job.id,
                conversation_id=task.conversation_id,
                question_id=task.question_id,
                ticket=task.ticket,
            )
        ]
    )
    with pytest.raises(AnswerRefused):
        await replica.questions.answered(asked, 1)
    assert spent(replica) == 0


async def test_a_question_that_killed_its_workers_fails(replica: Replica, tmp_path: Path) -> None:
    job = await finished(replica, tmp_path)
    asked = await ask(replica, job)
    await replica.track(replica.question_tasks())
    with pytest.raises(QuestionCrashed):
        await replica.questions.answered(asked, 1)
    assert spent(replica) == 0


async def test_who_cancels_pays_nothing_and_the_next_has_its_turn(replica: Replica, tmp_path: Path) -> None:
    job = await finished(replica, tmp_path)
    first = await ask(replica, job, "First?")
    await ask(replica, job, "Second?")
    await replica.questions.cancel(first)
    assert len(replica.question_tasks()) == 2
    await replica.track([answer(replica, 0, "late"), answer(replica, 1, "Two.")])
    history = await replica.questions.history(job, None)
    assert history is not None
    assert [turn.status for turn in history.turns] == [TurnStatus.CANCELED, TurnStatus.ANSWERED]
    assert spent(replica) == replica.cost


async def test_an_answer_that_takes_long_is_told_as_such(replica: Replica, tmp_path: Path) -> None:
    job = await finished(replica, tmp_path)
    asked = await ask(replica, job)
    with pytest.raises(AnswerPending):
        await replica.questions.answered(asked, 0.01)


async def test_what_was_not_published_is_recovered(replica: Replica, tmp_path: Path) -> None:
    job = await finished(replica, tmp_path)
    replica.publisher.failures = 1
    asked = await ask(replica, job)
    assert replica.question_tasks() == []
    await replica.sweep_for(60)
    assert len(replica.question_tasks()) == 1
    await replica.track([answer(replica)])
    assert (await replica.questions.answered(asked, 1)).answer is not None


async def test_what_the_broker_lost_is_sent_again_once_its_queues_have_been_empty(
    replica: Replica, tmp_path: Path
) -> None:
    job = await finished(replica, tmp_path)
    await ask(replica, job)
    replica.broker.messages["ocr.chat.questions"] = 1
    await replica.sweep_for(900)
    assert len(replica.question_tasks()) == 1
    replica.broker.messages.clear()
    await replica.sweep_for(900)
    assert len(replica.question_tasks()) == 2


async def test_a_deleted_job_takes_its_conversations_along_and_gives_back_what_was_set_aside(
    replica: Replica, tmp_path: Path
) -> None:
    job = await finished(replica, tmp_path)
    asked = await ask(replica, job)
    await replica.withdrawal.delete(job)
    assert replica.conversations.conversations == {}
    assert not [key for key in replica.blobs.blobs if key.startswith(job.id)]
    assert spent(replica) == 0 and replica.credits.reservations == {}
    with pytest.raises(NotFound):
        await replica.questions.answered(asked, 1)


async def test_what_is_asked_while_the_job_is_deleted_does_not_stay(replica: Replica, tmp_path: Path) -> None:
    job = await finished(replica, tmp_path)
    await replica.withdrawal.delete(job)
    with pytest.raises(NotFound):
        await ask(replica, job)  # as it was seen before
    assert replica.conversations.conversations == {}
    assert spent(replica) == 0 and replica.credits.reservations == {}


async def test_a_job_that_is_not_finished_is_not_asked_about(replica: Replica, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"pages")
    job = await replica.submit(file)
    with pytest.raises(JobNotFinished):
        await ask(replica, job)


async def test_while_the_store_blinks_a_question_that_was_taken_is_waited_for(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await finished(replica, tmp_path)
    asked = await ask(replica, job)
    turn, blinks = replica.conversations.turn, iter([True])

    async def blinking(*which: str) -> Turn | None:
        if next(blinks, False):
            raise StoreUnavailable()
        return await turn(*which)

    monkeypatch.setattr(replica.conversations, "turn", blinking)
    waiting = asyncio.create_task(replica.questions.answered(asked, 5))
    await replica.track([answer(replica)])
    assert (await waiting).answer is not None


async def test_what_was_refused_for_an_outage_is_never_asked_or_charged(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await finished(replica, tmp_path)
    with monkeypatch.context() as outage:
        outage.setattr(replica.jobs, "get", _away)
        with pytest.raises(StoreUnavailable):
            await ask(replica, job)
    await replica.sweep_for(700)
    assert replica.question_tasks() == [] and spent(replica) == 0


async def test_a_promise_whose_reply_is_lost_is_kept(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await finished(replica, tmp_path)
    save, losses = replica.conversations.save, iter([True])

    async def losing(conversation: Conversation) -> Conversation | None:
        saved = await save(conversation)
        if next(losses, False):
            raise StoreUnavailable()
        return saved

    monkeypatch.setattr(replica.conversations, "save", losing)
    await ask(replica, job)
    await replica.track([answer(replica)])
    assert spent(replica) == replica.cost


async def test_an_answer_that_cannot_be_kept_fails_its_question(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await finished(replica, tmp_path)
    asked = await ask(replica, job)
    save = replica.conversations.save

    async def refusing(conversation: Conversation) -> Conversation | None:
        if any(turn.answer is not None for turn in conversation.turns):
            raise StoreRefused()
        return await save(conversation)

    monkeypatch.setattr(replica.conversations, "save", refusing)
    await replica.track([answer(replica)])
    with pytest.raises(QuestionError):
        await replica.questions.answered(asked, 1)
    assert spent(replica) == 0


async def test_what_is_canceled_leaves_nothing_that_travels_to_workers(
    replica: Replica, tmp_path: Path
) -> None:
    job = await finished(replica, tmp_path)
    await replica.questions.cancel(await ask(replica, job))
    assert not [key for key in replica.blobs.blobs if "/chat/" in key]


async def test_paid_questions_keep_their_order_however_long_paying_takes(
    replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await finished(replica, tmp_path)
    reserve, slow = replica.credits.reserve, iter([True])

    async def reserving(*what: Any) -> None:
        if next(slow, False):
            for _ in range(100):
                await asyncio.sleep(0)
        await reserve(*what)

    monkeypatch.setattr(replica.credits, "reserve", reserving)
    await asyncio.gather(ask(replica, job, "First?"), ask(replica, job, "Second?"))
    history = await replica.questions.history(job, None)
    assert history is not None
    assert replica.question_tasks()[0].question_id == history.turns[0].question_id


async def test_an_account_has_so_many_questions_under_way_in_however_many_conversations(
    replica: Replica, tmp_path: Path
) -> None:
    job = await finished(replica, tmp_path)
    for _ in range(MOST_AT_ONCE):
        await ask(replica, job, conversation="new")
    with pytest.raises(TooManyQuestions):
        await ask(replica, job, conversation="new")
    await replica.track([answer(replica)])
    await ask(replica, job, conversation="new")


async def test_the_conversation_of_another_job_is_none_of_this_one(replica: Replica, tmp_path: Path) -> None:
    job, other = await finished(replica, tmp_path), await finished(replica, tmp_path)
    foreign = (await ask(replica, other)).conversation_id
    with pytest.raises(NotFound, match="no such conversation"):
        await ask(replica, job, conversation=foreign)
    with pytest.raises(NotFound, match="no such conversation"):
        await replica.questions.history(job, foreign)


async def test_an_account_whose_plan_is_gone_asks_nothing_new(replica: Replica, tmp_path: Path) -> None:
    job = await finished(replica, tmp_path)
    stranded = replace(ACCOUNT, plan=plans.PLANS.named("given-up"))
    with pytest.raises(PlanWithdrawn):
        await replica.questions.ask(stranded, job, Inquiry(uuid4().hex, "What?"))
    assert replica.conversations.conversations == {}


async def test_conversations_are_begun_and_chosen(replica: Replica, tmp_path: Path) -> None:
    job = await finished(replica, tmp_path)
    first = await ask(replica, job)
    second = await ask(replica, job, conversation="new")
    assert second.conversation_id != first.conversation_id
    assert (
        await ask(replica, job, conversation=first.conversation_id)
    ).conversation_id == first.conversation_id
    with pytest.raises(NotFound, match="no such conversation"):
        await ask(replica, job, conversation="0" * 32)


async def test_too_many_questions_at_once_are_refused_and_cost_nothing(
    replica: Replica, tmp_path: Path
) -> None:
    job = await finished(replica, tmp_path)
    outcomes = await asyncio.gather(*(ask(replica, job) for _ in range(9)), return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, TooManyQuestions)]
    assert len(refused) == 4
    assert len(replica.credits.reservations) == (5 if replica.cost else 0)


async def test_who_has_too_few_credits_is_told_and_nothing_stays_reserved(tmp_path: Path) -> None:
    replica = Replica(cost=2)
    job = await finished(replica, tmp_path)
    replica.credits.balances[ACCOUNT.id] = 3
    outcomes = await asyncio.gather(*(ask(replica, job) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, OutOfCredits) for one in outcomes) == 3
    assert replica.credits.balances[ACCOUNT.id] == 1
    with pytest.raises(OutOfCredits) as refusal:
        await ask(replica, job)
    told = refusal.value.account
    assert (told["balance"], told["needed"]) == (1, 2)


async def test_a_draft_that_was_left_behind_is_given_up(tmp_path: Path) -> None:
    replica = Replica(cost=2)
    job = await finished(replica, tmp_path)
    reserve = replica.credits.reserve

    async def dies(*_: object) -> None:
        await reserve(*_)  # type: ignore[arg-type]
        raise asyncio.CancelledError

    replica.credits.reserve = dies  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await ask(replica, job)
    assert spent(replica) == 2
    await replica.sweep_for(400)
    assert spent(replica) == 0 and replica.credits.reservations == {}
    history = await replica.questions.history(job, None)
    assert history is not None and [turn.status for turn in history.turns] == [TurnStatus.FAILED]
