"""Whatever a page holds, what is cited from it stands on it."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.document.geometry import union
from common.document.page import Page
from common.document.text import page_text
from tests.unit.workers.chat.any_pages import TEXTS, pages
from workers.chat.extractive.answer import answer
from workers.chat.extractive.index import DocumentIndex
from workers.chat.passages import passages_of
from workers.chat.plain_text import PlainText, plain


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.none(), pages()), max_size=3))
def test_every_passage_stands_on_its_page_and_within_it(document: list[Page | None]) -> None:
    for passage in passages_of(document):
        page = document[passage.page - 1]
        assert page is not None
        assert passage.text and passage.text in plain(page_text(page))
        assert PlainText(page).locate(passage.text) is not None
        around = union(word.bbox for block in page.blocks for line in block.lines for word in line.words)
        assert union((around, passage.bbox)) == around


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(pages(), min_size=1, max_size=3), st.lists(TEXTS, max_size=5).map(" ".join))
def test_every_citation_is_verbatim_and_in_the_answer_with_its_page(
    document: list[Page], question: str
) -> None:
    found = answer(question, DocumentIndex(passages_of(document)))
    for citation in found.citations:
        assert citation.snippet in plain(page_text(document[citation.page - 1]))
        assert citation.snippet in found.content
        assert f"(p. {citation.page})" in found.content


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pages())
def test_every_passage_s_box_is_that_of_its_words(page: Page) -> None:
    boxes = {
        word.bbox for block in page.blocks for line in block.lines for word in line.words if word.text.strip()
    }
    for passage in passages_of([page]):
        assert any(passage.bbox == union((passage.bbox, box)) for box in boxes)
