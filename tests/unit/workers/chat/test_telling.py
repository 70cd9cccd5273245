"""Who listens to an answer that is made, and what becomes of one that nobody listens to."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from common.contracts.events import AnswerPart
from common.contracts.message import Message
from common.document.citation import Citation
from common.errors import BrokerUnavailable, FleetError, NobodyListens, QuestionCanceled
from tests.fakes.samples import question_task
from tests.unit.workers.chat.bench import Bench, InProcess
from tests.unit.workers.chat.cited_model import CitedModel, said
from tests.unit.workers.chat.written import block, page
from workers.chat import telling
from workers.chat.draft import Draft
from workers.chat.model_answers import Manner, ModelAnswers
from workers.chat.telling import Telling

pytestmark = pytest.mark.usefixtures("haste")


@pytest.fixture
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the time."""
    for name in ("_PAUSE_S", "_SILENCE_S", "_UNHEARD_S"):
        monkeypatch.setattr(telling, name, getattr(telling, name) / 10)


@dataclass
class Listeners:
    """A publisher that hears parts but for those in ``fails``, by how many have come before."""

    fails: dict[int, FleetError] = field(default_factory=dict)
    always: FleetError | None = None
    heard: list[AnswerPart] = field(default_factory=list)
    tried: int = 0

    async def publish(
        self, message: Message, exchange: str, routing_key: str, *, correlation_id: str, attempt: int = 0
    ) -> None:
        assert isinstance(message, AnswerPart)
        assert (exchange, routing_key) == ("ocr.results", f"answer.{message.question_id}")
        await asyncio.sleep(0)
        self.tried += 1
        error = self.always or self.fails.get(self.tried - 1)
        if error:
            raise error
        self.heard.append(message)


async def test_a_part_is_told_at_once_and_a_sign_of_life_now_and_then() -> None:
    listeners, draft = Listeners(), Draft()
    await Telling(listeners, question_task(heard=True), draft).during(asyncio.sleep(0.36))
    assert 3 <= len(listeners.heard) <= 5
    assert all(part.text == "" and part.citation is None for part in listeners.heard)


async def test_an_answer_does_not_wait_for_a_broker_that_is_slow_to_take_its_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telling, "_LAST_WORDS_S", 0.05)
    stuck = asyncio.Event()

    class Slow(Listeners):
        async def publish(self, *message: object, **how: object) -> None:
            await stuck.wait()

    async with asyncio.timeout(5):
        await Telling(Slow(), question_task(heard=True), Draft()).during(asyncio.sleep(0))


async def test_few_parts_are_made_of_many_words() -> None:
    listeners, draft = Listeners(), Draft()

    async def work() -> None:
        for _ in range(100):
            draft.say("word ")
            await asyncio.sleep(0.001)

    await Telling(listeners, question_task(heard=True), draft).during(work())
    assert "".join(part.text for part in listeners.heard) == "word " * 100
    assert len(listeners.heard) < 30


async def test_a_new_attempt_is_told_from_the_beginning() -> None:
    listeners, draft = Listeners(), Draft()

    async def work() -> None:
        draft.say("It is wro")
        await asyncio.sleep(0.05)
        draft.begin_anew()
        draft.say("It is right.")

    await Telling(listeners, question_task(heard=True), draft).during(work())
    first, last = listeners.heard[0].attempt, listeners.heard[-1].attempt
    assert first != last
    assert "".join(part.text for part in listeners.heard if part.attempt == last) == "It is right."
    assert next(part for part in listeners.heard if part.attempt == last).position == 0


async def test_the_work_ends_soon_after_who_listened_has_left() -> None:
    listeners, draft = Listeners(always=NobodyListens()), Draft()
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()

    with pytest.raises(QuestionCanceled):
        async with asyncio.timeout(5):
            await Telling(listeners, question_task(heard=True), draft).during(work())
    assert ended.is_set()


async def test_the_model_s_call_ends_with_a_question_that_nobody_waits_for(tmp_path: Path) -> None:
    model = CitedModel(said("It takes its time to say all of that."), pause_s=1)
    children = InProcess()
    answers = ModelAnswers(model, children, Manner("native", 150_000, 4096, 20, 20))
    bench = Bench(tmp_path, page(block("Some text.")), model=answers, children=children)
    bench.handler._publisher = Listeners(always=NobodyListens())
    with pytest.raises(QuestionCanceled):
        await bench.ask("What is it?", heard=True)
    assert model.is_cancelled


async def test_who_listens_again_in_time_has_not_left() -> None:
    listeners = Listeners({0: NobodyListens(), 2: NobodyListens(), 3: NobodyListens()})
    await Telling(listeners, question_task(heard=True), Draft()).during(asyncio.sleep(0.6))
    assert len(listeners.heard) >= 3


async def test_an_answer_that_is_ready_before_is_kept() -> None:
    listeners, draft = Listeners(always=NobodyListens()), Draft()
    assert await Telling(listeners, question_task(heard=True), draft).during(_at_once()) == 42


@pytest.mark.parametrize("error", [BrokerUnavailable(), NobodyListens()])
async def test_a_part_that_was_not_heard_is_told_once_more_as_the_same(error: FleetError) -> None:
    listeners, draft = Listeners({1: error, 2: error}), Draft()

    async def work() -> None:
        for word in ("one ", "two ", "three "):
            await asyncio.sleep(0.03)
            draft.say(word)

    await Telling(listeners, question_task(heard=True), draft).during(work())
    assert [part.position for part in listeners.heard] == list(range(len(listeners.heard)))
    assert "".join(part.text for part in listeners.heard) == "one two three "


async def test_an_answer_does_not_wait_for_a_broker_that_is_away() -> None:
    listeners, draft = Listeners(always=BrokerUnavailable()), Draft()

    async def work() -> int:
        for word in ("one ", "two ", "three "):
            draft.say(word)
            draft.cite([Citation(1, word)])
        return 42

    assert await Telling(listeners, question_task(heard=True), draft).during(work()) == 42
    assert listeners.tried <= 4


async def test_what_goes_wrong_with_the_work_is_raised() -> None:
    async def work() -> None:
        raise BrokerUnavailable()

    with pytest.raises(BrokerUnavailable):
        await Telling(Listeners(), question_task(heard=True), Draft()).during(work())


async def _at_once() -> int:
    return 42
