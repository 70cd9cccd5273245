import random
from collections import Counter
from collections.abc import Callable
from itertools import chain
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.document.geometry import Box, union
from common.document.layout import arrange
from common.document.page import Block, Line, Role, Word
from common.document.text import block_text, words

WIDTH, HEIGHT = 1000, 1400
Make = Callable[[str, int, int, int], Block]
SIZE = 20  # of the letters, in pixels
PITCH = 30
PROSE = (
    "amber anchor autumn basket bridge butter candle carpet castle cherry copper corner cotton desert "
    "dinner dragon eagle engine evening family farmer father feather forest garden gentle ginger guitar"
)
HEBREW = "שלום עולם ספר בית דרך מים שמש ירח לילה עץ הר ים שדה אבן"


def text_line(text: str, x: int, y: int, size: int = SIZE) -> Line:
    """Letters half as wide as they are high, in boxes as high as their font."""
    words: list[Word] = []
    for word in text.split(" "):
        end = x + len(word) * size // 2
        words.append(Word(word, Box(x, y, end, y + size), 0.9))
        x = end + size // 2
    return Line(tuple(words), union(word.bbox for word in words))


def alone(text: str, x: int, y: int, size: int = SIZE) -> Block:
    line = text_line(text, x, y, size)
    return Block((line,), line.bbox)


def filled(letters: int, count: int, text: str, start: int) -> list[str]:
    """``count`` lines, each with as many words of ``text`` as go into ``letters``."""
    lines, at, vocabulary = [""], start, text.split()
    while len(lines) <= count:
        word = vocabulary[at % len(vocabulary)]
        at += 1
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) > letters:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines[:count]


def prose(x: int, y: int, letters: int = 40, count: int = 8, start: int = 0) -> list[Block]:
    """Running text, every line a block of its own, as text layers give it."""
    texts = filled(letters, count, PROSE, start)
    return [alone(text, x, y + row * PITCH) for row, text in enumerate(texts)]


def paragraph(lines: list[Block]) -> Block:
    """As readers give it that know paragraphs."""
    return Block(tuple(block.lines[0] for block in lines), union(block.bbox for block in lines))


def mirrored(block: Block) -> Block:
    def mirror(box: Box) -> Box:
        return Box(WIDTH - box.x1, box.y0, WIDTH - box.x0, box.y1)

    lines = tuple(
        Line(tuple(Word(word.text, mirror(word.bbox), 0.9) for word in line.words), mirror(line.bbox))
        for line in block.lines
    )
    return Block(lines, mirror(block.bbox))


def by_rows(*columns: list[Block]) -> list[Block]:
    return sorted(chain(*columns), key=lambda block: (block.bbox.y0, block.bbox.x0))


def arranged(blocks: list[Block]) -> tuple[Block, ...]:
    return arrange(blocks, WIDTH, HEIGHT)


def texts(blocks: tuple[Block, ...]) -> list[str]:
    return [block_text(block) for block in blocks]


def text_of(blocks: list[Block]) -> str:
    return "\n".join(block_text(block) for block in blocks)


def role_of(text: str, blocks: list[Block]) -> tuple[Role, int]:
    found = next(block for block in arranged(blocks) if block_text(block).startswith(text))
    return found.role, found.level


# --- reading order ---------------------------------------------------------------------------------


def test_columns_are_read_one_after_the_other() -> None:
    left, right = prose(50, 200), prose(550, 200, start=11)
    assert texts(arranged(by_rows(left, right))) == [text_of(left), text_of(right)]


def test_three_columns_are_read_one_after_the_other() -> None:
    columns = [prose(x, 200, letters=27, start=7 * x) for x in (30, 350, 670)]
    assert texts(arranged(by_rows(*columns))) == [text_of(column) for column in columns]


def test_a_title_over_both_columns_comes_first_and_one_between_parts_them() -> None:
    top, between = (
        alone("A title over both of the columns", 300, 100),
        alone("And one in the middle", 350, 500),
    )
    upper = [prose(50, 200), prose(550, 200, start=11)]
    lower = [prose(50, 600, start=3), prose(550, 600, start=17)]
    found = texts(arranged(by_rows([top, between], *upper, *lower)))
    assert found == [
        block_text(top), *map(text_of, upper), block_text(between), *map(text_of, lower)
    ]  # fmt: skip


def test_a_line_above_both_columns_comes_first_though_it_stands_over_the_right_one() -> None:
    date = alone("Monday in May", 560, 100)
    left, right = prose(50, 200), prose(550, 200, start=11)
    assert texts(arranged(by_rows([date], left, right))) == [block_text(date), text_of(left), text_of(right)]


def test_a_narrow_column_beside_the_text_is_read_apart_from_it() -> None:
    notes = [alone("small words", 850, 210 + row * 40) for row in range(4)]
    text = prose(50, 200, letters=60)
    assert texts(arranged(by_rows(text, notes)))[0] == text_of(text)


def test_columns_of_numbers_are_read_by_rows() -> None:
    names = [alone(text, 50, 200 + row * PITCH) for row, text in enumerate(filled(40, 5, PROSE, 0))]
    numbers = [alone("1234 5678 9012 3456 7890", 600, 200 + row * PITCH) for row in range(5)]
    assert "7890\n" in "\n".join(texts(arranged(by_rows(names, numbers))))


def test_a_caption_that_columns_run_past_does_not_part_them() -> None:
    left, right = prose(50, 200, count=20), prose(550, 200, count=20, start=11)
    caption = [alone("small words", 440, 500 + row * PITCH) for row in range(2)]
    near = {500, 530, 470}
    left = [block for block in left if block.bbox.y0 not in near]
    found = "\n".join(texts(arranged(by_rows(left, right, caption))))
    assert found.index(text_of(left[-3:])) < found.index(text_of(right[:3])) < found.index("small words")


def test_a_line_that_was_read_across_two_columns_is_parted() -> None:
    left, right = prose(50, 200), prose(550, 200, start=11)
    across = [
        Block((Line(one.lines[0].words + other.lines[0].words, union((one.bbox, other.bbox))),), one.bbox)
        for one, other in zip(left, right, strict=True)
    ]
    assert texts(arranged(across)) == [text_of(left), text_of(right)]


def test_right_to_left_pages_begin_with_the_right_column() -> None:
    columns = [
        [mirrored(alone(text, x, 200 + row * PITCH)) for row, text in enumerate(filled(40, 8, HEBREW, start))]
        for x, start in ((50, 0), (550, 5))
    ]
    assert texts(arranged(by_rows(*columns))) == [text_of(column) for column in columns]


@pytest.mark.parametrize("flush_left", [True, False])
def test_right_to_left_paragraphs_are_told_by_the_side_they_are_flush_at(flush_left: bool) -> None:
    """The last line of the first paragraph has room for more, whichever side is ragged."""
    first, second = filled(60, 4, HEBREW, 0), filled(60, 4, HEBREW, 5)
    first[-1] = "שלום עולם"
    lines = [alone(text, 50, 200 + row * PITCH) for row, text in enumerate((*first, *second))]
    page = lines if flush_left else [mirrored(line) for line in lines]
    assert texts(arranged(page)) == ["\n".join(first), "\n".join(second)]


def test_vertical_lines_are_read_from_right_to_left() -> None:
    def vertical(text: str, x: int) -> Block:
        marks = tuple(
            Word(mark, Box(x, 100 + 20 * at, x + 20, 120 + 20 * at), 0.9) for at, mark in enumerate(text)
        )
        line = Line(marks, union(word.bbox for word in marks))
        return Block((line,), line.bbox)

    found = arranged([vertical("左边的一行文字在这里", 100), vertical("右边的一行文字在这里", 140)])
    assert "".join(texts(found)).index("右边") < "".join(texts(found)).index("左边")


def test_paragraphs_side_by_side_stay_apart_where_the_reader_kept_them_so() -> None:
    sender = [
        alone(text, 50, 200 + row * PITCH) for row, text in enumerate(("Jane Doe", "Long Street", "London"))
    ]
    to = [
        alone(text, 600, 200 + row * PITCH) for row, text in enumerate(("Acme Books", "Main Road", "Oxford"))
    ]
    assert texts(arranged([paragraph(sender), paragraph(to)])) == [text_of(sender), text_of(to)]


def test_prices_stay_beside_what_they_are_for() -> None:
    names = [alone(name, 50, 200 + row * PITCH) for row, name in enumerate(("bread rolls", "milk", "butter"))]
    prices = [alone(f"{row}.50", 600, 200 + row * PITCH) for row in range(3)]
    found = arranged([paragraph(names), paragraph(prices)])
    assert "\n".join(texts(found)).split("\n") == ["bread rolls 0.50", "milk 1.50", "butter 2.50"]


def test_tables_and_formulas_stay_whole() -> None:
    lines = prose(50, 200)
    table = Block(
        tuple(alone(f"{row} x", 50, 500 + row * PITCH).lines[0] for row in range(3)),
        Box(50, 500, 90, 590),
        Role.TABLE,
    )
    assert table in arranged([table, *lines])


# --- paragraphs ------------------------------------------------------------------------------------


def test_an_indent_begins_a_paragraph() -> None:
    first = prose(50, 200)
    second = [alone("Amber anchor autumn basket bridge butter", 80, 440), *prose(50, 470, start=3)]
    assert texts(arranged([*first, *second])) == [text_of(first), text_of(second)]


def test_a_gap_begins_a_paragraph() -> None:
    first, second = prose(50, 200), prose(50, 200 + 8 * PITCH + 20, start=3)
    assert texts(arranged([*first, *second])) == [text_of(first), text_of(second)]


def test_a_short_line_ends_a_paragraph() -> None:
    first, second = [*prose(50, 200), alone("the end.", 50, 440)], prose(50, 470, start=3)
    assert texts(arranged([*first, *second])) == [text_of(first), text_of(second)]


def test_a_paragraph_that_was_split_in_the_middle_of_a_sentence_is_one_again() -> None:
    lines = prose(50, 200)
    assert texts(arranged([paragraph(lines[:3]), paragraph(lines[3:])])) == [text_of(lines)]


def test_paragraphs_that_end_with_a_sentence_stay_apart() -> None:
    first, second = prose(50, 200, count=3), prose(50, 290, count=3, start=3)
    first[-1] = alone("amber anchor autumn basket bridge but.", 50, 260)
    assert texts(arranged([paragraph(first), paragraph(second)])) == [text_of(first), text_of(second)]


# --- roles -----------------------------------------------------------------------------------------


def test_larger_lines_are_headings_of_levels_by_size() -> None:
    page = [
        alone("Great Title", 50, 150, 40),
        *prose(50, 230),
        alone("Lesser one here", 50, 500, 28),
        *prose(50, 550),
        alone("Lesser two here", 50, 820, 28),
        *prose(50, 870),
    ]
    assert role_of("Great", page) == (Role.HEADING, 1)
    assert role_of("Lesser one", page) == role_of("Lesser two", page) == (Role.HEADING, 2)
    assert role_of("amber", page) == (Role.PARAGRAPH, 0)


def test_numbered_lines_that_stand_apart_are_headings() -> None:
    page = [*prose(50, 200), alone("2.1 Numbered Title", 50, 480), *prose(50, 530)]
    assert role_of("2.1", page) == (Role.HEADING, 2)


def test_a_sentence_that_begins_with_a_number_is_no_heading() -> None:
    page = [*prose(50, 200), alone("2.1 Millions were lost there.", 50, 480), *prose(50, 530)]
    assert role_of("2.1", page) == (Role.PARAGRAPH, 0)


def test_numbered_headings_stand_below_larger_ones() -> None:
    title = alone("Great Title", 50, 150, 40)
    page = [title, *prose(50, 230), alone("2 Numbered Title", 50, 510), *prose(50, 560)]
    assert role_of("2", page) == (Role.HEADING, 2)


def test_a_number_before_a_small_letter_is_no_heading() -> None:
    page = [*prose(50, 200), alone("12 men and a boat", 50, 480), *prose(50, 530)]
    assert role_of("12", page) == (Role.PARAGRAPH, 0)


def test_receipts_have_no_headings() -> None:
    page = [
        alone("GREAT SHOP", 50, 100, 40),
        *(alone(f"item {row} {row}.99", 50, 200 + row * PITCH) for row in range(9)),
    ]
    assert {block.role for block in arranged(page)} == {Role.PARAGRAPH}


def ink_line(text: str, x: int, y: int, size: int) -> Block:
    """As Tesseract gives it: boxes as high as the ink of their letters."""
    words: list[Word] = []
    for word in text.split(" "):
        rises = any(mark in "bdfhklt" or mark.isupper() or mark.isdigit() for mark in word)
        hangs = any(mark in "gjpqy" for mark in word)
        top = y if rises else y + size // 5
        foot = y + size * 18 // 25 + (size // 5 if hangs else 0)
        end = x + len(word) * size // 2
        words.append(Word(word, Box(x, top, end, foot), 0.9))
        x = end + size // 4
    line = Line(tuple(words), union(word.bbox for word in words))
    return Block((line,), line.bbox)


SHORT_PAGE = [
    "Acme Books Limited",
    "Customer: Jane Doe",
    "Date: 12 May 2026",
    "Copper kettle 49.90",
    "Thank you",
]


@pytest.mark.parametrize(("large", "size"), [(56, 31), (40, 28), (28, 20), (44, 25)])
@pytest.mark.parametrize("count", [2, 5])
@pytest.mark.parametrize("make", [ink_line, alone])
def test_a_title_above_a_few_lines_is_a_heading(large: int, size: int, count: int, make: Make) -> None:
    lines = [make(text, 50, 250 + row * 50, size) for row, text in enumerate(SHORT_PAGE[:count])]
    page = [make("Invoice 4711", 50, 100, large), *lines]
    assert role_of("Invoice", page) == (Role.HEADING, 1)
    assert {block.role for block in arranged(page)[1:]} == {Role.PARAGRAPH}


def test_a_title_above_two_lines_and_a_table_is_a_heading() -> None:
    lines = [ink_line(text, 50, 250 + row * 50, 20) for row, text in enumerate(filled(60, 2, PROSE, 0))]
    table = Block((text_line("Oak 120 35", 50, 400),), Box(50, 400, 600, 500), Role.TABLE)
    assert role_of("Harbour", [ink_line("Harbour report", 50, 100, 40), *lines, table]) == (Role.HEADING, 1)


def test_a_shop_above_two_short_lines_and_a_table_is_no_heading() -> None:
    lines = [ink_line(text, 50, 250 + row * 50, 20) for row, text in enumerate(("Main Road", "Bristol"))]
    table = Block((text_line("Oak 120 35", 50, 400),), Box(50, 400, 600, 500), Role.TABLE)
    found = arranged([ink_line("Corner shop", 50, 100, 40), *lines, table])
    assert Role.HEADING not in {block.role for block in found}


def test_short_pages_have_headings_of_two_levels() -> None:
    lines = [ink_line(text, 50, 300 + row * 50, 20) for row, text in enumerate(SHORT_PAGE[:4])]
    page = [
        ink_line("Invoice 4711", 50, 100, 48),
        ink_line("From the harbour", 50, 200, 32),
        *lines,
    ]
    assert role_of("Invoice", page) == (Role.HEADING, 1)
    assert role_of("From", page) == (Role.HEADING, 2)


def test_a_line_of_a_few_that_is_no_larger_is_no_heading() -> None:
    page = [ink_line(text, 50, 100 + row * 50, 24) for row, text in enumerate(SHORT_PAGE)]
    assert Role.HEADING not in {block.role for block in arranged(page)}


@pytest.mark.parametrize("size", [20, 31])
def test_a_line_whose_boxes_alone_are_too_high_is_no_heading(size: int) -> None:
    lines = [ink_line(text, 50, 100 + row * 70, size) for row, text in enumerate(filled(40, 9, PROSE, 0))]
    line = lines[4].lines[0]
    high = tuple(
        Word(
            word.text,
            Box(word.bbox.x0, word.bbox.y0 - size // 3, word.bbox.x1, word.bbox.y1 + size // 4),
            0.9,
        )
        for word in line.words
    )
    lines[4] = Block((Line(high, union(word.bbox for word in high)),), union(word.bbox for word in high))
    assert Role.HEADING not in {block.role for block in arranged(lines)}


def test_bullets_begin_list_items() -> None:
    page = [*prose(50, 200), alone("• amber", 50, 440), alone("• anchor", 50, 470), *prose(50, 530)]
    assert role_of("• amber", page) == role_of("• anchor", page) == (Role.LIST_ITEM, 1)


@pytest.mark.parametrize("hang", [20, 30, 50])
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("flipped", [True, False])
def test_an_item_without_its_bullet_does_not_go_on_the_one_above(
    hang: int, told: bool, flipped: bool
) -> None:
    names = (
        ("שלום עולם", "ספר בית", "דרך מים", "שמש")
        if flipped
        else ("Amber", "Castle cherry", "Copper", "Dragon")
    )
    items = [alone(f"• {names[0]}", 80, 500)]
    items += [alone(name, 80 + hang, 530 + row * PITCH) for row, name in enumerate(names[1:3])]
    items.append(alone(f"• {names[3]}", 80, 590))
    text = [alone(line, 50, 200 + row * PITCH) for row, line in enumerate(filled(60, 8, HEBREW, 0))]
    page = [*(text if flipped else prose(50, 200, 60)), *([paragraph(items)] if told else items)]
    found = arranged([mirrored(block) for block in page] if flipped else page)
    assert [block_text(block).removeprefix("• ") for block in found if block.role is Role.LIST_ITEM] == [
        *names
    ]


def test_the_text_of_an_item_that_fills_its_lines_goes_on() -> None:
    first, second = filled(60, 2, PROSE.title(), 0)
    page = [
        *prose(50, 200, 60),
        alone(f"• {first}", 80, 500),
        alone(second, 100, 530),
        alone("• Amber", 80, 560),
    ]
    assert [len(block.lines) for block in arranged(page) if block.role is Role.LIST_ITEM] == [2, 1]


def test_numbers_in_sequence_begin_list_items_and_deeper_ones_are_nested() -> None:
    page = [
        *prose(50, 200),
        alone("1. amber", 50, 500),
        alone("a) anchor", 90, 530),
        alone("b) autumn", 90, 560),
        alone("2. basket", 50, 590),
    ]
    assert role_of("1. amber", page) == role_of("2. basket", page) == (Role.LIST_ITEM, 1)
    assert role_of("a) anchor", page) == role_of("b) autumn", page) == (Role.LIST_ITEM, 2)


def test_a_number_without_a_sequence_begins_no_item() -> None:
    page = [*prose(50, 200), alone("1984. amber", 50, 500), alone("12. autumn", 50, 560)]
    assert role_of("12.", page) == (Role.PARAGRAPH, 0)


def test_words_like_bullets_in_running_text_begin_no_items() -> None:
    lines = [alone(text, 50, 200 + row * PITCH) for row, text in enumerate(filled(40, 9, PROSE, 0))]
    for row in (2, 3, 6):
        lines[row] = alone(f"e {block_text(lines[row])[2:]}", 50, 200 + row * PITCH)
    assert [block.role for block in arranged(lines)] == [Role.PARAGRAPH]


def test_numbers_that_begin_lines_of_a_sentence_begin_no_items() -> None:
    lines = [alone(text, 50, 200 + row * PITCH) for row, text in enumerate(filled(40, 9, PROSE, 0))]
    lines[3] = alone(f"1. {block_text(lines[3])[:-3]}", 50, 290)
    lines[6] = alone(f"2. {block_text(lines[6])[:-3]}", 50, 380)
    assert [block.role for block in arranged(lines)] == [Role.PARAGRAPH]


def test_spoken_lines_with_dashes_are_paragraphs() -> None:
    page = [
        alone("- Amber anchor autumn basket bridge but", 80, 200),
        *prose(50, 230, count=3),
        alone("- Candle carpet castle cherry copper cor", 80, 320),
        *prose(50, 350, count=3, start=5),
    ]
    assert {block.role for block in arranged(page)} == {Role.PARAGRAPH}


def test_a_list_after_a_paragraph_begins_at_the_outermost_level() -> None:
    page = [
        alone("• amber", 50, 200),
        alone("• anchor", 90, 230),
        *prose(50, 290),
        alone("• autumn", 90, 570),
        alone("• basket", 130, 600),
        alone("• bridge", 90, 630),
    ]
    assert role_of("• anchor", page) == role_of("• basket", page) == (Role.LIST_ITEM, 2)
    assert role_of("• autumn", page) == role_of("• bridge", page) == (Role.LIST_ITEM, 1)


def test_the_first_of_two_brothers_goes_on_the_list() -> None:
    page = [
        *prose(50, 200),
        alone("1. amber", 50, 500),
        alone("2. autumn", 50, 560),
        alone("2. basket", 50, 620),
    ]
    assert role_of("1. amber", page) == role_of("2. autumn", page) == (Role.LIST_ITEM, 1)
    assert role_of("2. basket", page) == (Role.PARAGRAPH, 0)


def test_captions_are_told_from_sentences_about_figures() -> None:
    caption, sentence = "Figure 3: What is to be seen", "Figure 3 shows what is to be seen"
    page = [*prose(50, 200), alone(caption, 50, 500), *prose(50, 600), alone(sentence, 50, 900)]
    assert role_of(caption, page) == (Role.CAPTION, 0)
    assert role_of(sentence, page) == (Role.PARAGRAPH, 0)


def test_captions_of_other_languages() -> None:
    page = [
        *prose(50, 200),
        alone("Abb. 4: amber", 50, 500),
        alone("图 1 说明", 50, 600),
        alone("Рис. 2. Схема", 50, 700),
    ]
    for text in ("Abb. 4", "图 1", "Рис. 2"):
        assert role_of(text, page) == (Role.CAPTION, 0)


def test_page_numbers_are_footers_in_any_digits() -> None:
    for number in ("17", "- 17 -", "Page 3 of 9", "xiv", "\u0661\u0667", "१७", "A-6"):
        page = [*prose(50, 200, count=30), alone(number, 480, 1330)]
        assert role_of(number, page) == (Role.FOOTER, 0)


def test_running_titles_are_headers() -> None:
    small = alone("The Book of Amber", 50, 50, 14)
    assert role_of("The Book", [small, *prose(50, 200, count=30)]) == (Role.HEADER, 0)
    numbered = alone("27 THE BOOK OF AMBER", 50, 50)
    assert role_of("27", [numbered, *prose(50, 200, count=30)]) == (Role.HEADER, 0)


@pytest.mark.parametrize("x", [100, 400, 700])
@pytest.mark.parametrize("flipped", [True, False])
def test_a_line_of_the_usual_size_in_the_margin_is_furniture(x: int, flipped: bool) -> None:
    text = filled(60, 30, HEBREW if flipped else PROSE, 0)
    head, foot = ("שלום עולם", "ספר בית") if flipped else ("Harbour Report", "Amber and Sons")
    page = [alone(line, 100, 200 + row * PITCH) for row, line in enumerate(text)]
    page += [alone(head, x, 60), alone(foot, x, 1330)]
    page = [mirrored(block) for block in page] if flipped else page
    assert role_of(head, page) == (Role.HEADER, 0)
    assert role_of(foot, page) == (Role.FOOTER, 0)


@pytest.mark.parametrize(
    ("text", "y", "size", "left"),
    [
        ("Harbour Report", 60, 32, 100),  # large
        ("Harbour Report", 120, 20, 100),  # inside the page
        ("Dear reader of this page,", 60, 20, 100),  # a part of the text
        ("Harbour Report", 60, 20, 10),  # of a page cut to its text
    ],
)
def test_titles_are_no_headers(text: str, y: int, size: int, left: int) -> None:
    page = [alone(line, left, 200 + row * PITCH) for row, line in enumerate(filled(60, 30, PROSE.title(), 0))]
    assert role_of(text, [alone(text, left, y, size), *page])[0] is not Role.HEADER


def test_notes_at_the_foot_are_no_footers() -> None:
    note, number = alone("1 See the book about amber, page 12.", 50, 1260, 14), alone("17", 480, 1330)
    page = [*prose(50, 200, count=30), note, number]
    assert role_of("1 See", page[:-1]) == role_of("1 See", page) == (Role.PARAGRAPH, 0)
    assert role_of("17", page) == (Role.FOOTER, 0)


def test_small_print_right_below_the_text_is_no_footer() -> None:
    page = [*prose(50, 200, count=34), alone("So says the book about amber.", 50, 1225, 14)]
    assert role_of("So says", page)[0] == Role.PARAGRAPH


def test_a_first_line_as_large_as_the_text_is_no_header() -> None:
    page = [alone("Dear reader of this page,", 50, 50), *prose(50, 110, count=30)]
    page[1] = alone("Amber anchor autumn basket bridge but", 50, 110)
    assert role_of("Dear", page) == (Role.PARAGRAPH, 0)


# --- whatever is on the page -----------------------------------------------------------------------

marks = st.text("abcXYZ0123.:-•()א中", max_size=8)


@st.composite
def pages(draw: st.DrawFn) -> list[Block]:
    blocks = []
    for _ in range(draw(st.integers(0, 12))):
        x, y = draw(st.integers(0, 900)), draw(st.integers(0, 1300))
        size = draw(st.sampled_from([14, 20, 20, 32]))
        lines = draw(st.lists(st.lists(marks, min_size=1, max_size=6), min_size=1, max_size=4))
        blocks.append(
            paragraph(
                [alone(" ".join(line), x, y + row * size * 3 // 2, size) for row, line in enumerate(lines)]
            )
        )
    return blocks


@given(pages())
@settings(deadline=None)
def test_no_word_is_lost_added_or_changed(page: list[Block]) -> None:
    assert Counter(words(arranged(page))) == Counter(words(page))


def test_words_and_tables_without_text_do_no_harm() -> None:
    table = Block((), Box(50, 150, 900, 180), Role.TABLE)
    page = [alone("", 50, 100), table, *prose(50, 200), alone("", 50, 900), alone("1. amber", 50, 930)]
    assert Counter(words(arranged(page))) == Counter(words(page))
    assert table in arranged(page)


@given(pages())
@settings(deadline=None)
def test_boxes_hold_what_is_in_them(page: list[Block]) -> None:
    for block in arranged(page):
        assert block.bbox == union(line.bbox for line in block.lines)
        assert all(line.bbox == union(word.bbox for word in line.words) for line in block.lines)


def test_what_is_arranged_stays_so() -> None:
    page = [
        alone("27 THE BOOK OF AMBER", 50, 50),
        alone("Great Title", 50, 110, 40),
        *by_rows(prose(50, 200), prose(550, 200, start=11)),
        alone("• amber", 50, 600),
        alone("• anchor", 50, 630),
        alone("Figure 3: What is to be seen", 50, 700),
        *prose(50, 800, letters=90),
        alone("17", 480, 1330),
    ]
    once = arranged(page)
    assert len({block.role for block in once}) == 6
    assert arranged(list(once)) == once


def test_a_blank_page_stays_blank() -> None:
    assert arranged([]) == ()


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("text", "count"),
    [("• amber anchor", 10_000), ("7. amber anchor", 20_000), (PROSE[:40], 40_000)],
    ids=["items", "numbers without a sequence", "one paragraph"],
)
def test_very_many_lines_take_no_longer_a_line(text: str, count: int) -> None:
    lines = [alone(text, 50, row * PITCH) for row in range(count)]
    found = arrange(lines, WIDTH, count * PITCH)
    assert sum(len(block.lines) for block in found) == count


@pytest.mark.timeout(30)
@pytest.mark.parametrize("size", [(200_000, 400), (600, 60_000), (60_000, 600), (2500, 3500)])
@pytest.mark.parametrize("count", [3900, 5000])
def test_thousands_of_scattered_words_take_no_longer_a_word(size: tuple[int, int], count: int) -> None:
    spots = random.Random(1)
    found = [
        alone("amber"[: spots.randint(1, 5)], spots.randint(0, size[0] - 60), spots.randint(0, size[1] - 30))
        for _ in range(count)
    ]
    began = process_time()
    assert len(list(words(arrange(found, *size)))) == count
    assert process_time() - began < 3  # a tenth of it here; it was 18 s for words on one row


@pytest.mark.timeout(30)
def test_thousands_of_words_on_one_row_take_no_longer_a_word() -> None:
    row = [alone("amber", 100 * at, 100) for at in range(5000)]
    began = process_time()
    assert len(arrange(row, 500_000, 400)) == 1
    assert process_time() - began < 3
