from common.document.geometry import Box
from common.document.page import Line, Word
from common.document.text import page_text
from tests.unit.workers.chat.written import block, page
from workers.chat.plain_text import PlainText, Span, plain

PAGE = page(block("The invoice is", "over- due now."), block("Pay it.", y=100))


def test_the_plain_text_is_the_page_s_text_with_single_blanks() -> None:
    assert PlainText(PAGE).text == "The invoice is over- due now. Pay it." == plain(page_text(PAGE))


def test_a_span_s_box_is_around_the_words_it_touches() -> None:
    text = PlainText(PAGE)
    start = text.text.index("invoice")
    assert text.box(Span(start, start + len("invoice is"))) == Box(40, 0, 140, 20)


def test_a_snippet_over_two_lines_is_located_around_both() -> None:
    assert PlainText(PAGE).locate("is\nover- due") == Box(0, 0, 140, 50)


def test_what_is_not_on_the_page_is_not_located() -> None:
    assert PlainText(PAGE).locate("overdue") is None
    assert PlainText(PAGE).locate("  ") is None


def test_words_without_blanks_between_them_have_their_own_places() -> None:
    words = tuple(
        Word(mark, Box(20 * at, 0, 20 * at + 20, 20), 0.9) for at, mark in enumerate("発行日は三月")
    )
    han = page(block("x"), language="ja")
    text = PlainText(
        type(han)(
            100,
            100,
            han.engine,
            (type(han.blocks[0])((Line(words, Box(0, 0, 120, 20)),), Box(0, 0, 120, 20)),),
        )
    )
    assert text.text == "発行日は三月"
    assert text.locate("三月") == Box(80, 0, 120, 20)


def test_a_blank_page_has_no_text() -> None:
    assert PlainText(page()).text == ""
