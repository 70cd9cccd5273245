from dataclasses import replace

import pytest

from common.document.geometry import Box
from common.document.text_layer import LayerWord, PageText
from common.reading.own_text.fusion import blocks_of
from common.reading.own_text.trust import Extent, agrees, judge

TEXT = (
    "the morning train to the harbour was late again and nobody seemed to mind it at all, "
    "least of all the people in the dining car"
)
SENTENCE = TEXT.split()
SIZE = (2000, 3000)
SCAN = Box(0, 0, *SIZE)


def line(words: list[str], y: int = 100, x: int = 100, **about: object) -> tuple[LayerWord, ...]:
    placed = []
    for text in words:
        placed.append(LayerWord(text, Box(x, y, x + 12 * len(text), y + 40), **about))  # type: ignore[arg-type]
        x += 12 * len(text) + 12
    return tuple(placed)


def row_of(words: tuple[LayerWord, ...]) -> Box:
    return Box(words[0].bbox.x0, words[0].bbox.y0, words[-1].bbox.x1, words[-1].bbox.y1)


def page(*lines: tuple[LayerWord, ...], **about: object) -> PageText:
    return PageText(*SIZE, lines=lines, **about)  # type: ignore[arg-type]


def test_painted_words_are_believed() -> None:
    trust = judge(page(line(SENTENCE)))
    assert (trust.extent, trust.unread) == (Extent.WHOLE, ())


def test_few_words_are_believed_too() -> None:
    assert judge(page(line(["A4"]))).extent is Extent.WHOLE


def test_a_guessed_word_needs_company_that_makes_sense() -> None:
    guessed = line(SENTENCE, mapped=False)
    assert judge(page(guessed)).extent is Extent.WHOLE
    assert judge(page(guessed[:2])).extent is Extent.NONE


def test_a_row_that_no_word_explains_is_left_to_be_read_with_a_margin() -> None:
    trust = judge(page(line(SENTENCE), unexplained=(Box(100, 900, 500, 940),)))
    assert trust.extent is Extent.PART
    assert trust.unread == (Box(80, 880, 520, 960),)


def test_of_rows_in_a_picture_all_the_picture_is_read_once() -> None:
    picture = Box(50, 800, 1000, 1500)
    rows = (Box(100, 900, 500, 940), Box(100, 1000, 500, 1040))
    assert judge(page(line(SENTENCE), unexplained=rows, images=(picture,))).unread == (picture,)


def test_regions_that_reach_each_other_by_a_third_are_read_once() -> None:
    pictures = (Box(0, 1000, 100, 2000), Box(500, 1000, 600, 1200), Box(50, 1300, 700, 1400))
    rows = tuple(Box(box.x0 + 55, box.y0 + 20, box.x0 + 95, box.y0 + 60) for box in pictures)
    trust = judge(page(line(SENTENCE), unexplained=rows, images=pictures))
    assert trust.unread == (Box(0, 1000, 700, 2000),)


def test_unread_boxes_stay_on_the_page() -> None:
    trust = judge(page(line(SENTENCE), unexplained=(Box(0, 2970, 500, 3000),)))
    assert trust.unread == (Box(0, 2955, 515, 3000),)


def test_a_scan_with_a_few_painted_words_is_read() -> None:
    trust = judge(page(line(["Page", "3"]), images=(SCAN,)))
    assert (trust.extent, trust.unread) == (Extent.PART, (SCAN,))


def test_the_ground_of_a_slide_is_not_a_scan() -> None:
    lines = [line(SENTENCE, y=100 * index) for index in range(1, 4)]
    assert judge(page(*lines, images=(SCAN,))).extent is Extent.WHOLE


def test_a_lone_sign_is_a_bullet_at_the_start_of_a_line_and_nothing_elsewhere() -> None:
    trust = judge(page(line(["\uf06e", *SENTENCE, "\uf0e0"])))
    assert trust.extent is Extent.WHOLE
    assert [word.text for word in trust.lines[0]] == ["\u2022", *SENTENCE]


def test_hidden_words_are_believed_where_text_is_seen() -> None:
    hidden = line(SENTENCE, hidden=True)
    seen = page(hidden, images=(SCAN,), unexplained=(row_of(hidden),))
    assert judge(seen).extent is Extent.WHOLE
    assert judge(replace(seen, unexplained=())).extent is Extent.NONE


@pytest.mark.timeout(10)
def test_a_newspaper_with_a_hidden_layer_is_judged() -> None:
    """15,000 words and 2,400 rows, and 3,000 rows elsewhere."""
    lines = [
        line(SENTENCE[:6], y=50 * row, x=600 * column, hidden=True)
        for column in range(8)
        for row in range(300)
    ]
    rows = tuple(map(row_of, lines))
    paper = replace(page(*lines, unexplained=rows), width=4800, height=15000)
    assert judge(paper).extent is Extent.WHOLE
    other = tuple(Box(x, y, x + 60, y + 20) for y in range(0, 15000, 50) for x in range(0, 1000, 100))
    few = replace(page(line(SENTENCE, x=1200), unexplained=other), width=4800, height=15000)
    assert len(judge(few).unread) == len(other)


def test_hidden_words_that_leave_out_much_are_not_believed() -> None:
    hidden = line(SENTENCE, hidden=True)
    rows = (row_of(hidden), Box(100, 900, 1500, 940))
    assert judge(page(hidden, images=(SCAN,), unexplained=rows)).extent is Extent.NONE


@pytest.mark.parametrize("garbage", ["\ufffd", "b3t~er"])
def test_hidden_words_that_read_badly_are_not_believed(garbage: str) -> None:
    hidden = line([*SENTENCE, garbage, garbage], hidden=True)
    assert judge(page(hidden, images=(SCAN,), unexplained=(row_of(hidden),))).extent is Extent.NONE


def test_painted_words_stay_when_hidden_ones_are_refused() -> None:
    painted, hidden = line(SENTENCE), line(["b3t~er"] * 9, y=900, hidden=True)
    trust = judge(page(painted, hidden, images=(SCAN,), unexplained=(row_of(hidden),)))
    assert (trust.extent, trust.lines, trust.unread) == (Extent.PART, (painted,), (SCAN,))


def hidden_page() -> PageText:
    lines = [line(SENTENCE, y=100 * index, hidden=True) for index in range(1, 9)]
    return page(*lines, images=(SCAN,), unexplained=tuple(map(row_of, lines)))


def test_believed_hidden_words_name_a_part_to_check_them_by() -> None:
    check = judge(hidden_page()).check
    assert check is not None
    assert 0 < (check.y1 - check.y0) < 600
    assert judge(page(line(SENTENCE))).check is None


def test_hidden_words_that_a_reader_finds_too_are_confirmed() -> None:
    trust = judge(hidden_page())
    read = blocks_of(trust.lines)
    assert agrees(trust, read)


@pytest.mark.parametrize("found", [["tho", "rnorning", "tain", "lo", "tbe", "barbour", "vvas"], []])
def test_hidden_words_that_a_reader_reads_otherwise_are_not_confirmed(found: list[str]) -> None:
    trust = judge(hidden_page())
    assert trust.check is not None
    read = [line([*found, *SENTENCE[len(found) + 5 :]], y=100 * index) for index in range(1, 9)]
    assert not agrees(trust, blocks_of(read) if found else ())


def test_painted_words_need_no_confirmation() -> None:
    assert agrees(judge(page(line(SENTENCE))), ())
