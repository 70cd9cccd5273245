"""What is heard of events and blocks as servers send them, right and wrong ones."""

from types import SimpleNamespace
from typing import Any

import pytest
from anthropic._models import construct_type_unchecked
from anthropic.types import TextBlock

from common.adapters.model_hearing import Hearing, segments
from common.model_question import BlockCitation, Heard, Segment, TextHeard

PAGES: dict[str, Any] = {
    "type": "content_block_location",
    "document_index": 0,
    "document_title": None,
    "start_block_index": 1,
    "end_block_index": 3,
    "cited_text": "Two pages.",
}
CHARACTERS = {
    "type": "char_location",
    "document_index": 0,
    "start_char_index": 1,
    "end_char_index": 3,
    "cited_text": "wo",
}


def block(*citations: Any) -> Any:
    value = {"type": "text", "text": "Amber.", "citations": list(citations)}
    return construct_type_unchecked(type_=TextBlock, value=value)


def test_a_segment_has_the_pages_that_it_cites() -> None:
    assert segments([block(PAGES)]) == (Segment("Amber.", (BlockCitation(1, 3, "Two pages."),)),)


def test_blocks_that_are_no_text_are_no_segments() -> None:
    thinking = type("Thinking", (), {"type": "thinking"})()
    assert [segment.text for segment in segments([thinking, block()])] == ["Amber."]


@pytest.mark.parametrize(
    "citation",
    [
        pytest.param(CHARACTERS, id="characters"),
        pytest.param({"type": "footnote"}, id="unknown"),
        pytest.param(None, id="none"),
        pytest.param({}, id="nothing in it"),
        pytest.param({"type": "content_block_location"}, id="no range"),
        pytest.param(PAGES | {"start_block_index": "first"}, id="words"),
        pytest.param(PAGES | {"start_block_index": -1}, id="before the first"),
        pytest.param(PAGES | {"end_block_index": 1}, id="no page"),
        pytest.param(PAGES | {"cited_text": None}, id="no text"),
    ],
)
def test_citations_that_cite_no_pages_are_passed_over(citation: Any) -> None:
    assert segments([block(citation, PAGES)]) == segments([block(PAGES)])


def test_what_has_no_place_in_utf_8_is_left_out() -> None:
    value = {"type": "text", "text": "A \ud83dface\x00.", "citations": [PAGES | {"cited_text": "Two\ud83d."}]}
    odd = construct_type_unchecked(type_=TextBlock, value=value)
    assert segments([odd]) == (Segment("A face.", (BlockCitation(1, 3, "Two."),)),)
    heard: list[Heard] = []
    Hearing(heard.append).note(SimpleNamespace(type="text", text="\ud83d"))
    Hearing(heard.append).note(SimpleNamespace(type="text", text="a\ud83d"))
    assert heard == [TextHeard("a")]
