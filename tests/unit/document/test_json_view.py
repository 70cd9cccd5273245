from common.document.geometry import Box
from common.document.json_view import View, page_view, with_lines
from common.document.page import Block, Engine, Line, Page, Word

BOX = Box(0, 0, 20, 10)


def page(*words: Word) -> Page:
    return Page(400, 200, Engine.TESSERACT, (Block((Line(words, BOX),), BOX),))


def first_line(page: Page) -> View:
    view = with_lines(page_view(page, index=0, source_page=1), page)
    line: View = view["blocks"][0]["lines"][0]
    return line


def test_a_line_has_the_blanks_of_its_block() -> None:
    chinese = page(Word("中", BOX, 0.9), Word("文", BOX, 0.9))
    assert (
        first_line(chinese)["text"]
        == page_view(chinese, index=0, source_page=1)["blocks"][0]["text"]
        == "中文"
    )


def test_words_name_who_read_them_where_that_is_another_than_the_page_says() -> None:
    line = first_line(page(Word("own", BOX, 0.9), Word("other", BOX, 0.9, Engine.PP_OCR)))
    assert [word.get("engine") for word in line["words"]] == [None, "pp-ocr"]
    assert "engine" not in line["words"][0]


def test_a_view_without_lines_stays_so_when_one_with_them_is_made() -> None:
    of = page(Word("word", BOX, 0.9))
    view = page_view(of, index=0, source_page=1)
    full = with_lines(view, of)
    assert "lines" not in view["blocks"][0]
    assert {**full, "blocks": view["blocks"]} == view
