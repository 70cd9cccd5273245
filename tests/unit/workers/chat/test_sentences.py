# ruff: noqa: RUF001 - other scripts

import pytest

from workers.chat.sentences import sentences

CASES = {
    "en": [
        "Dear Mr. Smith, the total is EUR 1,234.50.",
        "Invoice No. 4711 was paid on 3. March 2024.",
        "Thank you!",
    ],
    "de": [
        "Der Betrag von 1.234,50 EUR ist am 15. März fällig.",
        "Siehe Nr. 5 bzw. Abs. 3 des Vertrags.",
        "Danke.",
    ],
    "es": ["El Sr. Pérez firmó.", "¿Cuánto cuesta?", "Son 1.200,00 €."],
    "zh": ["这是第一句。", "价格是3.5元！", "好吗？"],
    "ar": ["كم المبلغ؟", "المبلغ هو مئة."],
    "ur": ["یہ پہلا جملہ ہے۔", "یہ دوسرا ہے۔"],
    "hi": ["यह पहला वाक्य है।", "यह दूसरा है।"],
    "xx": ["An unknown language.", "Has sentences too."],
}


@pytest.mark.parametrize("language", CASES)
def test_sentences_end_where_their_language_ends_them(language: str) -> None:
    between = "" if language == "zh" else " "
    text = between.join(CASES[language])
    assert [text[span.start : span.end] for span in sentences(text, language)] == CASES[language]


@pytest.mark.parametrize("text", ["1. The tenant pays.", "a) The tenant pays.", "2.1 The tenant pays."])
def test_the_number_of_an_item_stays_with_it(text: str) -> None:
    assert [text[span.start : span.end] for span in sentences(text, "en")] == [text]


def test_text_without_full_stops_is_cut_into_pieces_to_read() -> None:
    text = "word " * 400
    found = [text[span.start : span.end] for span in sentences(text, "en")]
    assert max(map(len, found)) <= 500
    assert " ".join(found) == text.strip()


def test_no_text_has_no_sentences() -> None:
    assert list(sentences("", "en")) == []
