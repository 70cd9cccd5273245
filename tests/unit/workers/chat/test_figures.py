"""What the project promises of answers without a model, on its measured questions."""

import pytest

from tests.chat_questions.measure import outcomes, share


@pytest.mark.parametrize("name", ["questions", "held_out"])
def test_the_right_page_and_sentence_come_first(name: str) -> None:
    said = [outcome for outcome in outcomes(name) if outcome.asked.page is not None]
    assert share([outcome.has_page for outcome in said]) >= 0.85
    assert share([outcome.has_sentence for outcome in said]) >= 0.70


@pytest.mark.parametrize("name", ["questions", "held_out"])
def test_what_no_document_says_is_not_answered(name: str) -> None:
    unsaid = [outcome for outcome in outcomes(name) if outcome.asked.page is None]
    assert share([outcome.has_page for outcome in unsaid]) >= 0.85


def test_there_are_enough_questions_and_documents() -> None:
    found = outcomes("questions")
    assert len(found) >= 40
    assert len({outcome.asked.document for outcome in found}) >= 10
