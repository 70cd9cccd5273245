"""A page as a model reads it that breaks off, talks nonsense or fails."""

from collections.abc import Sequence
from typing import Any

import pytest

from common.contracts.tasks import Lane, MediaType, RecognizePage, Tier
from common.document.geometry import Box
from common.document.model_usage import ModelUsage
from common.document.page import Block, Engine, Line, Page, Word
from common.errors import ModelAnswerTooLong, ModelNonsense, ModelRefused, ModelUnavailable
from common.model_question import Picture, Text
from tests.unit.workers.ocr_vlm.fake_model import FakeModel, Say, block, broken, whole, written
from workers.ocr_vlm.answer import PageAnswer
from workers.ocr_vlm.evidence import Evidence
from workers.ocr_vlm.page_reading import PageReading, Read

TASK = RecognizePage(
    job_id="job",
    ticket="ticket",
    tier=Tier.VLM,
    lane=Lane.BULK,
    page_index=0,
    source_page=0,
    source_key="job/source",
    media_type=MediaType.PNG,
)
PICTURE = Picture("image/jpeg", b"jpeg")
MUCH = Evidence(sure_words=40, characters=400, ink_lines=12)
TEXTS = [f"This is paragraph {word} of the page" for word in ("one", "two", "three", "four", "five")]


class Ground:
    """Puts words anywhere, with this confidence; keeps the answers."""

    def __init__(self, confidence: float = 0.9) -> None:
        self.answers: list[PageAnswer] = []
        self.confidence = confidence

    async def __call__(self, answer: PageAnswer) -> Page:
        self.answers.append(answer)
        box = Box(0, 0, 1, 1)
        words = [Word(word, box, self.confidence) for block in answer.blocks for word in block.text.split()]
        return Page(10, 10, Engine.VLM, (Block((Line(tuple(words), box),), box),))


async def read(
    *says: Say, evidence: Evidence = MUCH, ground: Ground | None = None
) -> tuple[Read, FakeModel, PageAnswer]:
    model, places = FakeModel(*says), ground or Ground()
    found = await PageReading(model, PICTURE, evidence, places).read(TASK)
    return found, model, places.answers[-1]


def texts(answer: PageAnswer) -> list[str]:
    return [block.text for block in answer.blocks]


def blocks(some: Sequence[str]) -> list[dict[str, Any]]:
    return [block(text) for text in some]


async def test_a_good_answer_is_asked_for_once() -> None:
    found, model, answer = await read(whole(written(*blocks(TEXTS))))
    assert texts(answer) == TEXTS
    assert len(model.questions) == 1
    assert found.usage == ModelUsage("fake", 100, 10, 0.5)


async def test_an_answer_that_breaks_off_goes_on_without_loss_or_repetition() -> None:
    everything = written(*blocks(TEXTS))
    for end in range(everything.index(TEXTS[1]), len(everything)):
        whole_blocks = everything[:end].count("}, {")
        found, model, answer = await read(
            broken(everything[:end]), whole(written(*blocks(TEXTS[whole_blocks:])))
        )
        assert texts(answer) == TEXTS
        (follow_up,) = model.questions[1].follow_ups
        assert [text in follow_up.answer for text in TEXTS] == [at < whole_blocks for at in range(len(TEXTS))]
        assert found.usage == ModelUsage("fake", 200, 20, 1.0)


async def test_an_answer_may_break_off_several_times() -> None:
    parts = [broken(written(block(text), block("half"))[:-6]) for text in TEXTS[:-1]]
    _, model, answer = await read(*parts, whole(written(block(TEXTS[-1]))))
    assert texts(answer) == TEXTS
    assert [len(question.follow_ups) for question in model.questions] == [0, 1, 1, 1, 1]


@pytest.mark.parametrize("again", [1, 2])
async def test_blocks_that_come_again_are_taken_once(again: int) -> None:
    first = broken(written(*blocks(TEXTS[:2]), block("half"))[:-5])
    _, _, answer = await read(first, whole(written(*blocks(TEXTS[2 - again :]))))
    assert texts(answer) == TEXTS


async def test_short_lines_that_come_again_are_taken_for_their_own() -> None:
    first = broken(written(block("Yours"), block("0.00"), block("half"))[:-5])
    _, _, answer = await read(first, whole(written(block("0.00"), block("End"))))
    assert texts(answer) == ["Yours", "0.00", "0.00", "End"]


def table(first: int, last: int) -> dict[str, Any]:
    rows = [[{"text": f"row {at}"}, {"text": "7"}] for at in range(first, last)]
    return {"role": "table", "text": "", "table": rows}


@pytest.mark.parametrize("from_row", [7, 0])
async def test_a_table_that_breaks_off_is_one_table_in_the_end(from_row: int) -> None:
    """Also where it is begun anew."""
    begun = written(block(TEXTS[0]), table(0, 8))
    rest = written(table(from_row, 20), block(TEXTS[1]))
    _, model, answer = await read(broken(begun[: begun.index("row 7") + 4]), whole(rest))
    assert texts(answer) == [TEXTS[0], "", TEXTS[1]]
    assert [row[0].text for row in answer.blocks[1].table] == [f"row {at}" for at in range(20)]
    assert "table" in model.questions[1].follow_ups[0].request


@pytest.mark.parametrize("beginning", ["", '{"blocks": [{"role": "paragraph", "text": "endless'])
async def test_an_answer_that_gets_nowhere_is_too_long(beginning: str) -> None:
    with pytest.raises(ModelAnswerTooLong):
        await read(broken(beginning))


async def test_an_answer_that_says_the_same_again_gets_nowhere() -> None:
    same = broken(written(block(TEXTS[0]), block("half"))[:-5])
    with pytest.raises(ModelAnswerTooLong):
        await read(same, same)


async def test_an_answer_without_an_end_is_too_long() -> None:
    parts = [broken(written(block(f"{text} {text}"), block("half"))[:-5]) for text in TEXTS * 3]
    with pytest.raises(ModelAnswerTooLong):
        await read(*parts)


async def test_a_loop_that_breaks_off_is_nonsense_and_not_continued() -> None:
    loop = broken(written(block("round and round we go " * 200))[:-9])
    _, model, answer = await read(loop, whole(written(*blocks(TEXTS))))
    assert texts(answer) == TEXTS
    assert model.questions[1].follow_ups == ()


NONSENSE = {
    "no JSON": whole("I see a page."),
    "another form": whole('{"pages": []}'),
    "loop": whole(written(block("round and round we go " * 200))),
    "empty": whole(written()),
}


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
async def test_nonsense_is_asked_for_once_more(nonsense: Say) -> None:
    found, model, answer = await read(nonsense, whole(written(*blocks(TEXTS))))
    assert texts(answer) == TEXTS
    assert found.usage == ModelUsage("fake", 200, 20, 1.0)
    first, second = (question.parts[-1] for question in model.questions)
    assert isinstance(first, Text)
    assert isinstance(second, Text)
    assert second.text != first.text


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
async def test_nonsense_twice_is_told_without_content(nonsense: Say) -> None:
    with pytest.raises(ModelNonsense, match="twice") as caught:
        await read(nonsense, nonsense)
    assert "round" not in caught.value.message


async def test_words_that_are_nowhere_on_the_page_are_nonsense() -> None:
    made_up = whole(written(*blocks(TEXTS)))
    with pytest.raises(ModelNonsense, match="next to nothing"):
        await read(made_up, made_up, ground=Ground(confidence=0.1))


async def test_words_that_a_witness_cannot_judge_are_believed() -> None:
    """Handwriting: see the confidences."""
    _, model, _ = await read(
        whole(written(*blocks(TEXTS))), evidence=Evidence(sure_words=2), ground=Ground(confidence=0.1)
    )
    assert len(model.questions) == 1


async def test_a_picture_is_empty_when_the_model_says_so_twice() -> None:
    empty = whole(written())
    found, model, _ = await read(empty, empty, evidence=Evidence(ink_lines=30))
    assert len(model.questions) == 2
    assert len(found.page.blocks[0].lines[0].words) == 0


@pytest.mark.parametrize("error", [ModelRefused(), ModelUnavailable()])
async def test_what_the_model_does_not_answer_is_not_asked_again_here(error: Exception) -> None:
    with pytest.raises(type(error)):
        await read(error)
