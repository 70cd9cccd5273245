import time

import pytest

from common.document.citation import Citation
from common.model_question import Segment
from tests.pages import paragraphs
from tests.unit.workers.chat.written import block, page
from workers.chat.draft import Draft
from workers.chat.extractive.answer import answer
from workers.chat.extractive.index import DocumentIndex
from workers.chat.narrowing import Claim
from workers.chat.native_answer import NativeAnswer
from workers.chat.page_marks import without_marks
from workers.chat.passages import passages_of
from workers.chat.prose_answer import ProseAnswer
from workers.chat.selection_notice import without_notice
from workers.chat.shown_pages import ShownPages

PAGES = 200


def test_a_long_document_is_ready_in_good_time() -> None:
    """2,000 pages of 400 words take under 5 s of processor time; here a tenth of them, with room for
    machines that are slower or busy."""
    texts = [paragraphs(seed, count=8, words_each=50, columns=60) for seed in range(PAGES)]
    pages = [page(*_blocks(lines)) for lines in texts]
    answer("Warm up?", DocumentIndex(passages_of(pages[:1])))
    before = time.process_time()
    index = DocumentIndex(passages_of(pages))
    answer("Where is the harbour of the sailor?", index)
    assert time.process_time() - before < 1.5


@pytest.mark.parametrize(
    "text", ["1 " * 9000, "Ab " * 9000, "a/" * 9000, "1." * 9000, "A" * 18000, "合" * 18000]
)
def test_odd_texts_take_no_longer_than_others(text: str) -> None:
    lines = [text[at : at + 2000] for at in range(0, len(text), 2000)]
    before = time.process_time()
    index = DocumentIndex(passages_of([page(block(*lines))]))
    for question in ("Who is Ab?", "What is the phone number?", "How much is 1 合?", "How long is a?"):
        answer(question, index)
    assert time.process_time() - before < 2


@pytest.mark.parametrize("mark", [".", " ", "(", "\u2026", "\n"])
async def test_an_answer_of_marks_alone_takes_no_longer_than_others(mark: str) -> None:
    """As a model writes it that copies a table of contents."""
    text = f"Chapter{mark * 30_000}7"
    shown = ShownPages({1: text}, 1, "en")

    async def find(claim: Claim) -> list[Citation]:
        return []

    before = time.process_time()
    for writer in (NativeAnswer, ProseAnswer):
        draft = Draft()
        answering = writer(draft, shown, "What?", find)
        for at in range(0, len(text), 100):
            await answering.hear(text[at : at + 100])
        await answering.end(Segment(text, ()))
        await answering.finish()
        assert draft.content == text
    assert without_notice(text) == text and without_marks(text) == text
    assert time.process_time() - before < 2


@pytest.mark.parametrize("begin", ["(p", "(p. 1", "(pages", "(", "(p. 1,"])
def test_what_looks_like_the_beginning_of_a_page_number_takes_time_by_its_length(begin: str) -> None:
    """Squares would make ten times the text take a hundred times as long."""
    short, long = (_seconds_without_marks(begin + " " * blanks + "x") for blanks in (20_000, 200_000))
    assert long < 40 * max(short, 0.001)


def _seconds_without_marks(text: str) -> float:
    begin = time.process_time()
    assert without_marks(text) == text
    return time.process_time() - begin


def _blocks(lines: list[str]) -> list:  # type: ignore[type-arg]
    parts = "\n".join(lines).split("\n\n")
    return [block(*part.split("\n"), y=160 * at) for at, part in enumerate(parts)]
