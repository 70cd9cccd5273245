"""Documents as the Messages API wants them."""

from typing import Any

import pytest

from common.adapters.model_request import messages
from common.model_question import FollowUp, PagedDocument, Question, Text
from tests.messages_server.validation import check


def sent(document: PagedDocument, *follow_ups: FollowUp) -> list[Any]:
    made = messages(Question("", (document, Text("Who?")), follow_ups=follow_ups))
    check({"model": "reader", "max_tokens": 1, "messages": made})
    return made


def test_a_document_is_one_block_with_a_block_for_each_page() -> None:
    (turn,) = sent(PagedDocument(("one", "two"), "Lease", "Two pages of nine."))
    assert turn["content"] == [
        {
            "type": "document",
            "source": {
                "type": "content",
                "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
            },
            "title": "Lease",
            "context": "Two pages of nine.",
            "citations": {"enabled": True},
            "cache_control": {"type": "ephemeral"},
        },
        {"type": "text", "text": "Who?"},
    ]


def test_the_document_comes_once_and_before_all_turns() -> None:
    turns = sent(PagedDocument(("one",)), FollowUp("Ida.", "And when?"), FollowUp("May.", "Where?"))
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user", "assistant", "user"]
    kinds = [part["type"] for turn in turns for part in turn["content"]]
    assert kinds == ["document", *["text"] * 5]
    assert turns[-1]["content"][0]["text"] == "Where?"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("lease_v2.final.pdf", "lease v2 final pdf"),
        ("Vertrag (Ä) [2]-b.pdf", "Vertrag (Ä) [2]-b pdf"),
        ("租约.pdf", "租约 pdf"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_file_name_becomes_a_title_that_every_provider_takes(name: str, title: str) -> None:
    assert sent(PagedDocument(("one",), name))[0]["content"][0]["title"] == title


@pytest.mark.parametrize("name", [None, "", "...", "/\n\x00"])
def test_a_name_without_letters_is_no_title(name: str | None) -> None:
    assert "title" not in sent(PagedDocument(("one",), name, ""))[0]["content"][0]
