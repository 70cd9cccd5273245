"""What every conversation repository must do, in memory or in a real database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from common.adapters.mongo_connection import connect, database
from common.adapters.mongo_conversations import MongoConversationRepository
from common.domain.conversation import Conversation, TaskSent
from common.ports import ConversationRepository
from tests.fakes.samples import JOB_ID, NOW, question_answered, question_failed
from tests.fakes.stores import FakeConversationRepository
from tests.unit.domain.test_conversation import after, answered, failed, talk, turn

OTHER_JOB = "f" * 32


@pytest.fixture(params=["fake", "mongo"])
async def conversations(request: pytest.FixtureRequest) -> AsyncIterator[ConversationRepository]:
    if request.param == "fake":
        yield FakeConversationRepository()
        return
    client = connect(request.getfixturevalue("mongo_url"), "contract-tests")
    jobs_database = database(client, f"contract_{uuid4().hex}")
    repository = MongoConversationRepository(jobs_database)
    await repository.prepare()
    yield repository
    await client.drop_database(jobs_database.name)
    client.close()


@pytest.mark.parametrize(
    "stored",
    [
        talk(),
        talk(turn(1, credits=3, owes=True, heard=True), turn(2)),
        after(talk(turn(1)), answered(1)),
        after(talk(turn(1)), failed(1)),
        after(
            talk(turn(1)),
            question_answered(question_id=f"{1:032x}", ticket="ticket-1", usage=None, citations=()),
        ),
    ],
    ids=["empty", "open", "answered", "failed", "uncited"],
)
async def test_a_conversation_comes_back_as_it_went_in(
    conversations: ConversationRepository, stored: Conversation
) -> None:
    assert await conversations.add(stored)
    assert await conversations.get(stored.id) == stored


async def test_an_unknown_conversation_is_none(conversations: ConversationRepository) -> None:
    assert await conversations.get("e" * 32) is None
    assert await conversations.of_job(JOB_ID) == []


async def test_of_many_who_begin_the_same_conversation_one_succeeds(
    conversations: ConversationRepository,
) -> None:
    tries = [talk(turn(number)) for number in range(8)]
    added = await asyncio.gather(*map(conversations.add, tries))
    assert added.count(True) == 1
    assert await conversations.get(tries[0].id) == tries[added.index(True)]


async def test_of_many_who_save_one_succeeds(conversations: ConversationRepository) -> None:
    await conversations.add(talk())
    saved = await asyncio.gather(*(conversations.save(talk(turn(number))) for number in range(8)))
    (winner,) = [one for one in saved if one is not None]
    assert winner.version == 1
    assert await conversations.get(winner.id) == winner


async def test_the_conversations_of_a_job_come_in_the_order_in_which_they_were_begun(
    conversations: ConversationRepository,
) -> None:
    later = replace(talk(), id="1" * 32, created_at=NOW + timedelta(seconds=1))
    foreign = replace(talk(), id="2" * 32, job_id=OTHER_JOB)
    for one in (later, talk(), foreign):
        await conversations.add(one)
    assert list(await conversations.of_job(JOB_ID)) == [talk().id, later.id]


async def test_only_a_conversation_that_has_not_changed_is_removed(
    conversations: ConversationRepository,
) -> None:
    await conversations.add(talk())
    saved = await conversations.save(talk(turn(1)))
    assert saved is not None
    assert not await conversations.remove(talk())
    assert await conversations.remove(saved)
    assert await conversations.get(saved.id) is None


async def test_one_question_is_read_without_the_others(conversations: ConversationRepository) -> None:
    stored = after(talk(turn(1), turn(2)), answered(1))
    await conversations.add(stored)
    for one in stored.turns:
        assert await conversations.turn(stored.id, one.question_id) == one
    assert await conversations.turn(stored.id, "9" * 32) is None
    assert await conversations.turn("9" * 32, stored.turns[0].question_id) is None


async def test_conversations_of_an_account_in_which_something_has_yet_to_happen_are_counted(
    conversations: ConversationRepository,
) -> None:
    over = replace(after(talk(turn(1)), failed(1)), id="1" * 32)
    foreign = replace(talk(turn(1)), id="2" * 32, account_id="other")
    for one in (talk(turn(1)), replace(talk(turn(1)), id="3" * 32), over, foreign):
        await conversations.add(one)
    assert await conversations.count_restless("demo") == 2


async def test_what_has_yet_to_happen_is_found(conversations: ConversationRepository) -> None:
    at_rest = replace(
        after(talk(turn(1)), question_failed(question_id=f"{1:032x}", ticket="ticket-1")), id="3" * 32
    )
    await conversations.add(at_rest)
    await conversations.add(talk(turn(1)))
    sent = await conversations.save(after(talk(turn(1)), TaskSent("ticket-1")))
    assert sent is not None
    assert dict(await conversations.restless()) == {sent.id: 1}
