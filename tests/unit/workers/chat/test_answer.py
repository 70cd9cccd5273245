# ruff: noqa: RUF001 - other scripts

import pytest

from common.document.page import Role
from tests.chat_questions.documents import pages_from
from tests.unit.workers.chat.written import block, page
from workers.chat.extractive.answer import Answer, answer
from workers.chat.extractive.index import DocumentIndex
from workers.chat.passages import passages_of

INVOICE = """# Invoice

Invoice no.          NL-20418
Subtotal             £1,278.00
VAT 20%              £255.60
Total due            £1,533.60

Please pay within thirty days. The goods were delivered to your warehouse in Bath on 3 March 2025.
"""


def _answer(
    question: str, text: str = INVOICE, language: str = "en", earlier: tuple[str, ...] = ()
) -> Answer:
    return answer(question, DocumentIndex(passages_of(pages_from(text, language))), earlier)


def test_a_field_is_quoted_with_its_page_and_box() -> None:
    found = _answer("What is the total?")
    assert found.content == "“Total due £1,533.60” (p. 1)."
    (citation,) = found.citations
    assert (citation.page, citation.snippet) == (1, "Total due £1,533.60")
    assert citation.bbox.x1 > citation.bbox.x0 and citation.bbox.y1 > citation.bbox.y0


def test_the_subtotal_is_not_taken_for_the_total() -> None:
    assert _answer("How much is the subtotal?").citations[0].snippet == "Subtotal £1,278.00"


@pytest.mark.parametrize(
    "question",
    [
        "Wie hoch ist der Rechnungsbetrag?",
        "¿Cuál es el importe total?",
        "Quel est le montant total à payer ?",
        "Qual è il totale da pagare?",
        "Qual é o valor total?",
        "Wat is het totaalbedrag?",
    ],
)
def test_fields_are_found_across_languages(question: str) -> None:
    assert _answer(question).citations[0].snippet == "Total due £1,533.60"


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("Who is the president of France?", "The document does not say so."),
        ("Wer ist der Präsident von Frankreich?", "Das steht nicht im Dokument."),
        ("¿Quién es el presidente de Francia?", "El documento no lo dice."),
        ("Qui est le président de la France ?", "Le document ne le dit pas."),
        ("フランスの大統領は誰ですか", "この文書には書かれていません。"),
        ("कंपनी का मालिक कौन है?", "दस्तावेज़ में यह नहीं लिखा है।"),
    ],
)
def test_what_the_document_does_not_say_is_said_in_the_question_s_language(question: str, reply: str) -> None:
    assert _answer(question) == Answer(reply)


def test_an_amount_is_not_answered_with_a_sentence_that_has_none() -> None:
    assert _answer("How much do the goods cost?").citations == ()


def test_an_empty_document_is_said_to_be_empty() -> None:
    empty = DocumentIndex(passages_of([page(), None]))
    assert answer("What is the total?", empty) == Answer("No text was found in the document.")
    assert answer("Wie hoch ist der Betrag?", empty) == Answer("In dem Dokument wurde kein Text gefunden.")


def test_a_follow_up_is_understood_by_what_it_names() -> None:
    found = _answer("And the VAT?", earlier=("What is the total?",))
    assert found.citations[0].snippet == "VAT 20% £255.60"


def test_a_follow_up_without_words_of_its_own_goes_by_the_one_before() -> None:
    found = _answer("And when?", earlier=("Where were the goods delivered?",))
    assert "3 March 2025" in found.citations[0].snippet


def test_what_it_is_about_is_answered_with_how_it_begins() -> None:
    heading = block("Licence to build", role=Role.HEADING)
    sentence = block(
        "We have granted you the licence to alter the kitchen and the bathroom of your house.", y=50
    )
    found = answer("What is this document about?", DocumentIndex(passages_of([page(heading, sentence)])))
    assert [citation.snippet for citation in found.citations] == [
        "Licence to build",
        "We have granted you the licence to alter the kitchen and the bathroom of your house.",
    ]


def test_a_label_in_another_block_is_shown_before_the_quotation() -> None:
    pages = [page(block("Total due"), block("1,234.50", x=500))]
    found = answer("What is the total due?", DocumentIndex(passages_of(pages)))
    assert found.content.startswith("Total due: “1,234.50” (p. 1).")


def test_a_sentence_that_stands_on_every_page_is_quoted_once() -> None:
    pages = [page(block("The deposit is 500 euros."))] * 3
    assert len(answer("How much is the deposit?", DocumentIndex(passages_of(pages))).citations) == 1


def test_a_misread_word_is_still_found() -> None:
    found = _answer("What does the maintenance include?", "The maintenamce includes oil and filters.\n")
    assert found.citations[0].snippet == "The maintenamce includes oil and filters."


def test_chinese_and_hindi_are_answered() -> None:
    chinese = _answer("合同什么时候开始？", "本合同自2025年5月1日开始。租金为每月三千元。\n", "zh-Hans")
    assert chinese.citations[0].snippet == "本合同自2025年5月1日开始。"
    hindi = _answer("किराया कितना है?", "अनुबंध मई में शुरू होता है। किराया 5,000 रुपये है।\n", "hi")
    assert hindi.citations[0].snippet == "किराया 5,000 रुपये है।"


def test_the_same_question_has_the_same_answer() -> None:
    assert len({repr(_answer("When were the goods delivered?")) for _ in range(3)}) == 1
