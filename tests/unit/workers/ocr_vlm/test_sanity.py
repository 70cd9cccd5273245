"""What is nonsense and what is only an unusual page."""

import random
from collections.abc import Sequence

import pytest

from common.document.geometry import Box
from common.document.page import Block, Engine, Line, Page, Word
from workers.ocr_vlm.answer import BlockAnswer, CellAnswer, PageAnswer
from workers.ocr_vlm.evidence import Evidence
from workers.ocr_vlm.sanity import emptiness, repetition, unsupported

NOTHING_SEEN = Evidence()
REFRAIN = "And the bells they rang for me\nOver hill and over sea\n"
WORDS = ("love", "sea", "wind", "stone", "heart", "song", "night", "bird", "river", "hand", "light")


def prose(seed: int, count: int) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=count))


def answer(*texts: str) -> PageAnswer:
    return PageAnswer(blocks=tuple(BlockAnswer(role="paragraph", text=text) for text in texts))


def table(*rows: Sequence[str]) -> PageAnswer:
    cells = tuple(tuple(CellAnswer(text=text) for text in row) for row in rows)
    return PageAnswer(blocks=(BlockAnswer(role="table", text="", table=cells),))


def page(*confidences: float) -> Page:
    box = Box(0, 0, 9, 9)
    line = Line(tuple(Word("word", box, confidence) for confidence in confidences), box)
    return Page(100, 100, Engine.VLM, (Block((line,), box),))


def length(of: PageAnswer) -> int:
    cells = [cell.text for block in of.blocks for row in block.table for cell in row]
    return sum(map(str.isalnum, "".join([block.text for block in of.blocks] + cells)))


@pytest.mark.parametrize(
    "looping",
    [
        answer("The quick brown fox jumps over it.\n" * 60),
        answer(prose(1, 80), "the " * 300),
        answer(prose(1, 80) + "!" + "ab" * 1000),
        answer(f"{prose(2, 60)}.\n" * 20),  # a long sentence
        answer("我能吞下玻璃而不伤身体。" * 120),
        answer(*["The very same block once more."] * 60),
        answer("\n".join(f"{number}. The same item once more, and again." for number in range(400))),
        table(*[["Bolt", "0.00", "pc"]] * 200),
    ],
)
def test_a_loop_is_nonsense_whoever_sees_nothing_of_it(looping: PageAnswer) -> None:
    assert repetition(looping, NOTHING_SEEN)
    assert repetition(looping, Evidence(characters=300))


@pytest.mark.parametrize(
    "fine",
    [
        answer("\n".join(f"{at}. Chapter {at} {'.' * 60} {at * 7}" for at in range(60))),
        answer("\n".join(f"{at}. Chapter {'. ' * 40} {at * 7}" for at in range(60))),
        answer("_" * 2000, "- " * 2000),
        answer("\n\n".join(f"{prose(seed, 20)}\n{REFRAIN}" for seed in range(12))),
        answer("".join(chr(random.Random(seed).randrange(0x4E00, 0x9FA5)) for seed in range(2000))),
        answer(prose(3, 1500)),
    ],
)
def test_leaders_refrains_and_other_scripts_are_no_loops(fine: PageAnswer) -> None:
    assert repetition(fine, NOTHING_SEEN) is None


@pytest.mark.parametrize(
    "page_like_that",
    [
        table(*[["0"] * 12] * 60),
        table(*[["0.00"] * 8] * 40),
        answer("Hallelujah, hallelujah\n" * 40),
        answer("[ ] yes [ ] no [ ] maybe\n" * 60),
        answer("Name: ________ Date: ________\n" * 80),
    ],
)
def test_a_page_that_repeats_itself_may_be_read_so(page_like_that: PageAnswer) -> None:
    """The witness has seen nine tenths of it."""
    seen = Evidence(characters=round(0.9 * length(page_like_that)))
    assert repetition(page_like_that, seen) is None


def test_an_empty_answer_is_nonsense_where_the_witness_reads_much() -> None:
    for is_first in (True, False):
        assert emptiness(answer(), Evidence(sure_words=40), is_first=is_first)
        assert emptiness(answer(" \n"), Evidence(sure_words=40), is_first=is_first)


def test_an_empty_answer_of_a_page_full_of_ink_is_doubted_once() -> None:
    inked = Evidence(ink_lines=25)
    assert emptiness(answer(), inked, is_first=True)
    assert emptiness(answer(), inked, is_first=False) is None, "it may be a picture"


@pytest.mark.parametrize("evidence", [NOTHING_SEEN, Evidence(sure_words=3, characters=30, ink_lines=4)])
def test_an_empty_answer_of_a_page_with_next_to_nothing_is_believed(evidence: Evidence) -> None:
    assert emptiness(answer(), evidence, is_first=True) is None


def test_formulas_and_tables_are_no_empty_answer() -> None:
    formula = PageAnswer(blocks=(BlockAnswer(role="formula", text="", latex="x^2"),))
    for said in (formula, table(["1"])):
        assert emptiness(said, Evidence(sure_words=40), is_first=True) is None


def test_an_answer_of_which_nothing_is_on_the_page_is_nonsense() -> None:
    assert unsupported(page(*[0.1] * 50), Evidence(sure_words=60))


def test_a_few_planted_words_are_no_nonsense() -> None:
    assert unsupported(page(*[0.1] * 10, *[0.9] * 50), Evidence(sure_words=50)) is None


def test_a_witness_that_reads_little_contradicts_nothing() -> None:
    """Handwriting under a printed letterhead, and its ink on a ground that hides it."""
    assert unsupported(page(*[0.1] * 150), Evidence(sure_words=12)) is None


def test_a_few_words_are_never_nonsense() -> None:
    assert unsupported(page(0.1, 0.1, 0.1), Evidence(sure_words=60)) is None
