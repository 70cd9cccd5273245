"""Whatever a model says and cites, what is shown of the document stands on the page that is named."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeVar, TypeVarTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.document.page import Page
from common.document.text import page_text
from common.model_question import BlockCitation, Segment
from tests.fakes.samples import question_task
from tests.unit.workers.chat.any_pages import TEXTS, pages
from tests.unit.workers.chat.bench import InProcess
from tests.unit.workers.chat.cited_model import CitedModel, said
from workers.chat import engine
from workers.chat.asked import Asked
from workers.chat.document_file import DocumentFile
from workers.chat.draft import Draft
from workers.chat.model_answers import Manner, ModelAnswers
from workers.chat.page_marks import pages_in
from workers.chat.plain_text import plain
from workers.chat.read_document import ReadDocument

Ts = TypeVarTuple("Ts")
R = TypeVar("R")

SAID = st.lists(
    st.one_of(TEXTS, st.sampled_from((".", " ", "(p. 1)", "(p. 7).", "(pp. 1-2)", "(", "\n"))), max_size=8
)
CITED_TEXTS = st.one_of(TEXTS, st.just("1,234.50 €"), st.text(max_size=40))
CITATIONS = st.builds(BlockCitation, st.integers(-1, 4), st.integers(-1, 5), CITED_TEXTS)
SEGMENTS = st.builds(Segment, SAID.map(" ".join), st.lists(CITATIONS, max_size=3).map(tuple))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.one_of(st.none(), pages()), min_size=1, max_size=3),
    st.lists(SEGMENTS, min_size=1, max_size=4),
    st.sampled_from(("native", "prose")),
)
def test_every_snippet_of_a_model_s_answer_stands_on_its_page(
    document: list[Page | None], segments: list[Segment], citations: Literal["native", "prose"]
) -> None:
    draft, shown = asyncio.run(_answer(document, segments, citations))
    for citation in draft.citations:
        page = document[citation.page - 1]
        assert page is not None
        assert citation.snippet and citation.snippet in plain(page_text(page))
        assert citation.bbox is not None
        assert citation.page in pages_in(draft.content)
    if citations == "prose":
        assert pages_in(draft.content) <= shown


async def _answer(
    document: Sequence[Page | None], segments: Sequence[Segment], citations: Literal["native", "prose"]
) -> tuple[Draft, set[int]]:
    """What was written, and the pages that the model was shown."""
    read = ReadDocument(document)
    engine._documents()._known = {"a": read}
    engine._documents()._asked_at = {"a": 0.0}
    manner = Manner(citations, 150_000, 4096, outage_s=0, document_limit_s=20)
    model = CitedModel(said("x", *segments))
    draft = Draft()
    asked = Asked(message="What is the total of 1,234.50?")
    file = DocumentFile("a", Path("a"), 1)
    await ModelAnswers(model, InProcess(), manner).answer(asked, file, question_task(), draft)
    return draft, set(read.texts)
