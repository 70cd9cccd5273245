"""Grounding on witnesses that are written down: every letter is 10 pixels wide and 20 high, as is a blank."""

import pytest

from common.document.geometry import Box
from common.document.page import Block, Line, Role, Word
from common.document.text import block_text
from workers.ocr_vlm.answer import BlockAnswer, CellAnswer, Legibility, PageAnswer
from workers.ocr_vlm.grounding import InkLine, ground

SIZE = (2000, 2000)
LETTER = 10
PITCH = 40
SURE = 0.97
UNSURE = 0.3


def box(text: str, column: int, row: int) -> Box:
    x = LETTER * column
    return Box(x, PITCH * row, x + LETTER * len(text), PITCH * row + 20)


def line(text: str, row: int, *, column: int = 0, confidence: float = SURE) -> Line:
    words = []
    for word in text.split(" "):
        words.append(Word(word, box(word, column, row), confidence))
        column += len(word) + 1
    return Line(tuple(words), Box(words[0].bbox.x0, words[0].bbox.y0, words[-1].bbox.x1, words[-1].bbox.y1))


def witness(*lines: Line) -> tuple[Block, ...]:
    return (Block(lines, Box(0, 0, *SIZE)),)


def ink(*lines: Line) -> tuple[InkLine, ...]:
    """Each letter a piece, a pixel narrower than its place."""
    return tuple(
        InkLine(each.bbox, tuple(piece for word in each.words for piece in letters(word))) for each in lines
    )


def letters(word: Word) -> list[Box]:
    x, y = word.bbox.x0, word.bbox.y0
    return [Box(x + LETTER * at, y, x + LETTER * at + 9, y + 20) for at in range(len(word.text))]


def paragraph(text: str, legibility: Legibility = Legibility.CLEAR) -> BlockAnswer:
    return BlockAnswer(role=Role.PARAGRAPH, text=text, legibility=legibility)


def grounded(
    *blocks: BlockAnswer, seen: tuple[Block, ...], written: tuple[InkLine, ...] = ()
) -> tuple[Block, ...]:
    return ground(PageAnswer(blocks=blocks), seen, written, SIZE)[0]


def words(*blocks: Block) -> list[Word]:
    return [word for block in blocks for each in block.lines for word in each.words]


def word(text: str, *blocks: Block) -> Word:
    return next(each for each in words(*blocks) if each.text == text)


PROSE = ("the quick brown fox jumps over", "a lazy dog and runs away from", "seven angry bees in June 1984")
SEEN = witness(*(line(text, row) for row, text in enumerate(PROSE)))
TRUE_BOXES = [each.bbox for block in SEEN for row in block.lines for each in row.words]


def test_words_have_the_boxes_of_the_witness_and_lines_are_where_they_are() -> None:
    (block,) = grounded(paragraph(" ".join(PROSE)), seen=SEEN)
    assert [each.bbox for each in words(block)] == TRUE_BOXES
    assert block_text(block) == "\n".join(PROSE)
    assert all(each.confidence > 0.9 for each in words(block))


def test_blocks_stay_in_the_models_order() -> None:
    found = grounded(*(paragraph(text) for text in reversed(PROSE)), seen=SEEN)
    assert [block_text(block) for block in found] == list(reversed(PROSE))
    assert [block.bbox.y0 for block in found] == [2 * PITCH, PITCH, 0]


def test_inserted_words_are_not_believed_and_stay_between_their_neighbours() -> None:
    (block,) = grounded(paragraph(" ".join(PROSE).replace("fox", "fox allegedly")), seen=SEEN)
    inserted = word("allegedly", block)
    assert inserted.confidence <= 0.3
    assert word("fox", block).bbox.x1 <= inserted.bbox.x0 <= inserted.bbox.x1 <= word("jumps", block).bbox.x0
    assert all(each.confidence > 0.3 for each in words(block) if each is not inserted)
    assert [each.bbox for each in words(block) if each is not inserted] == TRUE_BOXES


def test_an_inserted_paragraph_is_not_believed() -> None:
    found = grounded(
        paragraph(PROSE[0]), paragraph("nothing of this was ever said"), paragraph(PROSE[1]), seen=SEEN
    )
    assert all(each.confidence <= 0.3 for each in words(found[1]))
    assert all(each.confidence > 0.9 for each in words(found[0], found[2]))


@pytest.mark.parametrize(("true", "planted"), [("1984", "1934"), ("June", "Rome"), ("angry", "happy")])
def test_what_contradicts_a_sure_witness_is_not_believed_but_placed(true: str, planted: str) -> None:
    (block,) = grounded(paragraph(" ".join(PROSE).replace(true, planted)), seen=SEEN)
    assert word(planted, block).confidence <= 0.3
    assert [each.bbox for each in words(block)] == TRUE_BOXES


@pytest.mark.parametrize("misread", ["arigiy", "onqry", "xx~x"])
def test_a_word_that_the_witness_guessed_wrong_is_believed(misread: str) -> None:
    doubtful = Word(misread, Box(60, 80, 110, 100), UNSURE)
    rest = (*line("seven", 2).words, doubtful, *line("bees in June 1984", 2, column=12).words)
    seen = witness(line(PROSE[0], 0), line(PROSE[1], 1), Line(rest, Box(0, 80, 290, 100)))
    (block,) = grounded(paragraph(" ".join(PROSE)), seen=seen)
    assert word("angry", block).confidence > 0.3
    assert word("angry", block).bbox == doubtful.bbox


def test_a_word_that_the_witness_took_for_two_is_around_both() -> None:
    seen = witness(line("the qu ick brown fox jumps over", 0))
    (block,) = grounded(paragraph(PROSE[0]), seen=seen)
    assert word("quick", block).bbox == Box(40, 0, 100, 20)
    assert word("quick", block).confidence > 0.9


def test_words_that_the_witness_took_for_one_share_its_box() -> None:
    seen = witness(line("the quickbrown fox jumps over", 0))
    (block,) = grounded(paragraph(PROSE[0]), seen=seen)
    quick, brown = word("quick", block), word("brown", block)
    assert (quick.bbox.x0, brown.bbox.x1) == (40, 140)
    assert abs(quick.bbox.x1 - 90) <= 6 and quick.bbox.x1 == brown.bbox.x0
    assert min(quick.confidence, brown.confidence) > 0.9


def test_a_word_parted_by_a_lines_end_is_on_both_lines() -> None:
    seen = witness(line("the committee post-", 0), line("poned its decision", 1))
    (block,) = grounded(paragraph("the committee postponed its decision"), seen=seen)
    assert block_text(block) == "the committee post-\nponed its decision"
    assert word("poned", block).bbox == Box(0, PITCH, 50, PITCH + 20)


def test_quotes_dashes_and_ligatures_make_no_difference() -> None:
    seen = witness(line("\u201cfi\ufb01ne\u201d \u2013 he said", 0))
    (block,) = grounded(paragraph('"fifine" - he said'), seen=seen)
    assert all(each.confidence > 0.9 for each in words(block))


def test_repeated_words_are_told_apart_by_what_is_around_them() -> None:
    texts = ["total 5 pieces here", "total 5 boxes there", "total 5 bags elsewhere"]
    seen = witness(*(line(text, row) for row, text in enumerate(texts)))
    found = grounded(*(paragraph(texts[at]) for at in (2, 0, 1)), seen=seen)
    assert [each.bbox.y0 for each in words(*found)] == [2 * PITCH] * 4 + [0] * 4 + [PITCH] * 4


def test_a_script_without_blanks_is_cut_into_the_witness_words() -> None:
    seen = witness(line("今天 天气 很好", 0), line("我们 去 公园", 1))
    (block,) = grounded(paragraph("今天天气很好我们去公园"), seen=seen)
    assert [each.text for each in words(block)] == ["今天", "天气", "很好", "我们", "去", "公园"]
    assert block_text(block) == "今天天气很好\n我们去公园"


def test_lines_from_right_to_left_keep_the_order_of_reading() -> None:
    texts = ["שלום", "לכל", "העולם"]
    row = Line(
        tuple(Word(t, Box(300 - 100 * at, 0, 390 - 100 * at, 20), SURE) for at, t in enumerate(texts)),
        Box(100, 0, 390, 20),
    )
    (block,) = grounded(paragraph(" ".join(texts)), seen=witness(row))
    assert [each.text for each in words(block)] == texts
    assert len(block.lines) == 1


def test_a_word_that_the_witness_missed_is_on_the_ink_between_its_neighbours() -> None:
    whole = line(PROSE[0], 0)
    seen = witness(Line(tuple(each for each in whole.words if each.text != "brown"), whole.bbox))
    (block,) = grounded(paragraph(PROSE[0]), seen=seen, written=ink(whole))
    assert word("brown", block).bbox == Box(100, 0, 149, 20)
    assert 0.3 < word("brown", block).confidence < 0.9


def test_ink_does_not_make_a_sentence_true_that_is_far_too_long_for_it() -> None:
    whole = line(PROSE[0], 0)
    seen = witness(Line(tuple(each for each in whole.words if each.text != "fox"), whole.bbox))
    planted = "and on the following day everybody went home to have dinner"
    (block,) = grounded(paragraph(PROSE[0].replace("fox", planted)), seen=seen, written=ink(whole))
    assert all(each.confidence <= 0.3 for each in words(block) if each.text in ("everybody", "dinner"))


@pytest.mark.parametrize("separator", ["\n", " "])
def test_handwriting_that_nobody_read_is_put_on_the_lines_of_ink(separator: str) -> None:
    answer = paragraph(separator.join(PROSE), Legibility.PARTLY)
    (block,) = grounded(answer, seen=(), written=ink(*(line(t, row) for row, t in enumerate(PROSE))))
    assert block_text(block) == "\n".join(PROSE)
    assert [each.bbox.y0 for each in words(block)] == [each.y0 for each in TRUE_BOXES]
    assert {each.confidence for each in words(block)} == {0.55}


def test_without_ink_nothing_is_believed_and_all_is_on_the_page() -> None:
    (block,) = grounded(paragraph("\n".join(PROSE)), seen=())
    assert all(each.confidence <= 0.3 for each in words(block))
    assert all(0 <= each.bbox.x0 <= each.bbox.x1 <= SIZE[0] for each in words(block))


def test_boxes_are_fitted_to_the_ink() -> None:
    sloppy = [
        Word(w.text, Box(w.bbox.x0 + 3, w.bbox.y0 - 8, w.bbox.x1 - 4, w.bbox.y1 + 6), SURE)
        for w in line(PROSE[0], 0).words
    ]
    seen = witness(Line(tuple(sloppy), Box(0, 0, 300, 20)))
    (block,) = grounded(paragraph(PROSE[0]), seen=seen, written=ink(line(PROSE[0], 0)))
    true = [Box(b.x0, b.y0, b.x1 - 1, b.y1) for b in (w.bbox for w in line(PROSE[0], 0).words)]
    assert [each.bbox for each in words(block)] == true


def test_cells_have_the_boxes_of_their_words_and_empty_ones_where_row_and_column_meet() -> None:
    rows = [("Fruit", "Weight"), ("Cherry", "12"), ("Lemon", "")]
    seen = witness(
        line("Fruit", 0),
        line("Cherry", 1),
        line("Lemon", 2),
        line("Weight", 0, column=40),
        line("12", 1, column=40),
    )
    table = tuple(tuple(CellAnswer(text=text) for text in row) for row in rows)
    answer = PageAnswer(blocks=(BlockAnswer(role=Role.TABLE, text="", table=table),))
    (block,), (found,) = ground(answer, seen, (), SIZE)
    assert block_text(block) == "Fruit Weight\nCherry 12\nLemon"
    boxes = {(cell.row, cell.column): cell.bbox for cell in found.cells}
    assert boxes[1, 1] == Box(400, 40, 420, 60)
    assert boxes[2, 1] == Box(400, 80, 460, 100)
    assert all((cell.confidence or 0) > 0.9 for cell in found.cells if cell.text)


def test_cells_that_span_push_others_aside() -> None:
    table = ((CellAnswer(text="a", row_span=2), CellAnswer(text="b", column_span=2)), (CellAnswer(text="c"),))
    answer = PageAnswer(blocks=(BlockAnswer(role=Role.TABLE, text="", table=table),))
    _, (found,) = ground(answer, witness(line("a b", 0), line("c", 1)), (), SIZE)
    assert [(cell.row, cell.column, cell.row_span, cell.column_span) for cell in found.cells] == [
        (0, 0, 2, 1),
        (0, 1, 1, 2),
        (1, 1, 1, 1),
    ]


def test_a_formula_is_around_the_ink_between_its_neighbours() -> None:
    formula = BlockAnswer(role=Role.FORMULA, text="", latex=r"\frac{a}{b}=c")
    written = ink(line(PROSE[0], 0), line("a=bc", 1, column=8), line(PROSE[1], 2))
    seen = witness(line(PROSE[0], 0), line(PROSE[1], 2))
    found = grounded(paragraph(PROSE[0]), formula, paragraph(PROSE[1]), seen=seen, written=written)
    assert found[1].bbox == Box(80, 40, 119, 60)
    assert words(found[1])[0].confidence > 0.3
    assert found[1].latex == r"\frac{a}{b}=c"


def test_a_table_without_cells_is_a_paragraph() -> None:
    blocks, tables = ground(PageAnswer(blocks=(BlockAnswer(role=Role.TABLE, text=PROSE[0]),)), SEEN, (), SIZE)
    assert (blocks[0].role, tables) == (Role.PARAGRAPH, ())


def test_spans_make_no_table_wider_than_any_is() -> None:
    table = (tuple(CellAnswer(text="a", column_span=1000) for _ in range(20)),)
    answer = PageAnswer(blocks=(BlockAnswer(role=Role.TABLE, text="", table=table),))
    _, (found,) = ground(answer, (), (), SIZE)
    assert max(cell.column + cell.column_span for cell in found.cells) < 300
